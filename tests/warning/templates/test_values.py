"""Blanks: found where they stand, filled once, and text that no template meant is never touched."""

import re
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from fenghuo.warning.templates import values

NAMES = st.text(
    st.characters(exclude_categories=("Cs", "Z", "C"), exclude_characters="{}｛｝"), min_size=1, max_size=20
)
PLAIN = st.text(st.characters(exclude_characters="{}｛｝"), max_size=30)
ANY = st.text(max_size=80)


@given(st.lists(st.tuples(PLAIN, NAMES), max_size=8), PLAIN)
def test_what_is_written_as_a_blank_is_found_and_filled(parts: list[tuple[str, str]], end: str) -> None:
    text = "".join(f"{plain}{{{name}}}" for plain, name in parts) + end
    told = {name: f"值{number}" for number, (_plain, name) in enumerate(parts)}
    assert {one.name for one in values.blanks(text)} == set(told)
    assert values.stray_brace(text) is None
    assert values.fill(text, told) == "".join(f"{plain}{told[name]}" for plain, name in parts) + end
    assert values.fill(text, {}) == text
    assert values.blanks(values.fill(text, told)) == []


@given(ANY, st.dictionaries(ANY, ANY, max_size=5))
def test_no_text_and_no_value_breaks_it(text: str, told: dict[str, str]) -> None:
    found = values.blanks(text)
    filled = values.fill(text, told)
    place = values.stray_brace(text)
    assert all(1 <= len(one.name) <= 20 and one.kind for one in found)
    assert place is None or text[place] in "{}｛｝"
    if not found:
        assert filled == text


def test_a_value_is_never_filled_again() -> None:
    assert values.fill("{地点}有雨", {"地点": "{时间}", "时间": "今晚"}) == "{时间}有雨"


def test_both_braces_of_a_keyboard_are_one_blank() -> None:
    assert values.fill("｛地点｝{时间}", {"地点": "下仓镇", "时间": "今晚"}) == "下仓镇今晚"


def test_a_brace_alone_is_found_where_it_stands() -> None:
    assert values.stray_brace("预计{时间}有雨}") == 8
    assert values.stray_brace("{太长的空格名称超过二十个字就不是空格而是错误了}") == 0


def test_a_blank_is_known_by_the_end_of_its_name() -> None:
    kinds = {one.name: one.kind for one in values.blanks("{地点}{时间}{会议时间}{雨量}{联系电话}{事项}{降温幅度}")}
    assert kinds == {
        "地点": "place", "时间": "period", "会议时间": "moment", "雨量": "number", "联系电话": "phone", "事项": "text",
        "降温幅度": "number",
    }  # fmt: skip


def test_a_period_is_said_as_a_weather_office_says_it() -> None:
    day = datetime(2026, 7, 22, 15)  # noqa: DTZ001 - already local
    assert values.spoken_period(day, day.replace(hour=20)) == "22日15时至20时"
    assert values.spoken_period(day, day.replace(day=23, hour=3, minute=30)) == "22日15时至23日3时30分"
    assert values.spoken_period(day.replace(day=31), day.replace(month=8, day=1)) == "7月31日15时至8月1日15时"


def test_only_what_the_form_knows_is_suggested() -> None:
    begins, ends = datetime(2026, 7, 22, 15), datetime(2026, 7, 22, 20)  # noqa: DTZ001 - already local
    wanted = values.blanks("{地点}{会议地点}{时间}{会议时间}{雨量}")
    places = ["下仓镇", "甲村", "乙村", "丙村"]
    assert values.suggestions(wanted, places=places, begins=begins, ends=ends) == {
        "地点": "下仓镇等4处",
        "时间": "22日15时至20时",
    }
    assert re.fullmatch("下仓镇、甲村", values.spoken_places(places[:2]))
