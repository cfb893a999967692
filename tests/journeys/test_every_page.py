"""Every page, at a desk and on a phone, in both languages: nothing axe finds, nothing sideways, no complaint of the browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import DESK, PHONE, Watch
from tests.journeys.conftest import Town

pytestmark = [pytest.mark.browser, pytest.mark.slow]
People = Callable[..., Page]


@pytest.fixture(scope="module")
def places(town: Town) -> list[tuple[str, str]]:
    """(post, path): an alert at every step, one recalled."""
    it = town.it
    draft = it.api("entry").post("/api/v1/alerts", it.content(headline="草稿"))["id"]
    made = it.api("entry").post("/api/v1/alerts", it.content(headline="待审核"))
    submitted = it.api("entry").post(f"/api/v1/alerts/{made['id']}/submit", {"version": made["version"]})["id"]
    approved, signed = it.approved(headline="待签发")["id"], it.signed(headline="已签发")
    recalled = it.signed(headline="已撤回")["id"]
    live = it.signed(headline="可更新")["id"]
    update = it.api("entry").post(f"/api/v1/alerts/{live}/follow-up", {"relation": "update"})["id"]
    words = {"how": "phone", "text": "今夜有大风。", "issuer": "蓟州区气象台"}
    arrival = it.api("duty_officer").post("/api/v1/arrivals", words)["id"]
    template = it.api("entry").get("/api/v1/templates")["items"][0]["id"]
    it.api("signer").post(f"/api/v1/alerts/{recalled}/recall", {"reason": "误发", "correct": True})
    return [
        ("entry", "/"),
        ("system_admin", "/organisations/"),
        ("system_admin", "/organisations/new/"),
        ("system_admin", f"/organisations/{it.organisation_id}/"),
        ("security_admin", "/"),
        ("signer", "/"),
        ("entry", "/alerts/"),
        ("entry", "/alerts/new/"),
        ("entry", "/templates/"),
        ("entry", "/templates/new/"),
        ("entry", f"/templates/{template}/"),
        ("signer", "/alerts/urgent/"),
        ("entry", f"/alerts/{update}/edit/"),
        ("entry", f"/alerts/{live}/progress/"),
        ("entry", f"/alerts/{draft}/edit/"),
        ("entry", f"/alerts/{submitted}/review/"),
        ("reviewer", f"/alerts/{submitted}/review/"),
        ("leader", f"/alerts/{approved}/review/"),
        ("signer", f"/alerts/{approved}/sign/"),
        ("signer", f"/alerts/{signed['id']}/progress/"),
        ("signer", f"/alerts/{recalled}/progress/"),
        ("duty_officer", f"/alerts/{signed['id']}/recipients/"),
        ("duty_officer", f"/alerts/{signed['id']}/recall/"),
        ("duty_officer", "/in-doubt/"),
        ("duty_officer", "/gateways/"),
        ("duty_officer", "/unmatched/"),
        ("system_admin", "/gateways/simulator/"),
        ("entry", "/sending/pause/"),
        ("signer", "/sending/resume/"),
        ("duty_officer", "/operation-log/"),
        ("duty_officer", "/workflow/"),
        ("duty_officer", f"/alerts/{signed['id']}/papers/"),
        ("duty_officer", f"/alerts/{signed['id']}/attachments/"),
        ("duty_officer", "/arrivals/"),
        ("duty_officer", "/arrivals/new/"),
        ("duty_officer", f"/arrivals/{arrival}/"),
        ("duty_officer", "/replies/"),
        ("resource_keeper", "/boundaries/"),
        ("entry", "/areas/?text=xcz"),
        ("auditor", "/journal/"),
        ("resource_keeper", "/contacts/"),
        ("resource_keeper", "/contacts/new/"),
        ("resource_keeper", "/contacts/imports/"),
        ("resource_keeper", "/contacts/exports/"),
        ("resource_keeper", "/groups/"),
        ("", "/sign-in/"),
        ("", "/current/"),
        ("", "/past/"),
        ("", f"/v/{signed['code']}"),
    ]


@pytest.mark.parametrize(
    ("viewport", "language"),
    [(DESK, "zh-hans"), (PHONE, "zh-hans"), (DESK, "en")],
    ids=["desk", "phone", "desk in English"],
)
def test_every_page_is_usable_by_everybody(
    town: Town,
    places: list[tuple[str, str]],
    people: People,
    axe: Callable[[Page], None],
    viewport: dict[str, int],
    language: str,
) -> None:
    open_pages: dict[str, Page] = {}
    for post, path in places:
        if post not in open_pages:
            page = town.enter(people, post, viewport=viewport) if post else people(viewport=viewport)
            page.context.add_cookies([{"name": "django_language", "value": language, "url": town.it.url}])
            open_pages[post] = page
        page = open_pages[post]
        answer = page.goto(f"{town.it.url}{path}")
        assert answer is not None
        assert answer.status == 200, f"{post} {path}"
        page.wait_for_load_state("networkidle")
        axe(page)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= viewport["width"], f"{path} is {wide} wide"


def test_the_keyboard_alone_is_enough(town: Town, people: People) -> None:
    page = town.enter(people, "entry")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("跳到正文")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.goto(f"{town.it.url}/alerts/new/")
    page.locator("#id_kind").focus()
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_attribute("name", "level")
    page.keyboard.press("ArrowDown")
    expect(page.locator("input[name=level]:checked")).to_have_count(1)


def test_an_area_is_typed_and_taken_by_the_keyboard_alone(
    town: Town, people: People, axe: Callable[[Page], None]
) -> None:
    page = town.enter(people, "resource_keeper")
    page.goto(f"{town.it.url}/contacts/new/")
    finder = page.get_by_role("combobox", name="辖区").first
    finder.focus()
    page.keyboard.type("dyg")
    option = page.get_by_role("option").first
    expect(option).to_contain_text("大杨各村")
    axe(page)
    page.keyboard.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.locator("#id_area")).to_have_value("120119111201")
    expect(page.get_by_role("option", name="天津市")).to_have_count(0)
    page.keyboard.type("没有这个地方")
    expect(page.locator(".area-finder [role=status]").first).not_to_have_text("")
    page.keyboard.press("Escape")


def test_the_language_is_changed_by_one_press_and_kept(town: Town, people: People) -> None:
    page = town.enter(people, "auditor")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_have_text("Duty desk")
    page.goto(f"{town.it.url}/journal/")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("h1")).to_have_text("审计日志")


def test_a_refused_form_is_announced_and_keeps_what_was_typed(
    town: Town, people: People, axe: Callable[[Page], None], watch: Watch
) -> None:
    watch.expect(422)
    page = town.enter(people, "entry")
    page.goto(f"{town.it.url}/alerts/new/")
    page.fill("#id_headline", "没有写完的预警")
    page.get_by_role("button", name="提交审核").click()
    expect(page.locator("[data-focus]")).to_be_focused()
    expect(page.locator("[data-focus]")).to_contain_text("没有丢失")
    expect(page.locator("#id_headline")).to_have_value("没有写完的预警")
    page.locator("[data-focus] a").first.click()
    expect(page.locator(":focus")).to_have_count(1)
    axe(page)
