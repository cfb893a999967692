"""Only what says exactly 同意 is an approval."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenghuo.warning.alerts.rules import Answer, answer


@pytest.mark.parametrize(
    "text", ["同意", " 同意。", "“同意”", "同意！", "「同意」\n", "同 意", "【同意】", "（同意）", "同　意。"]
)
def test_a_plain_yes(text):
    assert answer(text) == Answer("yes")


@pytest.mark.parametrize(
    "text", ["同意 123456", "同意123456。", "同意，１２３４５６", "“同意 123456”", "同意:123456 !"]
)
def test_a_yes_with_its_code(text):
    assert answer(text) == Answer("yes", "123456")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("不同意", Answer("no")),
        ("不 同意 太早", Answer("no", "", "太早")),
        ("不同意 123456 范围太大", Answer("no", "123456", "范围太大")),
        ("不同意，范围太大。", Answer("no", "", "范围太大")),
        ("不同意 1234567", Answer("no", "", "1234567")),
    ],
)
def test_a_no_with_its_reason(text, expected):
    assert answer(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "同意吗？",
        "同 意 吗",
        "同意（改为黄色）",
        "不太同 意",
        "同意 12345",
        "同意 1234567",
        "同意 123456 但改为黄色",
        "我不太同意",
        "我同意",
        "不能同意",
        "同意同意",
        "同意?",
    ],
)
def test_what_only_speaks_of_consent_is_none(text):
    assert answer(text).says == "unclear"


@pytest.mark.parametrize("text", ["收到", "", "123456", "好的", "TD", "\u202e同", "同\u200b意 123456"])
def test_everything_else_is_no_answer(text):
    assert answer(text).says == "nothing"


@given(st.text())
def test_no_text_is_taken_for_consent_that_holds_another_word(text):
    said = answer(text)
    letters = [one for one in text if one.isalpha()]
    if said.says == "yes":
        assert letters == ["同", "意"]
