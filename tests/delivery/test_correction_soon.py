"""C1: the first PDU of a correction leaves within two seconds of the decision, however slowly the gateway answers."""

import time
from dataclasses import replace

import pytest

from fenghuo.delivery.ledger import actions, queries
from fenghuo.delivery.sender.timing import Timing
from fenghuo.ground import clock
from simulators.smsc import Plan, running
from tests.delivery.hostile import CONNECT, SUBMIT, Seen, answered, hostile, let_in
from tests.delivery.makers import CORRECTION, TEXT, freeze, gateway
from tests.delivery.running import send_until, settled
from tests.delivery.several import die, rise

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
THROTTLED = 8
LONG = "【下仓镇】（演练）" + "刚才的预警发布有误，请以本条为准。" * 8 + "（演练结束）【蓟州区下仓镇】"


def order(kind, frozen):
    actions.order(kind=kind, broadcast=frozen.broadcast, by={"system": True})


@pytest.mark.parametrize("correction", [CORRECTION, LONG], ids=["one segment", "several segments"])
def test_a_correction_does_not_wait_for_the_answers_of_a_slow_gateway(correction):
    decided: list[float] = []
    with running(Plan(response_delay=(4.0, 4.0))) as centre:
        frozen = freeze([10012300000 + i for i in range(2_000)], correction=correction)
        order("release", frozen)

        def corrected():
            return [row.at for row in centre.call(lambda one: list(one.record.rows())) if row.text != TEXT]

        def condition():
            if not decided and centre.call(lambda one: one.record.recipients) >= 140:
                decided.append(clock.now().timestamp())
                order("recall", frozen)
                order("correct", frozen)
            return bool(corrected())

        send_until(gateway(port=centre.port, source_addr="900001", batch=10), condition, timing=Timing(), seconds=25)
        first = min(corrected())
    assert first - decided[0] <= 2.0


@pytest.mark.parametrize(("window", "batch", "seconds"), [(3, 1, 4.0), (2, 1, 4.0), (2, 10, 4.0), (1, 10, 1.8)])
def test_a_small_window_keeps_a_place_where_an_answer_comes_too_late_and_one_place_waits_for_one_answer(
    window, batch, seconds
):
    decided: list[float] = []
    with running(Plan(response_delay=(seconds, seconds))) as centre:
        frozen = freeze([10012300000 + i for i in range(2_000)])
        order("release", frozen)

        def condition():
            told = centre.call(lambda one: [row.at for row in one.record.rows()])
            if not decided and told and clock.now().timestamp() > told[0] + 0.8:
                decided.append(recalled(frozen))
            return bool(corrected(centre))

        gate = gateway(port=centre.port, source_addr="900001", batch=batch, window=window)
        send_until(gate, condition, timing=Timing(), seconds=25)
        first = min(corrected(centre))
        later = [row.text for row in centre.call(lambda one: list(one.record.rows())) if row.at > decided[0] + 0.1]
    assert first - decided[0] <= 2.0
    assert set(later) == {CORRECTION}, "something else went first"


@pytest.mark.parametrize("window", [8, 3, 2])
def test_a_gateway_that_answers_at_once_gets_its_whole_window(window):
    """This one answers its first submit, and then only ever as many together as its window holds: a kept place would stop it."""
    people = 1 + 6 * window
    frozen = freeze([10012300000 + i for i in range(people)])
    order("release", frozen)
    held: list[int] = []

    def answer(command: int, sequence: int, body: bytes, seen: Seen) -> bytes:
        if command == CONNECT:
            return let_in(sequence)
        if command != SUBMIT:
            return b""
        held.append(sequence)
        if len(seen.submits) > 1 and len(held) < window:
            return b""
        said = b"".join(map(answered, held))
        held.clear()
        return said

    with hostile(answer) as seen:
        gate = gateway(port=seen.port, batch=1, window=window)
        accepted = lambda: queries.progress([frozen.broadcast])[frozen.broadcast].accepted  # noqa: E731
        send_until(gate, lambda: accepted() == people, timing=Timing())
    assert len(seen.submits) == people


def corrected(centre):
    return [row.at for row in centre.call(lambda one: list(one.record.rows())) if row.text == CORRECTION]


def recalled(frozen):
    order("recall", frozen)
    order("correct", frozen)
    return clock.now().timestamp()


@pytest.mark.parametrize("cap", [1600, 25, 10], ids=["the window", "a small cap", "a cap of one submit"])
def test_a_correction_does_not_wait_where_a_quick_gateway_has_just_become_slow(cap):
    decided: list[float] = []
    with running(Plan(response_delay=(0.01, 0.02))) as centre:
        before = freeze([10012400000 + i for i in range(200)])
        frozen = freeze([10012300000 + i for i in range(2_000)])
        order("release", before)
        gate = gateway(port=centre.port, source_addr="900001", batch=10, max_in_flight_recipients=cap)
        released: list[float] = []
        answered_at: list[float] = []

        def condition():
            now = clock.now().timestamp()
            if not answered_at and settled(before.broadcast)():
                answered_at.append(now)
                centre.call(lambda one: one.change({"response_delay": (4.0, 4.0)}))
            if answered_at and not released and now > answered_at[0] + 0.3:
                order("release", frozen)
                released.append(now)
            if released and not decided and now >= released[0] + 0.8:
                decided.append(recalled(frozen))
            return bool(corrected(centre))

        send_until(gate, condition, timing=Timing(), seconds=25)
        first = min(corrected(centre))
    assert first - decided[0] <= 2.0


def test_a_correction_does_not_wait_for_the_next_attempt_at_a_gateway_that_is_back():
    timing = replace(Timing(), backoff=(0.05, 30.0))
    decided: list[float] = []
    with running(Plan()) as centre:
        frozen = freeze([10012300000 + i for i in range(50)])
        order("release", frozen)
        died_at: list[float] = []

        def condition():
            told = centre.call(lambda one: one.record.recipients)
            if not died_at and told == 50 and not unanswered():
                die(centre)
                died_at.append(clock.monotonic())
            elif died_at and not decided and clock.monotonic() - died_at[0] > 1.0:
                rise(centre)
                decided.append(recalled(frozen))
            return bool(corrected(centre))

        def unanswered():
            return queries.progress([frozen.broadcast])[frozen.broadcast].intended

        gate = gateway(port=centre.port, source_addr="900001", batch=10)
        send_until(gate, condition, timing=timing)
        first = min(corrected(centre))
    assert first - decided[0] <= 2.0


def test_a_correction_does_not_wait_for_the_end_of_a_long_throttling():
    timing = replace(Timing(), throttle=(30.0,))
    frozen = freeze([10012300000 + i for i in range(100)])
    order("release", frozen)
    decided: list[float] = []

    def answer(command: int, sequence: int, body: bytes, seen: Seen) -> bytes:
        if command == CONNECT:
            return let_in(sequence)
        if command != SUBMIT:
            return b""
        return answered(sequence, 0 if len(seen.submits) <= 2 else THROTTLED)

    with hostile(answer) as seen:
        gate = gateway(port=seen.port, batch=10)

        def condition():
            if not decided and len(seen.submits) > 2:
                time.sleep(0.2)
                recalled(frozen)
                decided.append(time.monotonic())
            return bool(decided) and max(seen.at) > decided[0] + 0.05

        send_until(gate, condition, timing=timing)
        assert max(seen.at) - decided[0] <= 2.0
