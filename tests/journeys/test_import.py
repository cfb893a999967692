"""A list of people through a real browser: chosen, looked at, applied while one watches, taken back (W10)."""

import csv
import io
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import DESK, PHONE
from tests.journeys.conftest import RECIPIENTS, Town

pytestmark = [pytest.mark.browser, pytest.mark.slow]
People = Callable[..., Page]
MANY = 12_000  # several parts, so that the bar is met on its way
# By the page itself, over reloads, so that nothing is missed between two looks.
KEEP_WHAT_THE_BAR_SHOWS = """
window.seen = JSON.parse(sessionStorage.seen || "[]");
setInterval(() => {
    const bar = document.querySelector("progress");
    if (!bar || window.seen.at(-1) === bar.value) return;
    window.seen.push(bar.value);
    sessionStorage.seen = JSON.stringify(window.seen);
}, 50);
"""


def listed(area: str, count: int, first: int = 10_500_000_000) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["姓名", "辖区", "手机"])
    writer.writerows([f"来人{one}", area, first + one] for one in range(count))
    writer.writerow(["坏行", area, "12345"])
    return text.getvalue().encode()


def people_count(page: Page, town: Town) -> int:
    page.goto(f"{town.it.url}/contacts/")
    found = re.search(r"\d+", page.locator(".page-head .count").inner_text())
    assert found
    return int(found[0])


def chosen(page: Page, town: Town, data: bytes, name: str = "名单.csv") -> None:
    page.goto(f"{town.it.url}/contacts/imports/")
    page.set_input_files("input[type=file]", {"name": name, "mimeType": "text/csv", "buffer": data})
    page.locator("main form button.btn-primary").click()
    page.wait_for_url(re.compile(r"/contacts/imports/[0-9A-Z]{26}/$"))


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_a_list_is_looked_at_applied_while_one_watches_and_taken_back(
    town: Town, people: People, axe: Callable[[Page], None], viewport: dict[str, int]
) -> None:
    keeper = town.enter(people, "resource_keeper", viewport=viewport)
    before = people_count(keeper, town)
    assert before == RECIPIENTS
    chosen(keeper, town, listed(town.it.area, MANY))
    expect(keeper.locator("main")).to_contain_text(str(MANY))
    expect(keeper.locator("main tbody tr")).to_have_count(1)  # the refused row comes first
    expect(keeper.locator("main tbody")).to_contain_text("12345")
    axe(keeper)
    assert keeper.evaluate("document.documentElement.scrollWidth") <= viewport["width"]

    keeper.add_init_script(KEEP_WHAT_THE_BAR_SHOWS)
    keeper.get_by_role("button", name="确认导入").click()
    undo = keeper.locator("button[name=do][value=undo]")
    expect(undo).to_be_visible(timeout=60_000)  # nobody reloaded the page
    seen = keeper.evaluate("window.seen")
    assert seen == sorted(seen)
    assert len(seen) >= 2, "the bar was never met on its way"
    axe(keeper)
    assert people_count(keeper, town) == before + MANY

    keeper.go_back()
    undo.click()
    expect(undo).to_have_count(0)
    expect(keeper.locator("progress")).to_have_count(0, timeout=60_000)
    expect(keeper.locator("#import .state")).to_have_class(re.compile("state-"))
    axe(keeper)
    assert people_count(keeper, town) == before


def test_an_export_is_asked_for_and_agreed_to_at_two_desks(
    town: Town, people: People, axe: Callable[[Page], None]
) -> None:
    keeper, leader = town.enter(people, "resource_keeper"), town.enter(people, "leader")
    keeper.goto(f"{town.it.url}/contacts/exports/")
    axe(keeper)
    keeper.fill("#id_purpose", "汛前核对")
    keeper.select_option("#id_format", "csv")
    keeper.locator("main form button.btn-primary").click()
    keeper.wait_for_url(re.compile(r"/contacts/exports/[0-9A-Z]{26}/$"))
    axe(keeper)
    leader.goto(keeper.url)
    axe(leader)
    leader.get_by_label("验证码", exact=True).fill(town.it.people["leader"].totp())
    leader.locator("button[name=do][value=agree]").click()
    leader.wait_for_load_state()
    keeper.reload()
    axe(keeper)
    keeper.get_by_label("验证码", exact=True).fill(town.it.people["resource_keeper"].totp())
    with keeper.expect_download() as download:
        keeper.locator("button[name=do][value=fetch]").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert len(text.splitlines()) == 2 + RECIPIENTS
    assert all(town.it.people[one].name in text.splitlines()[0] for one in ("resource_keeper", "leader"))
