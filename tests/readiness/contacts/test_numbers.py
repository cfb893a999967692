"""What is a mobile number, however it was typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import queries, rules


@pytest.mark.parametrize(
    "typed",
    [
        "13800138000", "１３８００１３８０００", "+8613800138000", "+86 138 0013 8000", "0086-138-0013-8000", "86 13800138000",
        "138-0013-8000", "\u202d13800138000\u202c", " 13800138000\u3000", "（138）00138000", "＋８６１３８００１３８０００",
    ],
)  # fmt: skip
def test_the_same_number_is_understood(typed: str):
    assert rules.normalise(typed) == 13800138000


@pytest.mark.parametrize(
    "typed",
    [
        "", "0", "1380013800", "138001380000", "022-29123456", "12345678901", "11012345678", "23800138000", "1380013800x",
        "١٣٨٠٠١٣٨٠٠٠", "1.38E+10", "13800138000/13800138001", "+1 3800138000", "110", "村委会", "=13800138000", "861380013800",
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_what_was_typed(typed: str):
    with pytest.raises(Refused) as caught:
        rules.normalise(typed)
    assert (caught.value.code, caught.value.field) == ("not_a_mobile_number", "phone")
    assert typed[:40] in caught.value.in_language("en")


def test_numbers_no_carrier_assigns_exist_in_an_exercise_only(settings):
    assert settings.FENGHUO.mode == "exercise"
    assert rules.normalise("10012345678") == 10012345678
    settings.FENGHUO = settings.FENGHUO.model_copy(update={"mode": "live"})
    with pytest.raises(Refused):
        rules.normalise("10012345678")
    with pytest.raises(Refused):
        rules.checked(rules.Row("某人", "120119111", (10012345678,)))
    assert rules.normalise("13800138000") == 13800138000


@given(st.text(max_size=20))
def test_any_text_is_a_number_or_refused(typed: str):
    try:
        address = rules.normalise(typed)
    except Refused:
        return
    assert rules.is_number(str(address))
    assert rules.normalise(str(address)) == address


def test_a_masked_number_shows_its_ends():
    assert queries.mask(13812345678) == "138****5678"
