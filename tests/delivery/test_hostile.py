"""Gateways that answer in the wrong order, twice, to nothing, or stop in the middle: nobody is lost, nor told twice unlisted."""

import struct
import time
from collections import Counter
from dataclasses import replace

import pytest
from django.test import override_settings

from fenghuo.delivery.gateways.timers import Timers
from fenghuo.delivery.ledger import actions, queries
from tests.delivery.hostile import (
    BEAT,
    CONNECT,
    SUBMIT,
    TERMINATE,
    Last,
    Seen,
    answered,
    beaten,
    delivered,
    frame,
    hostile,
    let_in,
    reported,
)
from tests.delivery.makers import config, freeze, gateway
from tests.delivery.running import QUICK, send_until

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
NUMBERS = [10012300000 + i for i in range(60)]
TIMING = replace(QUICK, timers=Timers(idle=0.5, answer=0.5, tries=2), waits={"urgent": 0.2, "patient": 0.2})


def reversed_order(sequence: int, seen: Seen, held: list[int]) -> bytes:
    held.append(sequence)
    if len(held) < 4:
        return b""
    said = b"".join(answered(one) for one in reversed(held))
    held.clear()
    return said


def doubled(sequence: int, seen: Seen, held: list[int]) -> bytes:
    return answered(sequence) * 2


def contradicting(sequence: int, seen: Seen, held: list[int]) -> bytes:
    return answered(sequence) + answered(sequence, 9)


def to_nothing(sequence: int, seen: Seen, held: list[int]) -> bytes:
    return answered(sequence + 100_000) + answered(0) + answered(sequence)


def unasked(sequence: int, seen: Seen, held: list[int]) -> bytes:
    return beaten(77) + frame(BEAT, 5) + let_in(3) + delivered(9, b"\xff" * 140) + answered(sequence)


def in_the_middle(sequence: int, seen: Seen, held: list[int]) -> bytes | None:
    """The connection ends in the middle of the third answer, once."""
    if len(seen.logins) == 1 and len(seen.submits) == 3:
        return None
    return answered(sequence)


def beats(sequence: int, seen: Seen, held: list[int]) -> bytes:
    return b"".join(frame(BEAT, one) for one in range(400)) + answered(sequence)


def says_good_bye(sequence: int, seen: Seen, held: list[int]) -> bytes:
    """In the middle of the window, once."""
    if len(seen.logins) > 1:
        return answered(sequence)
    return Last(frame(TERMINATE, 77)) if len(seen.submits) == 3 else b""


@pytest.mark.parametrize(
    "way", [reversed_order, doubled, contradicting, to_nothing, unasked, in_the_middle, beats, says_good_bye]
)
def test_everybody_is_taken_and_who_was_told_twice_is_listed(way):
    frozen = freeze(NUMBERS)
    actions.order(kind="release", broadcast=frozen.broadcast, by={"system": True})
    held: list[int] = []

    def answer(command: int, sequence: int, body: bytes, seen: Seen) -> bytes | None:
        if command == CONNECT:
            held.clear()
            return let_in(sequence)
        if command == SUBMIT:
            return way(sequence, seen, held)
        return beaten(sequence) if command == BEAT else b""

    with hostile(answer) as seen:
        gate = gateway(port=seen.port, batch=1, window=8)

        def condition():
            return queries.progress([frozen.broadcast])[frozen.broadcast].accepted == 60

        send_until(gate, condition, timing=TIMING, seconds=30)
    times = Counter(number for one in seen.submits for number in one)
    doubtful = {row.address for row in queries.export(frozen.broadcast) if row.doubts}
    assert set(times) == set(NUMBERS)
    assert {number for number, n in times.items() if n > 1} <= doubtful
    assert queries.progress([frozen.broadcast])[frozen.broadcast].failed == 0


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (lambda sequence: let_in(sequence, status=4), "login_4"),
        (lambda sequence: let_in(sequence, status=3), "login_3"),
        (let_in, "unproven"),
        (lambda sequence: reported(1, 1, NUMBERS[0]) * 3_000, "protocol"),
        (lambda sequence: frame(TERMINATE, 1), "terminated"),
        (lambda sequence: frame(0x8000_0001, sequence, struct.pack(">B16sB", 0, b"", 0x20)), "version"),
        (lambda sequence: let_in(sequence)[:20], "no_answer"),
        (answered, "protocol"),
    ],
    ids=[
        "version refused",
        "secret refused",
        "unproven",
        "flood",
        "good-bye",
        "older layout",
        "half an answer",
        "another answer",
    ],
)
def test_a_login_that_is_answered_wrongly_sends_nothing_and_says_why(said, error):
    frozen = freeze(NUMBERS)
    actions.order(kind="release", broadcast=frozen.broadcast, by={"system": True})
    shown = []
    with hostile(lambda command, sequence, body, seen: said(sequence) if command == CONNECT else b"") as seen:
        gate = gateway(port=seen.port, require_ismg_auth=error == "unproven")

        def condition():
            with override_settings(FENGHUO=config(gate)):
                shown.append(queries.gateways()[0])
            return shown[-1].last_error == error

        send_until(gate, condition, timing=replace(TIMING, connect=0.3), seconds=30)
    assert seen.submits == []
    assert queries.progress([frozen.broadcast])[frozen.broadcast].unsent == 60


def test_a_gateway_that_only_ever_throttles_shows_that_and_never_as_silent():
    frozen = freeze(NUMBERS)
    actions.order(kind="release", broadcast=frozen.broadcast, by={"system": True})
    states = set()

    def answer(command: int, sequence: int, body: bytes, seen: Seen) -> bytes:
        if command == CONNECT:
            return let_in(sequence)
        return answered(sequence, 8) if command == SUBMIT else beaten(sequence) if command == BEAT else b""

    with hostile(answer) as seen:
        gate = gateway(port=seen.port, batch=1).model_copy(update={"failover_after": 1})
        began = time.monotonic()

        def condition():
            with override_settings(FENGHUO=config(gate)):
                states.add(queries.gateways()[0].state)
            return time.monotonic() - began > 4

        send_until(gate, condition, timing=TIMING, seconds=30)
    assert "throttled" in states
    assert "silent" not in states
    assert queries.progress([frozen.broadcast])[frozen.broadcast].unsent == 60
