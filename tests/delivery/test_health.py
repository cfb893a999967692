"""A gateway that is down, refuses, throttles, falls silent or talks nonsense shows on the desk and marks nothing sent."""

import socket
from dataclasses import replace

import pytest
from django.test import override_settings

from fenghuo.delivery.gateways.timers import Timers
from fenghuo.delivery.ledger import actions, queries, store
from fenghuo.delivery.ledger.models import Account
from simulators.smsc import Account as Contract
from simulators.smsc import Plan, running
from tests.delivery.makers import config, freeze, gateway
from tests.delivery.running import QUICK, send_until, settled

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


def seen(gate, plan, wanted, **timing):
    """Run until the desk shows `wanted`; (what it shows, progress of a released broadcast)."""
    frozen = freeze([10012300000 + i for i in range(40)])
    actions.order(kind="release", broadcast=frozen.broadcast, by={})
    with override_settings(FENGHUO=config(gate)), running(plan) as centre:
        gate = gate.model_copy(update={"port": centre.port})
        send_until(gate, lambda: store.health()[0][1] == wanted and keep(), timing=replace(QUICK, **timing))
    return kept.pop(), queries.progress([frozen.broadcast])[frozen.broadcast]


kept: list = []


def keep():
    kept[:] = queries.gateways()
    return True


def test_a_refused_login_names_the_status():
    shown, progress = seen(gateway(source_addr="900001"), Plan(login_status=3), "refused")
    assert (shown.state, shown.last_error, progress.unsent) == ("refused", "login_3", 40)


def test_a_wrong_secret_is_a_refused_login():
    plan = Plan(accounts=(Contract(secret="another"),))
    shown, progress = seen(gateway(source_addr="900001"), plan, "refused")
    assert (shown.last_error, progress.unsent) == ("login_3", 40)


def test_a_gateway_that_says_nothing_is_silent():
    shown, progress = seen(gateway(source_addr="900001"), Plan(deaf=True), "silent", connect=0.3)
    assert (shown.last_error, progress.unsent) == ("no_answer", 40)


def test_a_gateway_that_throttles_shows_it_and_nobody_fails():
    shown, progress = seen(gateway(source_addr="900001"), Plan(results=dict.fromkeys(range(1, 99), 8)), "throttled")
    assert (shown.state, progress.accepted, progress.failed, progress.in_doubt) == ("throttled", 0, 0, 0)


def test_a_gateway_that_is_not_there_is_down():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        gate = gateway(port=taken.getsockname()[1])
        frozen = freeze([10012300000])
        actions.order(kind="release", broadcast=frozen.broadcast, by={})
        with override_settings(FENGHUO=config(gate)):
            send_until(gate, lambda: store.health()[0][3] == "connect_refused" and keep())
    assert (kept[0].state, kept[0].last_error) == ("down", "connect_refused")
    assert queries.progress([frozen.broadcast])[frozen.broadcast].unsent == 1


@pytest.mark.parametrize("plan", [{"garbage_at": [2]}, {"bad_length_at": [2]}, {"terminate_at": [2]}, {"mute_at": [2]}])
def test_a_gateway_that_answers_wrongly_loses_nobody(plan):
    frozen = freeze([10012300000 + i for i in range(400)])
    actions.order(kind="release", broadcast=frozen.broadcast, by={})
    with running(Plan.of(plan)) as centre:
        gate = gateway(port=centre.port, source_addr="900001", batch=20)
        send_until(gate, settled(frozen.broadcast), timing=replace(QUICK, timers=Timers(idle=0.2, answer=0.2, tries=2)))
        told = {int(row.number) for row in centre.call(lambda one: list(one.record.rows()))}
    assert told == {10012300000 + i for i in range(400)}


def test_a_sender_that_is_not_running_shows_as_down_within_a_minute():
    gate = gateway()
    with override_settings(FENGHUO=config(gate)):
        assert [(one.name, one.state, one.last_error) for one in queries.gateways()] == [("one", "down", "no_sender")]
        fence = actions.take_lease("one", "cmpp3", holder="x", dead="", lease_ms=1000)
        assert fence is not None
        actions.report_health(
            "one", fence=fence, lease_ms=1000, state="bound", since=1, error="", in_flight=3, heard_at=1
        )
        assert queries.gateways()[0].state == "bound"
        Account.objects.update(seen_at=Account.objects.get().seen_at - 50_000)
        assert (queries.gateways()[0].state, queries.gateways()[0].in_flight) == ("down", 0)


def test_a_contracted_rate_is_never_exceeded_on_the_line():
    """How much of it is used is `test_pace`'s, on a clock that the test moves, and `benchmarks/line_rate`'s."""
    numbers = [10012300000 + i for i in range(900)]
    frozen = freeze(numbers)
    actions.order(kind="release", broadcast=frozen.broadcast, by={})
    with running(Plan(accounts=(Contract(rate=300, burst=1.0),))) as centre:
        gate = gateway(port=centre.port, source_addr="900001", rate=300, batch=15)
        send_until(gate, settled(frozen.broadcast))
        rows = sorted(row.at for row in centre.call(lambda one: list(one.record.rows())))
        refused = centre.call(lambda one: one.summary())["refused"]
    assert refused == {}
    assert 0 < queries.progress([frozen.broadcast])[frozen.broadcast].rate_per_s <= 300  # and never said to be exceeded
    # On a busy machine the centre may hear late, and then much at once: so its own contract is refused nothing, and over
    # the whole way nobody gains more than half a second.
    assert rows[-1] - rows[0] >= (len(numbers) - 15) / 300 - 0.5
    assert max(sum(at <= one < at + 0.95 for one in rows) for at in rows[::15]) <= 300 * 1.5


def test_the_time_to_the_last_recipient_is_known_before_signing():
    with override_settings(
        FENGHUO=config(gateway("a", rate=100), gateway("b", rate=400), gateway("c", rate=9, mode="live"))
    ):
        assert queries.estimate(1_000, 2) == 4.0
        assert queries.max_in_doubt() == 800
    with override_settings(FENGHUO=config()):
        assert (queries.estimate(10, 1), queries.max_in_doubt()) == (None, 0)


def test_a_contract_smaller_than_we_were_told_slows_us_and_never_stops_us():
    """Result 8 to a submit that the contract can never hold: it is sent in smaller ones, and nobody is told twice."""
    numbers = [10012300000 + i for i in range(120)]
    frozen = freeze(numbers)
    actions.order(kind="release", broadcast=frozen.broadcast, by={})
    with running(Plan(accounts=(Contract(rate=60, burst=0.5),))) as centre:
        gate = gateway(port=centre.port, source_addr="900001", rate=1000, batch=80)
        send_until(gate, settled(frozen.broadcast))
        told = [int(row.number) for row in centre.call(lambda one: list(one.record.rows()))]
        refused = centre.call(lambda one: one.summary())["refused"]
    assert sorted(told) == numbers
    assert refused
