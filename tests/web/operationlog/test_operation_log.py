"""The operation log writes itself, and prints as the town's form."""

import shutil
from collections.abc import Iterator

import pypdfium2
import pytest
from django.utils import translation

from fenghuo.delivery.ledger import queries as ledger
from fenghuo.ground.journal import actions as journal
from fenghuo.ground.journal import heads
from fenghuo.ground.journal import queries as entries
from fenghuo.warning.alerts import actions
from fenghuo.web import words
from fenghuo.web.papers import setter
from tests.web.world import World, moved, obeyed, written


@pytest.fixture
def signed_heads() -> Iterator[None]:
    """The list in the data folder ends with the test, as its journal does."""
    yield
    heads.path().unlink(missing_ok=True)


pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "".join(page.get_textpage().get_text_range() for page in document).replace("\r\n", "").replace(" ", "")
    finally:
        document.close()


def test_a_release_is_in_the_log_with_text_count_and_persons(world: World) -> None:
    alert = world.signed()
    html = world.client("duty_officer").get("/operation-log/").content.decode()
    for shown in ("预计今天夜间我镇将出现50毫米以上降雨", "70", "下仓镇签发员签发", "下仓镇录入员录入", alert.code):
        assert shown in html, shown


def test_the_days_log_ends_with_the_signed_head_of_the_journal(world: World, signed_heads: None) -> None:
    """Printed and filed, it is out of reach of whoever would cut the journal (X17); typed in again, it is taken."""
    world.signed()
    signed = journal.sign_head()
    assert signed is not None
    html = world.client("duty_officer").get("/operation-log/").content.decode()
    assert f"{signed.seq}:{signed.hash}" in html
    text = text_of(world.client("auditor").get("/operation-log.pdf").content)
    assert f"{signed.seq}:{signed.hash}" in text
    typed = " ".join(signed.hash[start : start + 8] for start in range(0, 64, 8))
    assert entries.verify(head=f"{signed.seq}:{typed}").ok
    assert "链头" not in text_of(world.client("auditor").get("/operation-log.pdf?day=2020-01-01").content)


def test_the_form_prints_the_same_on_a4(world: World) -> None:
    alert = world.signed()
    answer = world.client("auditor").get("/operation-log.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    text = text_of(answer.content)
    said = ("系统运行工作日志", "演练", "下仓镇", "预计今天夜间我镇将出现50毫米以上降雨", "签发", "值班员（签字）")
    for shown in (*said, alert.code):
        assert shown in text, shown
    document = pypdfium2.PdfDocument(answer.content)
    assert {round(side) for side in document[0].get_size()} == {595, 842}
    document.close()


def test_a_day_without_entries_still_prints_to_be_signed(world: World) -> None:
    answer = world.client("duty_officer").get("/operation-log.pdf?day=2025-01-01")
    text = text_of(answer.content)
    assert "2025年1月1日" in text
    assert "当日无发布" in text


def test_a_day_that_never_was_is_named(world: World) -> None:
    answer = world.client("duty_officer").get("/operation-log/?day=2026-02-30")
    assert answer.status_code == 422
    assert "没有这一天" in answer.content.decode()
    assert world.client("system_admin").get("/operation-log/").status_code == 403


@pytest.mark.parametrize("day", ["2026-02-30", "0001-01-01", "9999-12-31", "x", "%00"])
@pytest.mark.parametrize("page", ["/operation-log/", "/operation-log.pdf"])
def test_an_impossible_day_is_refused_on_screen_and_on_paper(world: World, page: str, day: str) -> None:
    answer = world.client("duty_officer").get(f"{page}?day={day}")
    assert answer.status_code == 422
    assert "没有这一天" in answer.content.decode()


def test_a_missing_font_stops_the_print_instead_of_printing_boxes(tmp_path) -> None:
    shutil.copy(setter.FORMS / "operation_log.typ", tmp_path)
    common = (setter.FORMS / "common.typ").read_text(encoding="utf-8").replace("Noto Sans SC", "No Such Font")
    (tmp_path / "common.typ").write_text(common, encoding="utf-8")
    with pytest.raises(setter.PaperError, match="no such font"):
        setter.paper(tmp_path / "operation_log.typ", {"organisation": "下仓镇", "scope": "", "empty": "", "lines": []})


def test_a_recall_names_who_did_it_and_a_release_how_it_went(world: World) -> None:
    alert = world.signed()
    obeyed()
    moved(alert.broadcast, "delivered", 60)
    moved(alert.broadcast, "failed", 4)
    actions.recall(
        alert=alert,
        reason="雨量有误",
        correct=True,
        by=world.people["duty_officer"],
        confirmed_by=world.people["leader"],
    )
    obeyed()
    written(ledger.correction_of(alert.broadcast or "") or "", 64)
    answer = world.client("duty_officer").get("/operation-log/")
    lines = {line.act: line for line in answer.context["lines"]}
    assert (lines["sign"].count, lines["recall"].count, lines["correct"].count) == (70, 0, 64)
    with translation.override("zh-hans"):
        assert words.persons(lines["recall"]) == words.persons(lines["correct"]) == "下仓镇值班员、经下仓镇镇长同意"
        assert words.outcome(lines["sign"]) == "送达 60 · 失败 4 · 尚未发送 6"
        assert words.outcome(lines["correct"]) == "尚未发送 64"
    html = answer.content.decode()
    assert "送达 60 · 失败 4" in html
    assert "经下仓镇镇长同意" in html
    text = text_of(world.client("duty_officer").get("/operation-log.pdf").content)
    assert "送达60·失败4" in text
    assert "经下仓镇镇长同意" in text
