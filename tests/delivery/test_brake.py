"""A gateway that refuses the account and not the number: nobody fails, people are told why, one number is tried now and then."""

import pytest
from django.test import override_settings

from fenghuo.delivery.gateways import words
from fenghuo.delivery.ledger import actions, queries
from fenghuo.delivery.watch.rules import well
from simulators.smsc import Plan, running
from tests.delivery.hostile import BEAT, CONNECT, SUBMIT, Seen, answered, beaten, hostile, let_in, numbers_of
from tests.delivery.makers import config, freeze, gateway, smpp_gateway
from tests.delivery.running import send_until

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
NUMBERS = [10012300000 + i for i in range(300)]


def release(numbers=NUMBERS, **frozen):
    one = freeze(numbers, **frozen)
    actions.order(kind="release", broadcast=one.broadcast, by={"system": True})
    return one.broadcast


def told(broadcast):
    return queries.progress([broadcast])[broadcast]


def shown(gate):
    with override_settings(FENGHUO=config(gate)):
        return queries.gateways()[0]


@pytest.mark.parametrize(
    ("gate", "protocol", "result", "batch"),
    [(gateway, "cmpp", 9, 1), (gateway, "cmpp", 10, 10), (smpp_gateway, "smpp", 0x0A, 1)],
    ids=["cmpp", "cmpp in batches", "smpp wrong sender"],
)
def test_a_gateway_that_refuses_everybody_fails_nobody_and_says_why(gate, protocol, result, batch):
    broadcast = release()
    plan = Plan(protocol=protocol, results=dict.fromkeys(range(1, 5000), result))
    with running(plan) as centre:
        account = gate(port=centre.port, source_addr="900001", **({"batch": batch} if protocol == "cmpp" else {}))
        send_until(account, lambda: braked(account), seconds=30)
        seen, submits = SHOWN[-1], centre.call(lambda one: one.summary())["submits"]
    assert (told(broadcast).failed, told(broadcast).unsent, told(broadcast).in_doubt) == (0, 300, 0)
    assert seen.last_error == f"submits_{result}"
    assert not well(seen)
    assert str(result) in words.error(seen.last_error)
    assert submits <= 16 * 8 + 10, "a window, what it is halved into, and some numbers on trial"


SHOWN: list[queries.GatewayHealth] = []


def braked(gate):
    SHOWN.append(shown(gate))
    return SHOWN[-1].state == "refused"


def refusing(until: int, result: int = 9, bad: frozenset[int] = frozenset()):
    """Refuses the first so many submits with the result, then only who is bad."""

    def answer(command: int, sequence: int, body: bytes, seen: Seen) -> bytes:
        if command == CONNECT:
            return let_in(sequence)
        if command == BEAT:
            return beaten(sequence)
        if command != SUBMIT:
            return b""
        wrong = len(seen.submits) <= until or not bad.isdisjoint(numbers_of(body))
        return answered(sequence, result if wrong else 0)

    return answer


def test_once_the_account_is_put_right_everybody_is_told_once():
    broadcast = release()
    with hostile(refusing(10)) as seen:
        gate = gateway(port=seen.port, batch=1, window=4)
        send_until(gate, lambda: told(broadcast).accepted == 300, seconds=60)
    reached = [number for one in seen.submits[10:] for number in one]
    assert sorted(reached) == NUMBERS


@pytest.mark.parametrize("batch", [1, 16])
@pytest.mark.parametrize("result", [13, 9])
def test_a_bad_number_among_good_ones_still_fails_alone(batch, result):
    """Whatever code the carrier has for it; who shared a submit with it is told."""
    bad = frozenset({10012300000, 10012300017, 10012300299})
    broadcast = release()
    with hostile(refusing(0, result, bad)) as seen:
        gate = gateway(port=seen.port, batch=batch)
        send_until(gate, lambda: told(broadcast).failed == 3, seconds=30)
        send_until(gate, lambda: told(broadcast).accepted == 297, seconds=30)
    assert {row.address for row in queries.export(broadcast) if row.state == "failed"} == bad


def test_a_number_that_is_plainly_bad_fails_also_alone():
    broadcast = release(NUMBERS[:1])
    with hostile(refusing(0, 13, frozenset(NUMBERS))) as seen:
        send_until(gateway(port=seen.port), lambda: told(broadcast).failed == 1)


def test_an_account_that_turns_bad_in_the_middle_fails_nobody():
    broadcast = release()

    def answer(command: int, sequence: int, body: bytes, seen: Seen) -> bytes:
        if command == CONNECT:
            return let_in(sequence)
        if command == SUBMIT:
            return answered(sequence, 0 if len(seen.submits) <= 100 else 7)
        return beaten(sequence) if command == BEAT else b""

    with hostile(answer) as seen:
        gate = gateway(port=seen.port, batch=1)
        send_until(gate, lambda: braked(gate), seconds=30)
    assert (told(broadcast).accepted, told(broadcast).failed, told(broadcast).unsent) == (100, 0, 200)
