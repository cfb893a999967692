"""A host that does not reach the gateway gives the account away only when somebody waits for it, and not at once for ever."""

import pytest

from fenghuo.delivery.ledger import actions
from fenghuo.delivery.sender.timing import Timing
from fenghuo.delivery.sender.turn import LEAST, TRIES, Turn

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


def take(holder: str) -> int | None:
    return actions.take_lease("one", "cmpp3", holder=holder, dead="", lease_ms=60_000)


def test_nobody_waits_so_the_host_tries_on():
    take("a")
    turn = Turn("one", (1.0, 2.0, 4.0))
    turn.cut_off = True
    assert not turn.over(TRIES + 5)


def test_somebody_waits_and_has_a_turn_after_two_failures_or_a_line_that_fell_dead():
    take("a")
    assert take("b") is None
    turn = Turn("one", (1.0, 2.0, 4.0))
    assert [turn.over(failures) for failures in range(TRIES + 1)] == [False, False, True]
    turn.cut_off = True
    assert turn.over(0)
    assert turn.stand_back(1) == LEAST
    assert not turn.over(0)
    assert [turn.stand_back(failures) for failures in (2, 3, 9)] == [2.0, 4.0, 4.0]


def test_a_line_that_is_cut_off_is_given_up_within_the_lease():
    for seconds in (4, 10, 120):
        timing = Timing.leased(seconds)
        assert timing.unheard < timing.lease
        assert timing.connect <= timing.lease / 2
        assert timing.health < timing.lease / 2
