"""One rendered text from its parts, and everything that may not be in it (W4, W14, fault X14)."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenghuo.wire import text

PREFIX = "【天津预警发布中心】"
SUFFIX = "【蓟州区下仓镇】"
BODY = "预计未来三小时有暴雨，请立即转移。"
clean = st.text("暴雨请转移，。1a𠮷🔥（）", max_size=290)
nasty = st.text("暴雨，【】\n\u200b\u202e\u0301e\ud800（演练结束）", max_size=60)
anything = clean | nasty | st.text(max_size=300)


def codes(body: str, **parts: object) -> list[str]:
    return [problem.code for problem in text.problems(body, **parts)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("exercise", "expected"),
    [(False, PREFIX + BODY + SUFFIX), (True, PREFIX + "（演练）" + BODY + "（演练结束）" + SUFFIX)],
)
def test_the_parts_stand_in_their_order(exercise, expected):
    assert text.compose(PREFIX, BODY, SUFFIX, exercise=exercise) == expected


@given(anything, st.booleans())
def test_what_is_composed_begins_with_the_prefix_once_and_ends_with_the_suffix(body, exercise):
    try:
        said = text.compose(PREFIX, body, SUFFIX, exercise=exercise)
    except text.TextError as refused:
        assert refused.problems
        assert codes(body, prefix=PREFIX, suffix=SUFFIX, exercise=exercise) == [one.code for one in refused.problems]
        return
    assert said.startswith(PREFIX)
    assert said.endswith(SUFFIX)
    assert said.count("【") == said.count("】") == 2
    assert said.count(PREFIX) == 1
    assert said.startswith(PREFIX + "（演练）") == exercise
    assert said.endswith("（演练结束）" + SUFFIX) == exercise
    assert text.units(said) <= 280
    assert unicodedata.is_normalized("NFC", said)
    assert not any(unicodedata.category(one) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") for one in said)


@given(anything, st.booleans())
def test_the_preview_shows_any_text_and_agrees_with_composing(body, exercise):
    shown = text.preview(PREFIX, body, SUFFIX, exercise=exercise)
    assert shown.count == text.measure(shown.text)
    if shown.problems:
        with pytest.raises(text.TextError):
            text.compose(PREFIX, body, SUFFIX, exercise=exercise)
    else:
        assert text.compose(PREFIX, body, SUFFIX, exercise=exercise) == shown.text


def test_everything_counts_towards_the_limit():
    room = 280 - len(PREFIX) - len(SUFFIX)
    assert room == 262
    assert codes("险" * room, prefix=PREFIX, suffix=SUFFIX) == []
    (long,) = text.problems("险" * (room + 1), prefix=PREFIX, suffix=SUFFIX)
    assert (long.code, long.part) == ("too_long", "text")
    assert "281" in long.reason_zh
    assert "281" in long.reason_en
    assert codes("险" * (room - 10), prefix=PREFIX, suffix=SUFFIX, exercise=True) == []
    assert codes("险" * (room - 9), prefix=PREFIX, suffix=SUFFIX, exercise=True) == ["too_long"]
    assert codes("𠮷" * 131, prefix=PREFIX, suffix=SUFFIX) == []
    assert codes("𠮷" * 132, prefix=PREFIX, suffix=SUFFIX) == ["too_long"]
    assert codes("险" * 71, limit=70) == ["too_long"]


@pytest.mark.parametrize(
    ("character", "code"),
    [
        *[(one, "brackets") for one in "【】︻︼"],
        *[(one, "line_break") for one in "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"],
        *[(chr(one), "control") for one in [0, 7, 8, 9, 0x1B, 0x1F, 0x7F, 0x80, 0x9F]],
        *[(chr(one), "bidi") for one in [0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]],
        *[
            (chr(one), "invisible")
            for one in [0xAD, 0x34F, 0x180E, 0x200B, 0x200C, 0x200D, 0x2060, 0x2064, 0x3164, 0xFEFF]
        ],
        *[(chr(one), "invisible") for one in [0x115F, 0xFE0F, 0xFFA0, 0xFFF9, 0xE0001, 0xE0041, 0xE0100, 0xE01EF]],
        *[(chr(one), "surrogate") for one in [0xD800, 0xDBFF, 0xDC00, 0xDFFF]],
        *[
            (chr(one), "not_a_character")
            for one in [0xE000, 0xF8FF, 0xFDD0, 0xFFFE, 0xFFFF, 0x1FFFE, 0xF0000, 0x10FFFD, 0x10FFFF]
        ],
    ],
)
@pytest.mark.parametrize("part", ["body", "suffix", "prefix"])
def test_forbidden_characters_are_named_with_their_place(character, code, part):
    said = f"请{character}转移{character}"
    if part == "body":
        (problem,) = text.problems(said)
        assert (problem.code, problem.part, problem.positions) == (code, "body", (1, 4))
        assert problem.found == f"U+{ord(character):04X}"
        assert "第 2 个字" in problem.reason_zh
        assert "character 2" in problem.reason_en
    elif code != "brackets":
        sign = f"【{said}】" if part == "prefix" else said
        found = text.problems(BODY, prefix=sign) if part == "prefix" else text.problems(BODY, suffix=sign)
        assert [(one.code, one.part) for one in found] == [(code, part)]


@pytest.mark.parametrize("character", list("，。！？《》（）［］〖〗〔〕—…·“”‘’、；：　 %℃㎜①ⅠⅡ𠮷🔥镕㙍é#@$€"))
def test_what_people_really_write_is_allowed(character):
    assert codes(f"暴雨{character}转移") == []


@pytest.mark.parametrize("body", ["", " ", "　　", "\t"])
def test_an_empty_body_is_refused(body):
    assert "empty" in codes(body, prefix=PREFIX)


@pytest.mark.parametrize(
    ("said", "place"), [("cafe\u0301", 3), ("A\u030a风", 0), ("가\u11a8", 0), ("\uf900", 0), ("好\u2126", 1)]
)
def test_characters_in_parts_are_reported_and_can_be_normalised(said, place):
    (problem,) = text.problems(said)
    assert (problem.code, problem.positions) == ("not_nfc", (place,))
    assert codes(text.normalise(said)) == []


@given(st.text(min_size=1, max_size=40))
def test_not_nfc_is_exactly_not_nfc(said):
    found = [problem for problem in text.problems(said) if problem.code == "not_nfc"]
    assert bool(found) == (not unicodedata.is_normalized("NFC", said))
    assert all(0 <= problem.positions[0] < len(said) for problem in found)


@given(st.text(max_size=60))
def test_every_problem_says_what_and_where_in_both_languages(said):
    for problem in text.problems(said):
        assert problem.reason_en
        assert any("\u4e00" <= one <= "\u9fff" for one in problem.reason_zh)
        assert all(0 <= place < max(len(said), 1) for place in problem.positions)


@pytest.mark.parametrize("mark", ["（演练）", "（演练结束）"])
@pytest.mark.parametrize("exercise", [True, False])
def test_nobody_types_the_exercise_mark(mark, exercise):
    assert codes(f"请{mark}转移", exercise=exercise) == ["exercise_mark"]


@pytest.mark.parametrize(
    "prefix",
    [
        "下仓镇",
        "【】",
        "【 】",
        "【甲】【乙】",
        "甲【乙】",
        "【甲】乙",
        "【甲",
        "甲】",
        "】甲【",
        "【【甲】】",
        "【甲︻】",
    ],
)
def test_a_prefix_is_one_signature(prefix):
    assert "prefix" in codes(BODY, prefix=prefix)


@pytest.mark.parametrize("suffix", ["下仓镇人民政府", "【下仓镇】", "", "回复T退订"])
def test_a_suffix_is_words_or_one_signature(suffix):
    assert codes(BODY, prefix=PREFIX, suffix=suffix) == []


@pytest.mark.parametrize("suffix", ["【甲】【乙】", "甲【乙】", "】【", "【", "【】"])
def test_other_suffixes_are_refused(suffix):
    assert "suffix" in codes(BODY, prefix=PREFIX, suffix=suffix)


@given(anything, anything, anything)
def test_any_parts_give_problems_and_nothing_else(prefix, body, suffix):
    found = text.problems(body, prefix=prefix, suffix=suffix)
    if not found:
        assert text.compose(prefix, body, suffix, exercise=False) == prefix + body + suffix
