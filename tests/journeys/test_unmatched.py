"""A centre whose second receipts say the opposite: the first counts, the second is shown, and a person says that it was seen."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import PHONE
from tests.journeys.conftest import Town
from tests.makers.instance import running_instance

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SAYS_BOTH = {"contradict_reports": 1.0, "report_delay": [0.02, 0.2]}


@pytest.fixture(scope="module")
def two_tongued() -> Iterator[Town]:
    with running_instance(recipients=30, behaviour=SAYS_BOTH) as it:
        yield Town(it)


def test_contradicting_receipts_are_listed_told_on_the_desk_and_noted_by_a_person(
    two_tongued: Town, people: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    it = two_tongued.it
    it.signed(headline="两种回执的预警")
    page = two_tongued.enter(people, "duty_officer")
    rows = page.locator("tbody tr")
    page.goto(f"{it.url}/unmatched/")
    for _ in range(60):
        if rows.count() >= 30:
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(rows).to_have_count(30)
    expect(rows.first).to_contain_text("simulator")
    expect(rows.first).to_contain_text("****")
    axe(page)
    page.goto(f"{it.url}/")
    expect(page.locator("[aria-labelledby=h-gateways] a[href='/unmatched/']")).to_be_visible()
    page.goto(f"{it.url}/gateways/")
    page.locator("#gateways a[href='/unmatched/']").click()
    page.locator("form[action='/unmatched/seen/'] button").click()
    expect(page.locator("form[action='/unmatched/seen/']")).to_have_count(0)
    expect(rows).to_have_count(30)  # seen is not gone
    page.goto(f"{it.url}/")
    expect(page.locator("[aria-labelledby=h-gateways] a[href='/unmatched/']")).to_have_count(0)


def test_on_a_phone_nothing_stands_sideways(
    two_tongued: Town, people: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    page = two_tongued.enter(people, "leader", viewport=PHONE)
    page.goto(f"{two_tongued.it.url}/unmatched/")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
