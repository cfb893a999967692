"""SMPP gateways that answer in the wrong place, twice, to nothing, flood or hang up: nobody is lost, nor told twice unlisted."""

from collections import Counter
from dataclasses import replace

import pytest
from django.test import override_settings
from django.utils.translation import override

from fenghuo.delivery.gateways import words
from fenghuo.delivery.gateways.timers import Timers
from fenghuo.delivery.ledger import actions, queries
from fenghuo.wire.cmpp import events as cmpp_events
from fenghuo.wire.smpp import events as smpp_events
from tests.delivery.hostile import Last
from tests.delivery.hostile_smpp import (
    ANSWER,
    BEAT,
    BIND,
    NACK,
    SUBMIT,
    UNBIND,
    Seen,
    answered,
    beaten,
    delivered,
    hostile,
    let_in,
    pdu,
)
from tests.delivery.makers import config, freeze, smpp_gateway
from tests.delivery.running import QUICK, send_until

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
NUMBERS = [10012300000 + i for i in range(24)]
TIMING = replace(QUICK, timers=Timers(idle=5.0, answer=1.0, tries=3), waits={"urgent": 0.2, "patient": 0.2})


def released():
    frozen = freeze(NUMBERS)
    actions.order(kind="release", broadcast=frozen.broadcast, by={"system": True})
    return frozen.broadcast


def twice(sequence: int, seen: Seen) -> bytes:
    return answered(sequence) * 2


def to_nothing(sequence: int, seen: Seen) -> bytes:
    return answered(sequence + 100_000) + answered(0) + answered(0xFFFF_FFFF) + answered(sequence)


def contradicting(sequence: int, seen: Seen) -> bytes:
    return answered(sequence) + answered(sequence, status=0x45) + pdu(NACK, sequence, status=3)


def nack_of_nothing(sequence: int, seen: Seen) -> bytes:
    return pdu(NACK, 0, status=3) + pdu(NACK, sequence + 9_999, status=2) + answered(sequence)


def beats(sequence: int, seen: Seen) -> bytes:
    return b"".join(pdu(BEAT, one) for one in range(1, 400)) + answered(sequence)


def nonsense(sequence: int, seen: Seen) -> bytes:
    return let_in(sequence) + pdu(0x777, 5) + pdu(0x102, 6) + pdu(ANSWER | 0x777, 7) + answered(sequence)


def unbinds_once(sequence: int, seen: Seen) -> bytes:
    """In the middle of the window, once."""
    if seen.binds == 1 and len(seen.submits) == 3:
        return Last(pdu(UNBIND, 77))
    return b"" if seen.binds == 1 and len(seen.submits) < 3 else answered(sequence)


def ends_after_each(sequence: int, seen: Seen) -> bytes:
    return Last(answered(sequence))


def ends_in_the_middle(sequence: int, seen: Seen) -> bytes:
    return Last(answered(sequence)[:-3]) if seen.binds == 1 and len(seen.submits) == 3 else answered(sequence)


@pytest.mark.parametrize(
    "way",
    [
        twice, to_nothing, contradicting, nack_of_nothing, beats, nonsense, unbinds_once, ends_after_each, ends_in_the_middle,
    ],
)  # fmt: skip
def test_everybody_is_taken_and_who_was_told_twice_is_listed(way):
    broadcast = released()

    def answer(command: int, sequence: int, body: bytes, seen: Seen) -> bytes | None:
        if command == BIND:
            return let_in(sequence)
        if command == SUBMIT:
            said: bytes = way(sequence, seen)
            return said
        return beaten(sequence) if command == BEAT else b""

    with hostile(answer) as seen:
        gate = smpp_gateway(port=seen.port, window=8)
        # With a second doubt a person decides.
        settled = lambda: all(row.state == "accepted" or row.doubts > 1 for row in queries.export(broadcast))  # noqa: E731
        send_until(gate, settled, timing=TIMING, seconds=60)
    times = Counter(seen.submits)
    rows = {row.address: row for row in queries.export(broadcast)}
    assert {number for number, row in rows.items() if row.state == "accepted"} <= set(times) <= set(NUMBERS)
    assert {number for number, n in times.items() if n > 1} <= {number for number, row in rows.items() if row.doubts}
    assert {row.state for row in rows.values()} <= {"accepted", "in_doubt"}
    if way is not ends_after_each:  # it never reads the rest of the window
        assert set(times) == set(NUMBERS)
    if way is beats:
        assert seen.beats == 399 * len(seen.submits)


@pytest.mark.parametrize(
    ("said", "error", "state"),
    [
        (lambda sequence: let_in(sequence, 0x0E), "login_password", "refused"),
        (lambda sequence: let_in(sequence, 0x0F), "login_system_id", "refused"),
        (lambda sequence: let_in(sequence, 0x05), "login_already_bound", "refused"),
        (lambda sequence: pdu(NACK, sequence, status=3), "login_0x03", "refused"),
        (answered, "protocol", "refused"),
        (lambda sequence: delivered(1) * 3_000, "protocol", "refused"),
        (lambda sequence: pdu(UNBIND, 1), "terminated", "down"),
        (lambda sequence: Last(b""), "login_closed", "refused"),
        (lambda sequence: b"HTTP/1.1 400 Bad Request\r\n\r\n", "protocol", "refused"),
    ],
    ids=["password", "system_id", "bound", "nack", "another answer", "flood", "unbind", "hangs up", "http"],
)
def test_a_bind_that_is_refused_or_answered_wrongly_sends_nothing_and_says_why_at_once(said, error, state):
    broadcast, shown = released(), []
    with hostile(lambda command, sequence, body, seen: said(sequence) if command == BIND else b"") as seen:
        gate = smpp_gateway(port=seen.port)

        def condition():
            with override_settings(FENGHUO=config(gate)):
                shown.append(queries.gateways()[0])
            return (shown[-1].last_error, shown[-1].state) == (error, state)

        send_until(gate, condition, timing=TIMING, seconds=30)
    assert seen.submits == []
    assert queries.progress([broadcast])[broadcast].unsent == len(NUMBERS)


@pytest.mark.parametrize("code", sorted({*cmpp_events.REASONS, *smpp_events.REASONS} - {"refused"}))
def test_whatever_ends_a_line_is_said_in_a_sentence(code):
    with override("en"):
        said = words.error(code)
    assert said.endswith(".")
    assert " " in said


def test_an_answer_to_the_bind_with_another_sequence_lets_us_in():
    broadcast = released()

    def answer(command: int, sequence: int, body: bytes, seen: Seen) -> bytes:
        if command == BIND:
            return let_in(sequence + 5)
        return answered(sequence) if command == SUBMIT else beaten(sequence) if command == BEAT else b""

    with hostile(answer) as seen:
        taken = lambda: queries.progress([broadcast])[broadcast].accepted == len(NUMBERS)  # noqa: E731
        send_until(smpp_gateway(port=seen.port), taken, timing=TIMING, seconds=30)
    assert Counter(seen.submits) == dict.fromkeys(NUMBERS, 1)


def test_a_flood_of_messages_is_kept_and_answered_while_everybody_is_told():
    broadcast = released()

    def answer(command: int, sequence: int, body: bytes, seen: Seen) -> bytes:
        if command == BIND:
            flood = b"".join(delivered(one, b"%d" % one) for one in range(1, 1_001))
            return let_in(sequence) + flood + b"".join(delivered(one, b"??", esm_class=4) for one in range(1, 21))
        return answered(sequence) if command == SUBMIT else beaten(sequence) if command == BEAT else b""

    with hostile(answer) as seen:

        def condition():
            return len(seen.answers) == 1_020 and queries.progress([broadcast])[broadcast].accepted == len(NUMBERS)

        send_until(smpp_gateway(port=seen.port), condition, timing=TIMING, seconds=60)
    assert Counter(seen.answers) == {0: 1_000, 0x65: 20}
    assert len(queries.inbound(kind="message", limit=5_000)) == 1_000
    assert seen.binds == 1
