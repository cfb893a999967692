"""One warning from draft to proof of receipt, through the browser, against real processes and a simulated SMS centre."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Watch
from tests.journeys.conftest import RECIPIENTS, Town

pytestmark = [pytest.mark.browser, pytest.mark.slow]
People = Callable[..., Page]
BODY = "预计今天夜间我镇将出现50毫米以上降雨，低洼地带注意积水，请减少外出。"
SENT = f"【天津预警发布中心】（演练）{BODY}（演练结束）【蓟州区下仓镇】"
SHANGHAI = ZoneInfo("Asia/Shanghai")
PATIENT_MS = 60_000


def minute(ahead: timedelta) -> str:
    return (datetime.now(UTC) + ahead).astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")


def compose(page: Page, headline: str) -> None:
    """Type a whole warning as a clerk would."""
    page.select_option("#id_category", "natural")
    page.select_option("#id_event", "11B03")
    page.check("input[name=level][value='3']")
    page.fill("#id_headline", headline)
    page.fill("#id_body", BODY)
    page.fill("#id_caution", "低洼路段可能积水。")
    page.fill("#id_measures", "减少外出，远离河道。")
    page.fill("#id_issuer", "蓟州区气象台")
    page.fill("#id_starts_at", minute(timedelta(0)))
    page.fill("#id_expires_at", minute(timedelta(hours=6)))
    page.locator("#list-audience_areas").get_by_label("下仓镇", exact=True).check()
    page.fill("#id_origin_issuer", "蓟州区气象台")
    page.select_option("#id_origin_how", "fax")
    page.fill("#id_origin_issued_at", minute(timedelta(minutes=-20)))
    page.fill("#id_origin_received_at", minute(timedelta(minutes=-5)))
    page.fill("#id_origin_text", BODY)


def sign(page: Page, alert: str, url: str, code: str) -> None:
    page.goto(f"{url}/alerts/{alert}/sign/")
    page.get_by_label("发送人数").fill(str(RECIPIENTS))
    page.get_by_label("验证码", exact=True).fill(code)
    page.get_by_role("button", name="签发并发布演练信息").click()
    page.wait_for_url(re.compile("/progress/$"))


def test_a_warning_from_draft_to_every_receipt(town: Town, people: People, watch: Watch) -> None:
    url = town.it.url
    clerk = town.enter(people, "entry")
    clerk.get_by_role("link", name="录入预警信息").first.click()
    compose(clerk, "下仓镇暴雨黄色预警")
    # The counter, the phone and the draft itself follow what is typed.
    expect(clerk.locator("#check .bubble")).to_have_text(SENT)
    expect(clerk.locator("#check .counter")).to_contain_text("63 / 280")
    expect(clerk.locator("#check .counter")).to_contain_text(str(RECIPIENTS))
    expect(clerk.locator("#audience")).to_contain_text(f"{RECIPIENTS} 个号码")
    expect(clerk.locator("#saved")).to_contain_text("已自动保存")
    expect(clerk).to_have_url(re.compile(r"/alerts/[0-9A-Z]{26}/edit/$"))
    clerk.get_by_role("button", name="提交审核").click()
    clerk.wait_for_url(re.compile("/review/$"))
    alert = clerk.url.split("/")[-3]
    expect(clerk.locator("#why-review")).to_contain_text("无此权限")

    reviewer = town.enter(people, "reviewer")
    reviewer.get_by_role("link", name=re.compile("审核.*下仓镇暴雨黄色预警")).click()
    expect(reviewer.locator(".bubble").first).to_have_text(SENT)
    reviewer.get_by_role("button", name="审核通过").click()
    leader = town.enter(people, "leader")
    leader.get_by_role("link", name=re.compile("批准.*下仓镇暴雨黄色预警")).click()
    leader.get_by_role("button", name="批准", exact=True).click()

    signer = town.enter(people, "signer")
    signer.goto(f"{url}/alerts/{alert}/sign/")
    expect(signer.locator(".restated .big")).to_have_text(str(RECIPIENTS))
    watch.expect(422)
    signer.get_by_label("发送人数").fill("7")
    signer.get_by_label("验证码", exact=True).fill("123456")
    signer.get_by_role("button", name="签发并发布演练信息").click()
    expect(signer.get_by_role("alert").first).to_contain_text(f"实际将发给 {RECIPIENTS} 人")
    sign(signer, alert, url, town.it.people["signer"].totp())

    # Nobody touches the page; it moves.
    expect(signer.locator(".tile-good .big")).to_have_text(str(RECIPIENTS), timeout=PATIENT_MS)
    expect(signer.locator(".lane-sentence")).to_have_text("发送完毕，全部送达。")
    expect(signer.locator("#progress")).not_to_have_attribute("hx-trigger", re.compile("every"))
    told = [row["number"] for row in town.it.smsc.rows() if row["text"] == SENT]
    assert len(told) == len(set(told)) == RECIPIENTS

    signer.locator(".tile-good").click()
    expect(signer.locator("h1")).to_contain_text("接收人")
    expect(signer.locator("tbody tr").first).to_contain_text("已送达")
    expect(signer.locator("main")).not_to_contain_text(re.compile(r"\b1\d{10}\b"))

    # The public page, the feeds and the log know of it by themselves.
    signer.goto(f"{url}/alerts/{alert}/progress/")
    signer.locator("main a[href^='/v/']").click()
    expect(signer.locator(".public-sms").first).to_have_text(SENT)
    signer.get_by_label("粘贴您收到的短信进行核对").fill(SENT.replace("50毫米", "500毫米"))
    signer.get_by_role("button", name="核对").click()
    expect(signer.locator("#check [role=alert]")).to_contain_text("不一致")
    duty = town.enter(people, "duty_officer")
    duty.goto(f"{url}/operation-log/")
    expect(duty.locator("tbody")).to_contain_text(SENT)


def test_a_passkey_signs_what_is_on_the_page(town: Town, people: People, passkey: Callable[[Page], Any]) -> None:
    url, person = town.it.url, town.it.people["signer"]
    page = town.enter(people, "signer")
    device = passkey(page)
    page.goto(f"{url}/account/passkeys/")
    if "/confirm/" in page.url:
        page.get_by_label("验证码", exact=True).fill(person.codes.pop())
        page.get_by_role("button", name="确认").click()
        page.wait_for_url(re.compile("passkeys|account/$"))
        page.goto(f"{url}/account/passkeys/")
    page.locator("#id_name").fill("值班室电脑")
    page.locator("[data-register-button]").click()
    page.wait_for_url(re.compile("/account/$"))
    assert len(device.credentials()) == 1

    alert = town.it.approved(headline="通行密钥签发")
    page.goto(f"{url}/alerts/{alert['id']}/sign/")
    page.get_by_label("发送人数").fill(str(alert["audience_count"]))
    device.verifies(False)
    page.get_by_role("button", name="使用通行密钥").click()
    expect(page.locator("[data-passkey-status]")).to_contain_text("通行密钥未完成验证")
    device.verifies(True)
    page.get_by_role("button", name="使用通行密钥").click()
    page.wait_for_url(re.compile("/progress/$"))
    expect(page.locator("main")).to_contain_text("通行密钥")
    assert device.credentials()[0]["signCount"] > 0


def test_a_recall_in_mid_flight_corrects_exactly_those_already_reached(town: Town, people: People) -> None:
    alert = town.it.signed(headline="误发的预警")
    page = town.enter(people, "signer")
    page.goto(f"{town.it.url}/alerts/{alert['id']}/progress/")
    expect(page.locator(".lane progress")).not_to_have_attribute("value", "0", timeout=PATIENT_MS)
    page.get_by_role("link", name="撤回或更正……").click()
    expect(page.locator(".bubble-correction")).to_contain_text("更正")
    page.get_by_label("理由").fill("雨量单位写错")
    page.get_by_role("button", name="立即撤回").click()
    page.wait_for_url(re.compile("/progress/$"))
    expect(page.locator("#h-correct")).to_be_visible()
    progress = town.it.settled(alert["id"], within=60)
    correction = town.it.settled(alert["id"], of="correction", within=60)
    reached = RECIPIENTS - progress["stopped"]
    assert progress["stopped"] > 0
    assert correction["count"] == reached
    expect(page.locator("[aria-labelledby=h-correct] .tile-good .big")).to_have_text(str(reached), timeout=PATIENT_MS)
    page.goto(f"{town.it.url}/current/")
    expect(page.locator("main")).not_to_contain_text("误发的预警")
    page.goto(f"{town.it.url}/past/")
    page.get_by_role("link", name="误发的预警").first.click()
    expect(page.locator(".notice-bad")).to_contain_text("本条信息已撤回")


def test_two_people_in_one_draft_lose_nothing(town: Town, people: People, watch: Watch) -> None:
    url = town.it.url
    draft = town.it.api("entry").post("/api/v1/alerts", town.it.content(headline="两人同写"))
    path = f"{url}/alerts/{draft['id']}/edit/"
    first, second = town.enter(people, "entry"), town.enter(people, "reviewer")
    first.goto(path)
    second.goto(path)
    first.fill("#id_caution", "第一个人写的警示事项")
    expect(first.locator("#saved")).to_contain_text("已自动保存")
    watch.expect(409)
    second.fill("#id_caution", "第二个人写的警示事项")
    expect(second.locator("#conflict")).to_be_visible()
    expect(second.locator("#difference")).to_contain_text("第一个人写的警示事项")
    expect(second.locator("#id_caution")).to_have_value("第二个人写的警示事项")
    second.fill("#id_caution", "第一个人写的警示事项；第二个人写的警示事项")
    second.get_by_role("button", name="以我的为准并保存").click()
    expect(second.locator("#saved")).to_contain_text("已自动保存")
    first.goto(path)
    expect(first.locator("#id_caution")).to_have_value("第一个人写的警示事项；第二个人写的警示事项")


def test_a_lost_connection_loses_nothing_that_was_typed(town: Town, people: People, watch: Watch) -> None:
    draft = town.it.api("entry").post("/api/v1/alerts", town.it.content(headline="断网"))
    page = town.enter(people, "entry")
    page.goto(f"{town.it.url}/alerts/{draft['id']}/edit/")
    page.context.set_offline(True)
    page.fill("#id_measures", "断网时写下的措施")
    expect(page.locator("#saved")).to_contain_text("未保存：连接中断")
    page.context.set_offline(False)
    expect(page.locator("#saved")).to_contain_text("已自动保存", timeout=15_000)
    page.reload()
    expect(page.locator("#id_measures")).to_have_value("断网时写下的措施")
    # The browser and htmx note what we took away; anything else still counts.
    cut = ("ERR_INTERNET_DISCONNECTED", "Failed to fetch")
    watch.complaints[:] = [one for one in watch.complaints if not any(note in one for note in cut)]
