"""A warning from above rings on the desk until somebody takes note, and leaves again with origin and wording kept (W3)."""

import re
import time
import urllib.request
from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import RECIPIENTS, Town
from tests.warning.relay.messages import county, with_info, xml

pytestmark = [pytest.mark.browser, pytest.mark.slow]
People = Callable[..., Page]
TEXT = "预计今天夜间我区将出现 50 毫米以上降雨，请注意防范。"
PLEDGE = 60  # seconds of handling


def handed_in(town: Town, raw: bytes) -> None:
    """As another platform does it."""
    headers = {
        "Authorization": f"Bearer {town.it.people['duty_officer'].token}",
        "Idempotency-Key": uuid4().hex,
        "Content-Type": "application/cap+xml",
    }
    request = urllib.request.Request(f"{town.it.url}/api/v1/arrivals", raw, headers)
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200


def press(page: Page, do: str) -> None:
    page.locator(f"button[name=do][value={do}]").first.click()


def test_the_desk_rings_and_the_warning_is_relayed_within_the_pledge(
    town: Town, people: People, axe: Callable[[Page], None], record_property: Callable[[str, object], None]
) -> None:
    url = town.it.url
    pages = {post: town.enter(people, post) for post in ("duty_officer", "reviewer", "leader", "signer")}
    duty = pages["duty_officer"]
    duty.locator("h1").click()  # the browser lets a page sound once somebody has touched it
    assert duty.locator("[data-ring]").count() == 0
    handed_in(town, xml())
    began = time.monotonic()
    expect(duty.locator("[data-ring]")).to_have_count(1)
    expect(duty.locator("html")).to_have_attribute("data-ringing", "yes")
    expect(duty.locator("[data-since]").first).to_have_text(re.compile(r"\d+"))
    axe(duty)
    press(duty, "see")
    expect(duty.locator("[data-ring]")).to_have_count(0)
    expect(duty.locator("html")).not_to_have_attribute("data-ringing", "yes")

    press(duty, "forward")
    duty.wait_for_url(re.compile("/edit/$"))
    expect(duty.locator("#id_body")).to_have_value(TEXT)
    expect(duty.locator("#id_origin_text")).to_have_value(TEXT)
    duty.get_by_role("button", name="提交审核").click()
    duty.wait_for_url(re.compile("/review/$"))
    alert = duty.url.split("/")[-3]
    for post, do in (("reviewer", "review"), ("leader", "approve")):
        pages[post].goto(f"{url}/alerts/{alert}/review/")
        press(pages[post], do)
        pages[post].wait_for_load_state()
    signer = pages["signer"]
    signer.goto(f"{url}/alerts/{alert}/sign/")
    signer.get_by_label("发送人数").fill(str(RECIPIENTS))
    signer.get_by_label("验证码", exact=True).fill(town.it.people["signer"].totp())
    signer.get_by_role("button", name="签发并发布演练信息").click()
    signer.wait_for_url(re.compile("/progress/$"))
    took = time.monotonic() - began
    record_property("relay_handling_seconds", round(took, 1))
    print(f"relay: {took:.1f} s from arrival to signature, 6 presses and 2 fields")
    assert took < PLEDGE

    page = signer.locator("main a[href^='/v/']").first
    page.click()
    expect(signer.locator("main")).to_contain_text("蓟州区气象台")
    expect(signer.locator(".public-sms").first).to_contain_text("预计今天夜间我区将出现")


def test_typed_words_and_refused_documents_on_the_pages(
    town: Town, people: People, axe: Callable[[Page], None]
) -> None:
    duty = town.enter(people, "duty_officer")
    duty.goto(f"{town.it.url}/arrivals/new/")
    axe(duty)
    duty.select_option("#id_how", "paste")
    elsewhere = with_info(county(("130000000000",), identifier="elsewhere"))
    duty.fill("#id_text", xml(elsewhere).decode())
    duty.locator("main form button.btn-primary").click()
    duty.wait_for_url(re.compile(r"/arrivals/[0-9A-Z]{26}/$"))
    expect(duty.locator("[role=alert]").first).to_contain_text("13")
    assert duty.locator("[data-ring]").count() == 0
    axe(duty)
    duty.goto(f"{town.it.url}/arrivals/")
    axe(duty)
    expect(duty.locator("tbody tr").first).to_contain_text("蓟州区气象台")
