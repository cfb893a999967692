"""The papers of an alert: filled by the system, one A4 sheet where one is expected, everything as it was typed."""

import pytest
from django.utils import timezone

from fenghuo.delivery.ledger import queries as ledger
from fenghuo.ground import clock
from fenghuo.warning.alerts import actions
from fenghuo.warning.alerts.models import Alert
from fenghuo.web.papers import recipients, setter
from tests.web.papers.reading import read, settled
from tests.web.world import World, make

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])

A4, LANDSCAPE = (595, 842), (842, 595)
HOSTILE = "#let x=1 $a$ *b* _c_ <d> @e [f] \\n ` // /*y*/ &amp; %(name)s"


def get(world: World, path: str, post: str = "duty_officer"):
    return world.client(post).get(path)


def test_the_approval_form_is_one_sheet_with_every_box_and_every_step(world: World) -> None:
    alert = world.approved()
    answer = get(world, f"/alerts/{alert.id}/approval-form.pdf", "leader")
    assert answer.headers["Content-Type"] == "application/pdf"
    paper = read(answer.content)
    assert paper.sizes == [A4]
    boxes = (
        "单位名称", "发布单位", "信息标题", "信息类别", "发布时间及周期", "级别", "传播方式", "发布原因", "主要内容",
        "可能产生的社会经济影响", "分管领导意见", "主要领导意见", "政府应急办建议意见", "政府领导审批意见", "备注", "盖章", "日期",
    )  # fmt: skip
    for box in boxes:
        assert box in paper.pressed, box
    filled = (
        "演练", "下仓镇", "蓟州区气象台", "下仓镇暴雨黄色预警", "自然灾害·暴雨（11B03）", "三级（黄色）", "预计持续0天12小时",
        "预计今天夜间我镇将出现50毫米以上降雨", "来文：蓟气预〔2026〕12号", "警示事项：低洼路段可能积水", "应采取措施：减少外出",
        "同意（审核）；下仓镇审核员", "同意（批准）；下仓镇镇长", "本人账号登录", alert.digest[:16], alert.code, "70个号码",
    )  # fmt: skip
    for text in filled:
        assert text in paper.pressed, text
    assert alert.digest[:17] not in paper.pressed


def test_a_signature_says_how_it_was_proved_and_an_approval_by_telephone_who_recorded_it(world: World) -> None:
    alert = world.reviewed()
    evidence = {"note": "镇长电话同意，通话记录在案", "at": clock.now()}
    actions.record_approval(
        alert=alert, digest=alert.digest, how="phone", leader=world.people["leader"].person, evidence=evidence,
        by=world.people["duty_officer"],
    )  # fmt: skip
    paper = read(get(world, f"/alerts/{alert.id}/approval-form.pdf").content)
    for text in ("同意（登记批准）；下仓镇镇长（登记：下仓镇值班员）", "电话，经登记", "镇长电话同意，通话记录在案"):
        assert text in paper.pressed, text
    signed = read(get(world, f"/alerts/{world.signed().id}/approval-form.pdf").content)
    assert "同意（签发）；下仓镇签发员" in signed.pressed
    assert "一次性签发码" in signed.pressed


def test_what_an_edit_voided_is_not_an_opinion_any_more(world: World) -> None:
    alert = world.reviewed()
    actions.send_back(alert=alert, version=alert.version, reason="地点有误", by=world.people["reviewer"])
    alert.refresh_from_db()
    assert get(world, f"/alerts/{alert.id}/approval-form.pdf").status_code == 409
    actions.submit(alert=alert, version=alert.version, by=world.people["entry"])
    paper = read(get(world, f"/alerts/{alert.id}/approval-form.pdf").content)
    assert "同意（审核）" not in paper.pressed


def test_the_filing_form_is_for_what_was_released(world: World) -> None:
    assert get(world, f"/alerts/{world.approved().id}/filing-form.pdf").status_code == 409
    alert = world.signed()
    paper = read(get(world, f"/alerts/{alert.id}/filing-form.pdf", "auditor").content)
    assert paper.sizes == [A4]
    for text in ("备案表", "预警周期", "备注", "单位公章", "签发：下仓镇签发员", "尚未发送70", "发布时间", alert.code):
        assert text in paper.pressed, text
    actions.recall(alert=alert, reason="测站误报", correct=False, by=world.people["signer"])
    assert "已撤回：测站误报" in read(get(world, f"/alerts/{alert.id}/filing-form.pdf").content).pressed


def test_the_recipient_list_begins_with_whom_no_message_reaches_and_masks_by_post(world: World) -> None:
    alert = world.signed()
    settled(alert, ["delivered"] * 60 + ["failed"] * 4)
    masked = read(get(world, f"/alerts/{alert.id}/recipient-list.pdf", "auditor").content)
    assert set(masked.sizes) == {A4}
    assert "共71人" in masked.pressed
    order = [masked.pressed.index(state) for state in ("—无号码", "未送达3", "尚未发送", "已送达")]
    assert order == sorted(order)
    assert "100****" in masked.pressed
    assert "10000000" not in masked.pressed
    whole = read(get(world, f"/alerts/{alert.id}/recipient-list.pdf", "duty_officer").content)
    assert "10000000" in whole.pressed
    assert "****" not in whole.pressed


def test_the_wake_up_list_leaves_out_whoever_was_reached_and_has_a_box_to_sign(world: World) -> None:
    alert = world.signed()
    settled(alert, ["delivered"] * 60 + ["failed"] * 4)
    paper = read(get(world, f"/alerts/{alert.id}/wake-up-list.pdf").content)
    for text in ("叫应名单", "本人签字", "叫应时间", "共11人", "无号码", "叫应负责人（签字）"):
        assert text in paper.pressed, text
    assert "已送达" not in paper.pressed


def test_a_list_of_many_is_cut_into_volumes_that_lose_and_repeat_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    alert = world.signed()
    settled(alert, ["delivered"] * 31 + ["failed"] * 7)
    monkeypatch.setattr(recipients, "VOLUME", 20)
    page = get(world, f"/alerts/{alert.id}/papers/").content.decode()
    assert "recipient-list.pdf?volume=4" in page
    assert "recipient-list.pdf?volume=5" not in page
    texts = [
        read(get(world, f"/alerts/{alert.id}/recipient-list.pdf?volume={volume}").content).pressed
        for volume in range(1, 5)
    ]
    _people, numbers = ledger.audience(alert.broadcast or "")
    found = [sum(str(number) in text for text in texts) for number in numbers]
    assert found == [1] * 70
    for wrong in ("0", "5", "-1", "x", "9" * 30, "１"):
        assert get(world, f"/alerts/{alert.id}/recipient-list.pdf?volume={wrong}").status_code == 404


def test_every_sheet_of_a_long_form_names_its_alert_and_the_exercise(world: World) -> None:
    alert = world.submitted(caution="低洼路段可能积水。" * 200, measures="减少外出。\n" * 100)
    paper = read(get(world, f"/alerts/{alert.id}/approval-form.pdf").content)
    assert len(paper.pages) > 1
    for page in paper.pages:  # a signature on the last sheet is one under this text
        assert alert.code in page
        assert alert.digest[:16] in page
        assert "演练" in page


def test_hostile_text_prints_as_it_was_typed_inside_its_boxes(world: World) -> None:
    alert = world.submitted(
        headline=HOSTILE[:110],
        caution="A" * 900 + "。" * 300,
        measures="العربية " * 40 + "שלום",
        decision_document="王" * 80,
    )
    paper = read(get(world, f"/alerts/{alert.id}/approval-form.pdf", "entry").content)
    assert "".join(HOSTILE[:110].split()) in paper.pressed
    assert "A" * 900 + "。" * 300 in paper.pressed
    assert "王" * 80 in paper.pressed
    assert len(paper.sizes) <= 3


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("甲\u202e乙", "甲[U+202E]乙"),  # would turn the reading order round, unseen
        ("甲\ue000乙", "甲[U+E000]乙"),  # means something else in every font
        ("甲\x07乙", "甲[U+0007]乙"),
        ("甲\U0002fa1e乙", "甲[U+2FA1E]乙"),  # unassigned
        ("甲\u2028乙\r\n丙", "甲乙丙"),
        ("é ü ①㈱℃", "éü①㈱℃"),
        ('#{1+1} #eval("1") {{ x }}', '#{1+1}#eval("1"){{x}}'),
        ("", ""),
    ],
)
def test_what_no_font_can_show_is_named_by_its_code(world: World, typed: str, shown: str) -> None:
    lines = [{"day": "", "time": "", "act": "", "summary": typed, "text": "", "count": "", "persons": "", "code": ""}]
    data = {"organisation": "下仓镇", "scope": "", "empty": "", "lines": lines}
    assert shown in read(setter.paper("operation_log.typ", data)).pressed


@pytest.mark.parametrize("typed", ["𠮷", "😀", "👨‍👩‍👧‍👦", "ก", "❤️", "🇨🇳", "e\u0301", "\u0301"])
def test_a_rare_character_is_shown_or_named_never_a_box(world: World, typed: str) -> None:
    lines = [
        {
            "day": "",
            "time": "",
            "act": "",
            "summary": f"甲{typed}乙",
            "text": "",
            "count": "",
            "persons": "",
            "code": "",
        }
    ]
    data = {"organisation": "下仓镇", "scope": "", "empty": "", "lines": lines}
    text = read(setter.paper("operation_log.typ", data)).pressed
    named = all(one in text or f"[U+{ord(one):04X}]" in text for one in typed)
    assert named, text


def test_a_form_that_typst_warns_about_is_no_paper(world: World, tmp_path) -> None:
    broken = tmp_path / "broken.typ"
    broken.write_text('#set text(font: "No Such Font")\n甲', encoding="utf-8")
    with pytest.raises(setter.PaperError):
        setter.paper(broken, {"organisation": "甲"})
    broken.write_text('#set text(font: "Noto Sans SC")\n\U0002ebe0', encoding="utf-8")
    with pytest.raises(setter.PaperError):
        setter.paper(broken, {"organisation": "甲"})


def test_the_log_of_several_days_and_of_one_alert(world: World) -> None:
    alert, other = world.signed(), world.draft(headline="另一条信息")
    today = timezone.localtime(clock.now()).date()
    several = read(get(world, "/operation-log.pdf?day=2026-01-01&until=2026-03-01").content)
    assert "2026年1月1日至2026年3月1日" in several.pressed
    of_one = read(get(world, f"/alerts/{alert.id}/operation-log.pdf").content)
    assert set(of_one.sizes) == {LANDSCAPE}
    for text in ("日期", "系统使用情况", "发布内容概述", "发布人员", "人数", "时间", today.isoformat(), alert.headline):
        assert text in of_one.pressed, text
    assert other.headline not in of_one.pressed
    for wrong in ("day=2026-03-01&until=2026-01-01", "day=2026-01-01&until=2027-01-01", "day=x", "until=9999-99-99"):
        assert get(world, f"/operation-log/?{wrong}").status_code == 422, wrong
        assert get(world, f"/operation-log.pdf?{wrong}").status_code == 422, wrong


PAPERS = (
    "papers/",
    "approval-form.pdf",
    "filing-form.pdf",
    "operation-log.pdf",
    "recipient-list.pdf",
    "wake-up-list.pdf",
)


def test_another_organisations_papers_are_missing_and_strangers_to_alerts_get_none(world: World) -> None:
    alert: Alert = world.signed()
    other = make(name="邻镇", numbers_from=500)
    for paper in PAPERS:
        assert get(other, f"/alerts/{alert.id}/{paper}").status_code == 404, paper
        assert get(world, f"/alerts/{alert.id}/{paper}", "system_admin").status_code == 403, paper
        assert get(world, f"/alerts/{alert.id}/{paper}", "auditor").status_code == 200, paper
    for page in ("/workflow/", "/workflow.pdf"):
        assert get(world, page, "system_admin").status_code == 403
        assert get(world, page, "entry").status_code == 200


def test_a_draft_has_no_papers_but_its_log(world: World) -> None:
    alert = world.draft()
    for paper in ("approval-form.pdf", "filing-form.pdf", "recipient-list.pdf", "wake-up-list.pdf"):
        answer = get(world, f"/alerts/{alert.id}/{paper}")
        assert answer.status_code == 409, paper
    assert get(world, f"/alerts/{alert.id}/papers/").status_code == 200
    assert get(world, f"/alerts/{alert.id}/operation-log.pdf").status_code == 200
