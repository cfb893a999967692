"""The line breaks after the centre took a message and before it said so: everyone concerned is listed, and a person may decide."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Town
from tests.makers.instance import running_instance

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CUT = {"drop_after": [1], "lose_reports": 1.0}


@pytest.fixture(scope="module")
def cut_off() -> Iterator[Town]:
    """A centre that takes the first message, cuts the line without an answer and reports nothing."""
    with running_instance(recipients=60, behaviour=CUT) as it:
        yield Town(it)


def test_everyone_in_doubt_is_listed_with_what_happens_next_and_can_be_settled(
    cut_off: Town, people: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    alert = cut_off.it.signed(headline="断线时的预警")
    page = cut_off.enter(people, "duty_officer")
    listed = page.locator("input[name=recipient]")
    page.goto(f"{cut_off.it.url}/in-doubt/")
    for _ in range(40):
        if listed.count():
            break
        page.wait_for_timeout(500)
        page.reload()
    doubtful = listed.count()
    assert 0 < doubtful <= 60
    expect(page.locator("tbody tr").first).to_contain_text("自动再发一次")
    expect(page.locator("tbody tr").first).to_contain_text("****")
    axe(page)
    page.goto(f"{cut_off.it.url}/")
    expect(page.locator("[aria-labelledby=h-doubt] .big")).to_have_text(str(doubtful))
    page.goto(f"{cut_off.it.url}/alerts/{alert['id']}/recipients/?state=in_doubt")
    expect(page.locator("tbody tr").first).to_contain_text("存疑")

    page.goto(f"{cut_off.it.url}/in-doubt/")
    first = listed.first.get_attribute("value")
    listed.first.check()
    page.locator("form:has(table) button[value=accept]").click()
    expect(page.locator(".notice-success")).to_contain_text("1 名接收人")
    for _ in range(20):
        if page.locator(f"input[value='{first}']").count() == 0:
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(page.locator(f"input[value='{first}']")).to_have_count(0)
    expect(listed).to_have_count(doubtful - 1)
