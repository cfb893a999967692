"""The gateway is gone while people are at their desks: it rings within a minute, says what to do, and clears by itself (FAULTS G5).
A pause rings for everybody, and one signer resumes."""

import re
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Town
from tests.makers.instance import running_instance

pytestmark = [pytest.mark.browser, pytest.mark.slow]
People = Callable[..., Page]
TOLD_WITHIN = 60.0


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    """A town behind a line so slow that an alert is on its way for a while."""
    with running_instance(recipients=120, rate=2) as it:
        yield Town(it)


def touched(page: Page) -> Page:
    """The browser lets a page sound once somebody has touched it."""
    page.locator("h1").click()
    return page


def test_a_pause_rings_on_every_desk_and_one_signer_resumes(town: Town, people: People) -> None:
    entry, leader, signer = (touched(town.enter(people, post)) for post in ("entry", "leader", "signer"))
    entry.goto(f"{town.it.url}/sending/pause/")
    entry.locator("#id_reason").fill("正文有误，先停下")
    entry.locator("main form button.btn-danger").click()
    for page in (leader, signer):
        expect(page.locator("html")).to_have_attribute("data-ringing", "yes")
        notice = page.locator("[data-ring]")
        expect(notice).to_contain_text("正文有误，先停下")
        expect(notice).to_contain_text(town.it.people["entry"].name)
    expect(entry.locator("[data-ring]")).to_have_count(0)
    leader.locator("[data-ring] form button").click()
    expect(leader.locator("html")).not_to_have_attribute("data-ringing", "yes")
    expect(signer.locator("html")).to_have_attribute("data-ringing", "yes")
    signer.goto(f"{town.it.url}/sending/resume/")
    signer.get_by_label("验证码", exact=True).fill(town.it.people["signer"].totp())
    signer.locator("main form button.btn-primary, main form button.btn-danger").first.click()
    signer.wait_for_url(f"{town.it.url}/")
    for page in (leader, signer):
        expect(page.locator("[role=alert]")).to_have_count(0)


def test_a_gateway_that_is_gone_rings_within_a_minute_and_clears_by_itself(
    town: Town, people: People, axe: Callable[[Page], None], record_property: Callable[[str, object], None]
) -> None:
    alert = town.it.signed()
    duty = touched(town.enter(people, "duty_officer"))
    line = touched(town.enter(people, "system_admin"))
    line.goto(f"{town.it.url}/gateways/")
    expect(line.locator("#gateways")).to_contain_text("simulator")
    expect(line.locator("#gateways .state-good").first).to_be_visible()
    town.it.smsc.change(login_status=3)
    town.it.kill("sender")  # the next one is not let in
    began = time.monotonic()
    try:
        expect(duty.locator("[data-ring^='alarm:']")).to_have_count(1, timeout=TOLD_WITHIN * 1000)
        took = time.monotonic() - began
        record_property("alarm_seconds", round(took, 1))
        print(f"alarm: {took:.1f} s after the gateway let nobody in")
        assert took < TOLD_WITHIN
        expect(duty.locator("html")).to_have_attribute("data-ringing", "yes")
        axe(duty)
        expect(line.locator("#gateways [data-ring]")).to_have_count(1)
        axe(line)
        duty.goto(f"{town.it.url}/alerts/{alert['id']}/progress/")
        paper = duty.locator("#progress a[href$='wake-up-list.pdf']")
        printed = duty.request.get(f"{town.it.url}{paper.get_attribute('href')}")
        assert printed.headers["content-type"] == "application/pdf"
        assert printed.body().startswith(b"%PDF")
        duty.goto(f"{town.it.url}/")
        duty.locator("[data-ring] button").click()
        expect(duty.locator("[data-ring]")).to_have_count(0)
        expect(duty.locator(".panel-alarm")).to_contain_text(re.compile(town.it.people["duty_officer"].name))
    finally:
        town.it.smsc.change(login_status=0)
    expect(duty.locator(".panel-alarm")).to_have_count(0, timeout=90_000)
