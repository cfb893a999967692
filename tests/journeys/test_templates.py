"""The daily tool: a newcomer's first warning from a template, by mouse, by keyboard and on a phone; nothing typed is lost."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.browser import PHONE, Watch
from tests.journeys.conftest import RECIPIENTS, Town

pytestmark = [pytest.mark.browser, pytest.mark.slow]
People = Callable[..., Page]
SHANGHAI = ZoneInfo("Asia/Shanghai")
ORIGINAL = "蓟州区气象台发布暴雨黄色预警信号：预计今天夜间我区有50毫米以上降雨。"
MOST_FIELDS, MOST_SECONDS = 12, 90.0


@dataclass
class Hand:
    """Someone who is new here: looks before every act, and types no faster than people do.

    That time is counted, not waited for: what the pages themselves take stands on the clock, what the person takes in `seconds`.
    """

    page: Page
    look: float = 1.5  # seconds to find the next thing
    character: float = 0.6  # seconds per Chinese character: a hundred a minute
    key: float = 0.25  # seconds per digit or letter
    seconds: float = 0.0  # looking and typing so far
    fields: list[str] = field(default_factory=list)

    def press(self, label: str | re.Pattern[str], *, counts: bool = False) -> None:
        self.seconds += self.look
        self.page.get_by_role("button", name=label, exact=isinstance(label, str)).first.click()
        if counts:
            self.fields.append(str(label))

    def follow(self, label: str) -> None:
        self.seconds += self.look
        self.page.get_by_role("link", name=label).first.click()

    def type(self, selector: str, text: str) -> None:
        self.seconds += self.look + sum(self.key if one.isascii() else self.character for one in text)
        self.page.fill(selector, text)
        self.fields.append(selector)

    def choose(self, selector: str, value: str) -> None:
        self.seconds += self.look
        self.page.select_option(selector, value)
        self.fields.append(selector)

    def tick(self, part: str, label: str) -> None:
        self.seconds += self.look
        self.page.locator(part).get_by_label(label, exact=True).check()
        self.fields.append(part)


def issued() -> str:
    return (datetime.now(UTC) - timedelta(minutes=5)).astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")


def test_a_newcomers_first_warning_takes_few_fields_and_little_time(
    town: Town, people: People, record_property: Callable[[str, object], None]
) -> None:
    pages = {post: town.enter(people, post) for post in ("entry", "reviewer", "leader", "signer")}
    hands = {post: Hand(page) for post, page in pages.items()}
    began = time.monotonic()
    clerk, page = hands["entry"], pages["entry"]
    clerk.follow("录入预警信息")
    clerk.press("暴雨黄色预警", counts=True)
    expect(page.locator("#id_blank_2")).to_be_focused()
    clerk.type("#id_blank_2", "50")
    clerk.type("#id_origin_text", ORIGINAL)
    clerk.type("#id_origin_issuer", "蓟州区气象台")
    clerk.choose("#id_origin_how", "phone")
    clerk.type("#id_origin_issued_at", issued())
    clerk.tick("#list-audience_areas", "下仓镇")
    clerk.press("提交审核")
    page.wait_for_url(re.compile("/review/$"))
    alert = page.url.split("/")[-3]
    for post, label in (("reviewer", "审核通过"), ("leader", "批准")):
        pages[post].goto(f"{town.it.url}/alerts/{alert}/review/")
        hands[post].press(label)
    signer, page = hands["signer"], pages["signer"]
    page.goto(f"{town.it.url}/alerts/{alert}/sign/")
    signer.type("#id_people", str(RECIPIENTS))
    signer.type("#id_code", town.it.people["signer"].totp())
    signer.press("签发并发布演练信息")
    page.wait_for_url(re.compile("/progress/$"))
    took = time.monotonic() - began + sum(hand.seconds for hand in hands.values())
    fields = [one for hand in hands.values() for one in hand.fields]
    record_property("seconds", round(took, 1))
    record_property("fields", len(fields))
    print(f"first signed warning: {took:.1f} s of handling, {len(fields)} fields: {fields}")
    town.it.settled(alert)
    row = next(row for row in town.it.smsc.rows() if "暴雨黄色预警：预计" in row["text"])
    assert "下仓镇将出现50毫米以上降雨" in row["text"]
    assert len(fields) <= MOST_FIELDS
    assert took <= MOST_SECONDS


def begun(page: Page, town: Town, label: str = "暴雨黄色预警") -> None:
    page.goto(f"{town.it.url}/alerts/new/")
    page.get_by_role("button", name=label, exact=True).click()
    expect(page.locator("#blanks")).to_be_visible()


def test_the_words_follow_the_blanks_the_places_and_the_times(town: Town, people: People) -> None:
    page = town.enter(people, "entry")
    begun(page, town)
    page.fill("#id_blank_2", "80")
    expect(page.locator("#id_body")).to_have_value(re.compile("下仓镇将出现80毫米以上降雨"))
    expect(page.locator("#check .bubble")).to_contain_text("80毫米以上")
    page.locator("#list-areas summary").click()
    page.locator("#list-areas").get_by_label("下仓镇", exact=True).uncheck()
    village = page.locator("#below-areas label").first
    name = village.inner_text().strip()
    village.click()
    expect(page.locator("#id_blank_0")).to_have_value(name)
    expect(page.locator("#id_headline")).to_have_value(f"{name}暴雨黄色预警")
    page.fill("#id_starts_at", "2030-07-22T15:00")
    page.fill("#id_expires_at", "2030-07-23T03:30")
    page.locator("#id_expires_at").blur()
    expect(page.locator("#id_blank_1")).to_have_value("22日15时至23日3时30分")
    page.fill("#id_body", "自己写的内容")
    page.fill("#id_blank_2", "90")
    expect(page.locator("#id_body")).to_have_value("自己写的内容")


def test_by_keyboard_alone(town: Town, people: People, axe: Callable[[Page], None]) -> None:
    page = town.enter(people, "entry")
    page.goto(f"{town.it.url}/alerts/new/")
    page.locator("#chooser-filter").focus()
    page.keyboard.type("大风")
    page.keyboard.press("Enter")
    expect(page.locator(":focus")).to_have_attribute("aria-label", "大风红色预警")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#id_blank_2")).to_be_focused()
    page.keyboard.type("8")
    expect(page.locator("#id_body")).to_have_value(re.compile("大风橙色预警：.*8级以上大风"))
    axe(page)


def test_on_a_phone_nothing_goes_sideways(town: Town, people: People, axe: Callable[[Page], None]) -> None:
    page = town.enter(people, "entry", viewport=PHONE)
    begun(page, town, "道路结冰红色预警")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    axe(page)
    for path in ("/templates/", "/templates/new/"):
        page.goto(f"{town.it.url}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
        axe(page)
    page.goto(f"{town.it.url}/templates/")
    page.locator("tbody a").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    axe(page)


def test_what_is_missing_is_linked_and_the_link_opens_the_fold(town: Town, people: People) -> None:
    page = town.enter(people, "entry")
    begun(page, town)
    page.locator("#what summary").click()
    page.fill("#id_caution", "")
    page.locator("#what > summary").click()
    link = page.locator("#check .problems a[href='#id_caution']")
    link.click()
    expect(page.locator("#id_caution")).to_be_focused()
    page.locator("#check .problems a[href='#id_blank_2']").click()
    expect(page.locator("#id_blank_2")).to_be_focused()


def test_two_people_in_the_blanks_of_one_draft_lose_nothing(town: Town, people: People, watch: Watch) -> None:
    first, second = town.enter(people, "entry"), town.enter(people, "reviewer")
    begun(first, town)
    first.fill("#id_blank_2", "50")
    expect(first.locator("#saved")).to_contain_text("已自动保存")
    second.goto(first.url)
    first.fill("#id_blank_2", "60")
    expect(first.locator("#id_body")).to_have_value(re.compile("60毫米"))
    first.wait_for_timeout(3000)
    watch.expect(409)
    second.fill("#id_blank_2", "70")
    expect(second.locator("#difference")).to_contain_text("60")
    expect(second.locator("#difference")).to_contain_text("70")
    second.get_by_role("button", name="以我的为准并保存").click()
    expect(second.locator("#saved")).to_contain_text("已自动保存")
    first.reload()
    expect(first.locator("#id_blank_2")).to_have_value("70")


def test_a_session_that_ends_takes_nothing_typed_away(town: Town, people: People, watch: Watch) -> None:
    page = town.enter(people, "entry")
    begun(page, town)
    page.fill("#id_blank_2", "50")
    expect(page.locator("#saved")).to_contain_text("已自动保存")
    kept = page.context.cookies()
    page.context.clear_cookies()
    watch.expect(403)
    page.fill("#id_blank_2", "55")
    expect(page.locator("#sign-in-again")).to_be_visible()
    page.get_by_role("button", name="提交审核").click()
    page.wait_for_timeout(1000)
    expect(page.locator("#id_blank_2")).to_have_value("55")
    page.context.add_cookies(kept)  # type: ignore[arg-type]
    expect(page.locator("#saved")).to_contain_text("已自动保存", timeout=15_000)
    expect(page.locator("#sign-in-again")).to_be_hidden()
    page.reload()
    expect(page.locator("#id_blank_2")).to_have_value("55")
