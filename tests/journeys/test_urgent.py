"""Urgent release in the browser: a signer alone at the desk, then the second person, then the review; usable by everybody."""

import os
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Town

pytestmark = [pytest.mark.browser, pytest.mark.slow]
People = Callable[..., Page]
# By what they are, not by their words: the journey is the same in every language.
WORDS = {"地点": "下仓镇沟河沿线", "转移路线": "镇西路", "安置点": "镇中心小学"}


@pytest.fixture(scope="module")
def template(town: Town) -> str:
    """An evacuation instruction that the leader has adopted."""
    found = town.it.api("leader").get("/api/v1/templates")["items"]
    shipped = next(one for one in found if one["name"].startswith("转移指令：山洪") and one["level"] == 1)
    return str(town.it.api("leader").post(f"/api/v1/templates/{shipped['id']}/approve", {})["id"])


def test_one_signer_releases_and_two_others_close_it(
    town: Town, template: str, people: People, axe: Callable[[Page], None]
) -> None:
    page = town.enter(people, "signer")
    page.goto(f"{town.it.url}/alerts/urgent/")
    axe(page)
    page.locator(f"a[href$='template={template}']").click()
    for name, value in WORDS.items():
        page.get_by_label(name, exact=True).fill(value)
    page.locator("input[name=areas]").first.check()
    axe(page)
    page.locator("main form button.btn-danger").click()
    page.wait_for_url(f"{town.it.url}/alerts/*/urgent/")
    expect(page.locator(".phone").first).to_contain_text("沟河沿线")
    axe(page)
    page.locator("input[name=people]").fill(page.locator(".restated .big").inner_text())
    page.locator("input[name=code]").fill(town.it.people["signer"].codes.pop())
    page.locator("main form button.btn-danger").click()
    expect(page.locator(".notice-title").first).to_contain_text("山洪")
    axe(page)
    address = page.url

    second = town.enter(people, "duty_officer")
    second.locator(f"#desk a[href='{address.removeprefix(town.it.url)}']").click()
    second.locator("input[name=note]").fill("已与签发员通话")
    second.locator("button[value=confirm]").click()
    expect(second.locator("button[value=confirm]")).to_have_count(0)
    axe(second)

    third = town.enter(people, "reviewer")
    third.goto(address)
    third.locator("textarea[name=reason]").fill("山洪属实，转移及时")
    third.locator("button[value=review]").click()
    expect(third.locator("button[value=review]")).to_have_count(0)
    page.goto(f"{town.it.url}/")
    expect(page.locator(f"#desk a[href='{address.removeprefix(town.it.url)}']")).to_have_count(0)
    town.it.settled(os.path.basename(os.path.dirname(address.rstrip("/"))))


def test_replies_are_read_at_the_desk(town: Town, people: People, axe: Callable[[Page], None]) -> None:
    town.it.smsc.message("10088888888", "12379", "河水漫过桥面")
    page = town.enter(people, "duty_officer")
    page.goto(f"{town.it.url}/replies/")
    for _ in range(40):
        if page.locator("tbody tr").count():
            break
        page.wait_for_timeout(250)
        page.reload()
    expect(page.locator("tbody tr").first).to_contain_text("河水漫过桥面")
    axe(page)
