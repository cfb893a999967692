"""Who lives: known by a sign of life, however the clock moves."""

from datetime import timedelta

import pytest

from fenghuo.ground import clock
from fenghuo.ground.pulse import actions, queries
from fenghuo.ground.pulse.models import Pulse

pytestmark = pytest.mark.django_db


def test_nobody_lives_before_the_first_sign() -> None:
    assert queries.age("worker") is None


def test_the_youngest_host_counts() -> None:
    with clock.moved(timedelta(minutes=-10)):
        actions.beat(process="worker", host="a")
    old = queries.age("worker")
    actions.beat(process="worker", host="b")
    young = queries.age("worker")
    assert old is not None
    assert young is not None
    assert young < timedelta(seconds=30) < timedelta(minutes=10) <= old
    assert queries.age("sender") is None


def test_a_clock_set_back_gives_no_negative_age() -> None:
    actions.beat(process="worker", host="a")
    with clock.moved(timedelta(hours=-1)):
        assert queries.age("worker") == timedelta(0)


def test_a_host_has_one_row_however_often_it_beats() -> None:
    for _ in range(3):
        actions.beat(process="worker", host="a" * 500)
    assert Pulse.objects.count() == 1
