"""Receipts that come many at a time are entered together: none is lost, none is entered twice, and nobody waits for long."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenghuo.delivery.gateways.gathered import ENOUGH, FEW, Gathered
from fenghuo.delivery.ledger import actions, queries
from fenghuo.wire.cmpp.layout import DELIVER
from fenghuo.wire.stream import Run
from tests.delivery.hostile import (
    BEAT,
    CONNECT,
    SUBMIT,
    Last,
    Seen,
    answered,
    beaten,
    hostile,
    let_in,
    numbers_of,
    reported,
)
from tests.delivery.makers import freeze, gateway
from tests.delivery.running import send_until, settled

KINDS = [("one", 0), ("other", 0), ("one", 1)]  # layout, connection


def run(first: int, frames: int, stride: int) -> Run:
    body = np.zeros((frames, stride), dtype=np.uint8)
    body[:, :4] = np.arange(first, first + frames, dtype=">u4").view(np.uint8).reshape(frames, 4)
    return Run(DELIVER, stride, frames, body.tobytes())


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(1, 2 * FEW), st.sampled_from([12, 20]), st.booleans())))
def test_every_frame_is_handed_on_once_in_order_and_never_among_others_of_another_shape(came):
    gathered, handed, first = Gathered(), [], 0
    for (layout, pipe), frames, stride, asked in came:
        now = gathered.add(run(first, frames, stride), (layout, stride), pipe)
        handed += now
        first += frames
        if frames < FEW:
            assert not gathered, "a gateway that says little at a time is not kept waiting"
        handed += gathered.all() if asked else []
    handed += gathered.all()
    assert not gathered
    seen = []
    for one, (_, stride), _ in handed:
        assert one.stride == stride
        assert len(one.data) == one.frames * one.stride
        assert one.frames < ENOUGH + 2 * FEW
        seen += np.frombuffer(one.column(0, 4), dtype=">u4").tolist()
    assert seen == list(range(first))


NUMBERS = [10012300000 + i for i in range(300)]


@pytest.mark.django_db(databases=["default", "ledger"])
@pytest.mark.parametrize("at_once", [1, 100])
def test_a_gateway_that_says_no_more_before_it_is_answered_is_not_kept_waiting(at_once):
    """So many receipts, then none until all of them are acknowledged."""
    frozen = freeze(NUMBERS)
    actions.order(kind="release", broadcast=frozen.broadcast, by={"system": True})
    waiting: list[bytes] = []

    def next_ones() -> bytes:
        part = b"".join(waiting[:at_once])
        del waiting[:at_once]
        return part

    def answer(command: int, sequence: int, body: bytes, seen: Seen) -> bytes:
        if command == CONNECT:
            return let_in(sequence)
        if command == SUBMIT:
            at = len(seen.submits)
            waiting.append(reported(at, at, numbers_of(body)[0]))
            return answered(sequence, id=at) + (next_ones() if at == len(NUMBERS) else b"")
        if command == DELIVER | 0x8000_0000 and len(seen.answers) % at_once == 0:
            return next_ones()
        return beaten(sequence) if command == BEAT else b""

    with hostile(answer) as seen:
        send_until(gateway(port=seen.port, batch=1, window=100), settled(frozen.broadcast), seconds=30)
    assert queries.progress([frozen.broadcast])[frozen.broadcast].delivered == len(NUMBERS)
    assert len(seen.answers) == len(NUMBERS)


@pytest.mark.django_db(databases=["default", "ledger"])
def test_what_was_said_in_the_last_moment_of_a_connection_counts():
    """All receipts at once, and the gateway hangs up: what was heard is entered, not only what it says again."""
    frozen = freeze(NUMBERS[:100])
    actions.order(kind="release", broadcast=frozen.broadcast, by={"system": True})

    def answer(command: int, sequence: int, body: bytes, seen: Seen) -> bytes:
        if command == CONNECT:
            return let_in(sequence)
        if command == SUBMIT:
            at = len(seen.submits)
            if at < 100:
                return answered(sequence, id=at)
            numbers = [number for one in seen.submits for number in one]
            said = b"".join(reported(k, k, number) for k, number in enumerate(numbers, 1))
            return Last(answered(sequence, id=at) + said)
        return beaten(sequence) if command == BEAT else b""

    with hostile(answer) as seen:
        send_until(gateway(port=seen.port, batch=1, window=100), settled(frozen.broadcast), seconds=30)
    assert queries.progress([frozen.broadcast])[frozen.broadcast].delivered == 100
