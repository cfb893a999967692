"""Whatever is typed, a text begins with the machine's prefix and ends with the town's own suffix (X14)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenghuo.ground.profile import queries as profiles
from fenghuo.warning.alerts.rules import Frame
from fenghuo.wire.text import TextError

PREFIX, SUFFIX = "【天津预警发布中心】", "【蓟州区下仓镇】"
BEGIN, END = "（演练）", "（演练结束）"


@given(body=st.text(max_size=300), exercise=st.booleans())
def test_the_frame_holds_around_any_body(body: str, exercise: bool):
    frame = Frame(profiles.profile("xiacang"), exercise)
    try:
        sms = frame.sms(body)
    except TextError:
        return
    assert sms == f"{PREFIX}{BEGIN if exercise else ''}{body}{END if exercise else ''}{SUFFIX}"
    assert (sms.count("【"), sms.count("】")) == (2, 2)
    assert (sms.count(BEGIN), sms.count(END)) == (exercise, exercise)
    assert len(sms.encode("utf-16-be")) // 2 <= 280


@pytest.mark.parametrize(("exercise", "most"), [(False, 262), (True, 252)])
def test_everything_counts_towards_the_limit(exercise: bool, most: int):
    frame = Frame(profiles.profile("xiacang"), exercise)
    assert frame.sms("雨" * most)
    with pytest.raises(TextError):
        frame.sms("雨" * (most + 1))


def test_a_profile_may_count_the_words_alone():
    town = profiles.profile("xiacang")
    alone = town.sms.model_copy(update={"frame_counts": town.sms.frame_counts.model_copy(update={"value": False})})
    frame = Frame(town.model_copy(update={"sms": alone}), False)
    assert frame.limit == 298
    assert frame.sms("雨" * 280)


def test_words_of_a_page_are_marked_in_an_exercise_only():
    town = profiles.profile("xiacang")
    assert Frame(town, True).marked("暴雨") == f"{BEGIN}暴雨{END}"
    assert Frame(town, True).marked("") == ""
    assert Frame(town, False).marked("暴雨") == "暴雨"
