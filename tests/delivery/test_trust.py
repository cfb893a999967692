"""A gateway that answers the login and nothing else, or nonsense: it never counts as well, costs one number at most, and is left
alone for longer each time."""

import time
from dataclasses import replace

import pytest
import structlog
from django.test import override_settings

from fenghuo.delivery.gateways.timers import Timers
from fenghuo.delivery.ledger import actions, queries, store
from fenghuo.delivery.watch.rules import well
from tests.delivery.hostile import BEAT, CONNECT, SUBMIT, Seen, answered, beaten, frame, hostile, let_in, mute
from tests.delivery.makers import config, freeze, gateway
from tests.delivery.running import QUICK, send_until, settled

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
NUMBERS = [10012300000 + i for i in range(400)]
DEAF = replace(QUICK, timers=Timers(idle=0.2, answer=0.2, tries=2), waits={"urgent": 60.0, "patient": 60.0})


def release(numbers=NUMBERS, **frozen):
    one = freeze(numbers, **frozen)
    actions.order(kind="release", broadcast=one.broadcast, by={"system": True})
    return one.broadcast


def told(broadcast):
    return queries.progress([broadcast])[broadcast]


def shown(gate):
    with override_settings(FENGHUO=config(gate)):
        return queries.gateways()[0]


def test_who_answers_only_the_login_is_not_well_again_at_the_next_login():
    """Otherwise its alarm would end with each login, and ring anew."""
    states: list[tuple[int, str]] = []
    with hostile(mute) as seen:
        gate = gateway(port=seen.port)

        def condition():
            states.append((len(seen.logins), shown(gate).state))
            return len(seen.logins) >= 5

        send_until(gate, condition, timing=DEAF, seconds=30)
    later = {state for logins, state in states if logins > 1}
    assert later == {"silent"}
    assert not well(replace(shown(gate), state="silent"))


def test_who_answers_nothing_but_the_login_holds_one_batch_in_doubt_and_then_nobody_more():
    """The first connection risks a window, as after any crash; the probe is a heartbeat, and there is no number after it."""
    batch = 10
    broadcast = release()

    def answer(command: int, sequence: int, body: bytes, seen: Seen) -> bytes:
        if command == BEAT and len(seen.logins) == 1:
            return beaten(sequence)
        return mute(command, sequence, body, seen)

    with hostile(answer) as seen:
        timing = replace(DEAF, timers=Timers(idle=0.1, answer=0.3, tries=2))
        send_until(gateway(port=seen.port, batch=batch), lambda: len(seen.logins) >= 6, timing=timing, seconds=30)
    first = 16 * batch
    assert told(broadcast).in_doubt <= first
    assert sum(map(len, seen.submits)) <= first
    assert told(broadcast).unsent >= len(NUMBERS) - first


def test_who_answers_heartbeats_and_no_submit_costs_one_number_a_connection():
    broadcast = release()
    states = []

    def answer(command: int, sequence: int, body: bytes, seen: Seen) -> bytes:
        return beaten(sequence) if command == BEAT else mute(command, sequence, body, seen)

    with hostile(answer) as seen:
        gate = gateway(port=seen.port, batch=10)

        def condition():
            states.append((len(seen.logins), shown(gate).state))
            return len(seen.logins) >= 5

        send_until(gate, condition, timing=DEAF, seconds=30)
        later = seen.submits[16:]
    assert all(len(one) == 1 for one in later)
    assert 1 <= len(later) <= 5
    assert told(broadcast).in_doubt <= 160 + 5
    assert {state for logins, state in states if logins > 1} == {"silent"}


def test_who_never_answers_heartbeats_but_submits_is_served_all_the_same():
    """After a connection that came to nothing: the number leaves when the heartbeat has had its time."""
    broadcast = release(NUMBERS[:50])

    def answer(command: int, sequence: int, body: bytes, seen: Seen) -> bytes | None:
        if command == CONNECT:
            return let_in(sequence)
        if len(seen.logins) == 1:
            return None
        return answered(sequence) if command == SUBMIT else b""

    with hostile(answer) as seen:
        timing = replace(DEAF, timers=Timers(idle=5, answer=0.3, tries=3), waits={"urgent": 0.0, "patient": 0.0})
        gate = gateway(port=seen.port, batch=1, window=4)
        send_until(gate, lambda: told(broadcast).accepted == 50, timing=timing, seconds=30)
        assert shown(gate).state in ("bound", "down")
    assert seen.beats > 0


@pytest.mark.parametrize(
    "broken",
    [
        b"\0\0\0\0\0\0\0\5\0\0\0\1",
        b"\xff\xff\xff\xff\0\0\0\5\0\0\0\1",
        b"GET / HTTP/1.1\r\n\r\n",
        frame(0x77, 1),
        frame(0x8000_0004, 1, b"\0"),
        None,
    ],
    ids=["length 0", "length huge", "html", "unknown command", "short answer", "hangs up"],
)
def test_who_breaks_after_the_login_is_left_alone_for_longer_each_time_and_stands_as_down(broken):
    broadcast = release()
    states = []

    def answer(command: int, sequence: int, body: bytes, seen: Seen) -> bytes | None:
        if command != CONNECT:
            return b"" if broken is not None else None
        return let_in(sequence) + (broken or b"")

    with hostile(answer) as seen, structlog.testing.capture_logs() as logged:
        gate = gateway(port=seen.port, batch=10)

        def condition():
            states.append((len(seen.logins), shown(gate).state))
            return len(seen.logins) >= 6

        send_until(gate, condition, timing=replace(DEAF, backoff=(0.05, 0.1, 0.2, 0.4, 0.8)), seconds=30)
    pauses = [after - before for before, after in zip(seen.logins, seen.logins[1:], strict=False)]
    assert pauses[4] >= 0.4, "0.8 with jitter"
    assert pauses[4] > pauses[0]
    assert told(broadcast).unsent + told(broadcast).in_doubt == len(NUMBERS)
    assert told(broadcast).in_doubt <= 160
    assert {state for logins, state in states if logins > 1} == {"down"}
    ended = [line for line in logged if line["event"] == "line_ended"]
    assert len(ended) <= 3, "one line, how often it came again, and the stop"
    assert ended[0]["code"] == ("protocol" if broken is not None else "lost")


def test_who_recovers_is_well_and_gets_its_window_back():
    broadcast = release()

    def answer(command: int, sequence: int, body: bytes, seen: Seen) -> bytes | None:
        if command == CONNECT:
            return let_in(sequence)
        if len(seen.logins) < 3:
            return None
        return beaten(sequence) if command == BEAT else answered(sequence)

    with hostile(answer) as seen:
        gate = gateway(port=seen.port, batch=10)
        began = time.monotonic()
        timing = replace(DEAF, waits={"urgent": 0.0, "patient": 0.0})
        send_until(gate, lambda: told(broadcast).accepted == len(NUMBERS), timing=timing, seconds=30)
        state = store.health()[0][1]
    assert state in ("bound", "down")  # down: stopped
    assert time.monotonic() - began < 20
    assert settled(broadcast, in_doubt=True) is not None
    assert max(map(len, seen.submits)) == 10
