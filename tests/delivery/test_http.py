"""An account at an HTTP gateway: everyone told once, whatever the gateway does to requests and answers."""

import json
import time
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from django.test import override_settings

from fenghuo.delivery.gateways.config import HttpGateway
from fenghuo.delivery.ledger import actions, queries, store
from fenghuo.delivery.ledger.models import Broadcast, Callback, Decision, Inbound
from simulators.http_gateway import Plan, running
from simulators.smsc import Plan as CmppPlan
from simulators.smsc import running as cmpp_running
from tests.delivery.makers import TEXT, config, freeze
from tests.delivery.running import QUICK, send_until, settled

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
NUMBERS = [10012300000 + i for i in range(120)]
SHORT = "【下仓镇】（演练）请立即转移。（演练结束）【蓟州区下仓镇】"


def account(port: int = 1, name: str = "web", **changes) -> HttpGateway:
    values: dict[str, Any] = {
        "name": name, "protocol": "http", "mode": "exercise", "host": "127.0.0.1", "port": port,
        "source_addr": "900001", "secret_file": "secret", "rate": 1_000_000, "window": 3, "batch": 10,
        "answer": {"within": 1}, "request": {"check_path": "/status"},
    } | changes  # fmt: skip
    return HttpGateway(**values)


def released(text: str = SHORT, numbers=NUMBERS, **changes):
    frozen = freeze(numbers, text=text, **changes)
    actions.order(kind="release", broadcast=frozen.broadcast, by={})
    return frozen.broadcast


def accepted_or_doubted(broadcast):
    def condition():
        now = queries.progress([broadcast]).get(broadcast, queries.Progress(0))
        return now.released and now.unsent + now.intended == 0

    return condition


def told(gateway) -> Counter:
    return Counter(int(row.number) for row in gateway.call(lambda one: list(one.record.rows)))


def test_everyone_is_handed_over_once_in_requests_of_a_batch():
    broadcast = released()
    with running(Plan()) as gateway:
        send_until(account(gateway.port), accepted_or_doubted(broadcast))
        assert told(gateway) == Counter(NUMBERS)
        rows = gateway.call(lambda one: list(one.record.rows))
        summary = gateway.call(lambda one: one.summary())
        assert gateway.call(lambda one: one.record.texts) == [SHORT]
    assert summary["requests"] <= 14
    assert summary["connections"] <= 4
    assert len({row.reference for row in rows}) == summary["requests"]
    assert queries.progress([broadcast])[broadcast].accepted == 120


def test_a_text_of_several_segments_is_handed_over_whole_and_its_receipts_speak_for_all_of_it():
    broadcast = released(TEXT * 3)
    with running(Plan(rate=600, burst=0.05)) as gateway, override_settings(FENGHUO=config(account())):
        send_until(account(gateway.port), accepted_or_doubted(broadcast))
        rows = gateway.call(lambda one: list(one.record.rows))
        assert gateway.call(lambda one: one.record.texts) == [TEXT * 3]
        assert Counter(int(row.number) for row in rows) == Counter(NUMBERS)
        post([{"id": f"h{row.id:09d}x", "number": row.number, "status": "DELIVRD", "time": 0} for row in rows])
        send_until(account(gateway.port), settled(broadcast))
        assert gateway.call(lambda one: one.summary())["refused_429"] > 0
    assert queries.progress([broadcast])[broadcast].delivered == 120
    assert not Inbound.objects.exists()


def post(receipts, nonce="n" * 32, replies=()):
    body = json.dumps({"receipts": receipts, "replies": list(replies)}).encode()
    assert actions.keep_callback(account="web", nonce=nonce, body=body, at_ms=round(time.time() * 1000))


@pytest.mark.parametrize(
    ("fault", "doubts"),
    [
        ({"drop_before": [2]}, 10),
        ({"drop_after": [2]}, 10),
        ({"mute_at": [3]}, 10),
        ({"half_at": [2]}, 10),
        ({"wrong_count_at": [2]}, 0),
        ({"huge_at": [2]}, 10),
        ({"malformed_at": [2]}, 10),
        ({"garbage_at": [2]}, 10),
        ({"failed_at": [2]}, 10),
        ({"close": True}, 0),
        ({"statuses": {"2": 429, "3": 503, "4": 408}}, 0),
        ({"codes": {"2": "busy"}}, 0),
    ],
)
def test_whatever_the_gateway_does_nobody_is_lost_and_at_most_one_request_is_in_doubt(fault, doubts):
    broadcast = released()
    gate = account(1, answer={"within": 1, "retry": ["busy"]})
    with running(Plan.of(fault)) as gateway:
        gate = gate.model_copy(update={"port": gateway.port})
        send_until(gate, accepted_or_doubted(broadcast), timing=replace(QUICK, waits={"urgent": 60.0}))
        now = queries.progress([broadcast])[broadcast]
        assert (now.accepted + now.in_doubt, now.failed) == (120, 0)
        assert now.in_doubt <= doubts
        twice = [number for number, times in told(gateway).items() if times > 1]
        assert twice == []
        never = set(NUMBERS) - set(told(gateway))
        assert len(never) <= now.in_doubt
        send_until(gate, lambda: queries.progress([broadcast])[broadcast].in_doubt == 0)  # the second copy of red
        assert set(told(gateway)) == set(NUMBERS)
        assert sum(told(gateway).values()) - 120 <= doubts


@pytest.mark.parametrize("dated", [False, True])
@pytest.mark.parametrize("status", [429, 503])
def test_a_gateway_that_says_for_how_long_it_wants_nothing_is_asked_nothing_meanwhile(status, dated):
    broadcast = released()
    plan = Plan.of({"statuses": {"2": status, "5": status}, "retry_after": 2, "retry_date": dated})
    with running(plan) as gateway:
        gate, states = account(gateway.port, rate=600), set[str]()

        def condition():
            states.update(row[1] for row in store.health())
            return accepted_or_doubted(broadcast)()

        # what is on its way to the gateway when it says so may still come: at most the other connections' requests
        send_until(gate, condition, seconds=40)
        summary = gateway.call(lambda one: one.summary())
        assert told(gateway) == Counter(NUMBERS)
    assert summary["too_early"] <= 2 * (gate.window - 1)
    assert "throttled" in states
    assert queries.progress([broadcast])[broadcast].accepted == 120


def test_a_gateway_that_wants_nothing_for_hours_is_asked_again_much_sooner():
    broadcast = released(numbers=NUMBERS[:10])
    with running(Plan.of({"statuses": {"1": 429}, "retry_after": 86_400})) as gateway:
        timing = replace(QUICK, longest_pause=1.0)
        send_until(account(gateway.port), accepted_or_doubted(broadcast), timing=timing, seconds=30)
        assert told(gateway) == Counter(NUMBERS[:10])


def test_a_login_that_meets_too_many_requests_is_no_refusal_of_the_account():
    broadcast = released(numbers=NUMBERS[:10])
    # Only once: the heartbeat after that second and the first submit leave together, and which is read first is chance.
    with running(Plan.of({"check_statuses": [429], "retry_after": 1})) as gateway:
        send_until(account(gateway.port), accepted_or_doubted(broadcast), seconds=30)
        assert told(gateway) == Counter(NUMBERS[:10])
        assert gateway.call(lambda one: one.summary())["too_early"] == 0


def test_one_bad_number_fails_alone():
    bad = str(NUMBERS[57])
    broadcast = released()
    with running(Plan(bad_numbers=frozenset({bad}))) as gateway:
        send_until(account(gateway.port), accepted_or_doubted(broadcast))
        assert told(gateway) == Counter(set(NUMBERS) - {int(bad)})
    now = queries.progress([broadcast])[broadcast]
    assert (now.accepted, now.failed) == (119, 1)
    [row] = [one for one in queries.export(broadcast) if one.state == "failed"]
    assert (row.address, row.status) == (int(bad), "R:number")


@pytest.mark.parametrize(
    ("plan", "changes", "error"),
    [
        ({"secret": "another"}, {}, "login_401"),
        ({"account": "900002"}, {}, "login_401"),
        ({}, {"request": {"check_path": "/nowhere"}}, "http_404"),
        ({}, {"request": {"path": "/wrong"}}, "http_404"),
        ({"codes": {"1": "1103"}}, {"answer": {"login": ["1103"]}}, "login_1103"),
        (
            {"codes": dict.fromkeys("123456", "1103"), "response_delay": [0.0, 0.5]},
            {"answer": {"login": ["1103"]}},
            "login_1103",
        ),
    ],
)
def test_a_wrong_secret_account_or_address_is_named_and_nobody_fails(plan, changes, error):
    broadcast = released()
    with running(Plan.of(plan)) as gateway:
        gate = account(gateway.port, **changes)
        send_until(gate, lambda: store.health()[0][1:4:2] == ("refused", error))
    now = queries.progress([broadcast])[broadcast]
    assert (now.unsent, now.failed, now.in_doubt) == (120, 0, 0)


def test_a_gateway_that_goes_away_between_two_requests_costs_nothing_and_is_found_again():
    broadcast = released()
    with running(Plan(keep_alive=0.05, response_delay=(0.1, 0.2))) as gateway:
        send_until(account(gateway.port, rate=60), accepted_or_doubted(broadcast))
        reached = told(gateway)
        assert gateway.call(lambda one: one.summary())["connections"] > 4
    # Between two requests, that is: of one that leaves in the very moment in which the gateway goes nobody knows.
    one_request = 10
    doubted = queries.progress([broadcast])[broadcast].in_doubt
    assert (Counter(NUMBERS) - reached).total() <= doubted <= one_request
    assert not reached - Counter(NUMBERS)


def test_a_peer_that_does_not_speak_http_is_named():
    with cmpp_running(CmppPlan()) as centre:
        gate = account(centre.port)
        send_until(gate, lambda: store.health()[0][3] in ("not_http", "lost", "login_closed"))


def test_receipts_by_callback_are_matched_by_id_and_number_and_strangers_become_orphans():
    broadcast = released()
    with running(Plan()) as gateway:
        gate = account(gateway.port)
        send_until(gate, accepted_or_doubted(broadcast))
        rows = gateway.call(lambda one: list(one.record.rows))
        receipts = [{"id": f"h{row.id:09d}x", "number": f"86{row.number}", "status": "DELIVRD"} for row in rows]
        receipts[5] |= {"status": "UNDELIV"}
        receipts[6] |= {"status": "ACCEPTD"}
        stranger = {"id": "unknown", "number": "10999999999", "status": "DELIVRD"}
        said = {"id": "r1", "number": "10012300001", "text": "收到\x00", "to": "12379"}
        post([*receipts, stranger, *receipts[:3]], replies=[said])
        post(receipts[:50], nonce="m" * 32, replies=[said])  # again, as after a lost answer: harmless
        waits = lambda: Callback.objects.filter(body__isnull=False).exists()  # noqa: E731
        send_until(gate, lambda: not waits())
    now = queries.progress([broadcast])[broadcast]
    assert (now.delivered, now.failed, now.accepted) == (118, 1, 1)
    kept = Counter((one.kind, one.address, one.text) for one in Inbound.objects.all())
    assert kept == {("orphan", "10999999999", "DELIVRD"): 1, ("message", "10012300001", "收到 "): 1}
    assert Callback.objects.count() == 2  # their nonces


def test_callbacks_are_taken_while_the_gateway_is_away():
    gate = account(1)
    post([{"id": "x", "number": "10999999999", "status": "DELIVRD"}])
    send_until(gate, Inbound.objects.exists)
    assert Inbound.objects.get().kind == "orphan"


def test_a_person_orders_a_second_copy_and_the_whole_text_leaves_once_more():
    broadcast, gone = released(TEXT * 3), replace(QUICK, waits={"urgent": 60.0})
    with running(Plan.of({"drop_after": [3]})) as gateway:
        gate = account(gateway.port)
        send_until(gate, accepted_or_doubted(broadcast), timing=gone)
        doubted = queries.progress([broadcast])[broadcast].in_doubt
        number = Broadcast.objects.get(id=broadcast).number
        Decision.objects.create(account="web", broadcast_id=number, detail={"decision": "resend", "all": True})
        send_until(gate, lambda: queries.progress([broadcast])[broadcast].accepted == 120, timing=gone)
        times = Counter(told(gateway).values())
        assert gateway.call(lambda one: one.record.texts) == [TEXT * 3]
    assert 0 < doubted <= 10
    assert times == {1: 120 - doubted, 2: doubted}
