"""Words that should not go out are named: the word, its field, its place; what may be right is only shown."""

from typing import Any

import pytest

from fenghuo.warning.alerts import rules
from tests.warning.alerts.makers import Town, notice, warning

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])

OURS = {
    "blank_unfilled", "placeholder", "exercise_typed", "exercise_mentioned", "link", "fraud_pattern", "number_impossible",
    "foreign_signature", "word_forbidden", "word_doubtful",
}  # fmt: skip


def found(town: Town, **changed: Any) -> list[tuple[str, str, str]]:
    """(code, field, severity) of what these checks say; the other rules have tests of their own."""
    content = rules.read(warning(town, **changed))
    problems = rules.problems(content, town.organisation)
    return [(one.code, one.field, one.severity) for one in problems if one.code in OURS]


def said(town: Town, **changed: Any) -> str:
    return " ".join(one.zh for one in rules.problems(rules.read(warning(town, **changed)), town.organisation))


def test_a_proper_warning_raises_no_suspicion(town: Town) -> None:
    body = (
        "大风黄色预警：预计12月3日6时至4日18时，我镇将有6—8级大风、阵风9级，最低气温-12℃，降温8—10℃，"
        "雨量50毫米—100毫米，36小时内降雨概率90%，请拨打12119或村值班电话。"
    )
    assert found(town, body=body) == []


@pytest.mark.parametrize(
    ("field", "words", "code", "severity"),
    [
        ("body", "预计XX时有雨", "placeholder", "error"),
        ("body", "预计××日有雨", "placeholder", "error"),
        ("measures", "联系某某", "placeholder", "error"),
        ("caution", "时间待定", "placeholder", "error"),
        ("body", "地点（  ）请注意", "placeholder", "error"),
        ("body", "预计{时间}有雨", "blank_unfilled", "error"),
        ("headline", "{地点}暴雨预警", "blank_unfilled", "error"),
        ("correction", "更正{时间}的预警", "blank_unfilled", "error"),
        ("body", "详见http://t.cn/abc", "link", "error"),
        ("body", "登录www.example.test查询", "link", "error"),
        ("caution", "访问yujing-12379.top领取", "link", "error"),
        ("body", "请将费用转账至村委会", "fraud_pattern", "warning"),
        ("body", "[演练]预计有雨", "exercise_typed", "error"),
        ("headline", "（测试）暴雨预警", "exercise_typed", "error"),
        ("headline", "测试：暴雨预警", "exercise_typed", "error"),
        ("body", "This is a test of the system", "exercise_typed", "error"),
        ("measures", "参加防汛演练", "exercise_mentioned", "warning"),
        ("body", "最高气温936℃", "number_impossible", "error"),
        ("body", "最低气温−482℃", "number_impossible", "error"),
        ("body", "最高气温1834度", "number_impossible", "error"),
        ("body", "阵风38级", "number_impossible", "error"),
        ("body", "雨量50000毫米", "number_impossible", "error"),
        ("body", "预计13月2日有雨", "number_impossible", "error"),
        ("body", "预计36时有雨", "number_impossible", "warning"),
        ("body", "转移后绝对安全", "word_forbidden", "error"),
        ("measures", "听从有关部门安排", "word_doubtful", "warning"),
        ("body", "【太仓市】预计有雨", "foreign_signature", "error"),
    ],
)
def test_each_kind_of_word_is_named_in_its_field(town: Town, field: str, words: str, code: str, severity: str) -> None:
    assert (code, field, severity) in found(town, **{field: words})


def test_the_finding_names_the_word_its_place_and_the_clause(town: Town) -> None:
    assert "“936℃”（第 7 字" in said(town, body="今天最高气温936℃") or "936℃" in said(town, body="今天最高气温936℃")
    told = said(town, body="转移后绝对安全")
    assert "绝对安全" in told
    assert "没有绝对的安全" in told
    found_at = next(
        one for one in rules.problems(rules.read(warning(town, body="转移后绝对安全")), town.organisation)
        if one.code == "word_forbidden"
    )  # fmt: skip
    assert "character 4" in found_at.en


def test_a_foreign_signature_says_whose_it_is(town: Town) -> None:
    content = rules.read(warning(town, body="预计有雨【太仓市】"))
    one = next(one for one in rules.problems(content, town.organisation) if one.code == "foreign_signature")
    assert "太仓" in one.en
    assert "character 5" in one.en


def test_a_notice_may_speak_of_an_exercise_and_name_an_address(town: Town) -> None:
    content = rules.read(notice(town, body="定于明日9时开展消防演练，报名网址www.example.test，请勿恐慌。"))
    problems = [one for one in rules.problems(content, town.organisation) if one.code in OURS]
    assert {(one.code, one.severity) for one in problems} == {("exercise_mentioned", "warning"), ("link", "warning")}


def test_the_origins_own_words_are_read_where_they_are_sent(town: Town) -> None:
    origin = warning(town)["origin"] | {"text": "预计XX时有雨"}
    assert found(town, body="", origin=origin) == [("placeholder", "origin.text", "error")]
    assert found(town, origin=origin) == []


HOSTILE = ["（" * 900, "{" * 900, "9" * 1900, "x" * 1900, "www." * 400, "-" * 1900, "演练" * 900, "℃" * 1900]


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_are_read_in_time_and_told_in_few_lines(town: Town, words: str) -> None:
    assert len(found(town, body=words, caution=words, measures=words)) < 40
