"""Superseding and lifting: the old stops, and a lift never comes to anybody before, or without, what it lifts (FAULTS C2)."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import override_settings

from fenghuo.delivery.ledger import actions, queries
from fenghuo.ground import clock
from fenghuo.ground.ids import new_id
from simulators.smsc import Plan, running
from tests.delivery.makers import CORRECTION, TEXT, config, freeze, gateway
from tests.delivery.running import QUICK, send_until, settled

ROOT = Path(__file__).resolve().parents[2]
LIFT = "【下仓镇】（演练）预警解除。（演练结束）【蓟州区下仓镇】"


def order(kind, frozen, **detail):
    actions.order(kind=kind, broadcast=frozen.broadcast, by={"system": True}, detail=detail)


def lift(*alerts):
    return actions.freeze(
        broadcast=new_id(),
        mode="exercise",
        lane=1,
        text=LIFT,
        correction=CORRECTION,
        src_id="12379",
        expires_at=clock.now() + timedelta(hours=6),
        policy="urgent",
        lifts=[one.broadcast for one in alerts],
    )


def of(frozen):
    return queries.progress([frozen.broadcast])[frozen.broadcast]


def names_of(frozen):
    return [one.name for one in queries.milestones(0) if one.broadcast == frozen.broadcast]


@pytest.mark.django_db(databases=["default", "ledger"])
def test_the_audience_of_a_lift_is_that_of_what_it_lifts_each_number_once_in_its_own_account():
    with override_settings(FENGHUO=config(*(gateway(name, port=1) for name in ("one", "two")))):
        first = freeze([10012300000 + i for i in range(2_100)])
        second = freeze([10012301000 + i for i in range(1_500)])
        lifted = lift(second, first)
        again = lift(first)
    people, numbers = queries.audience(lifted.broadcast)
    assert sorted(numbers) == [10012300000 + i for i in range(2_500)]
    assert len(people) == lifted.count == 2_500
    assert queries.audience_hash(lifted.broadcast) == (lifted.audience_sha256, 2_500)
    assert queries.audience(again.broadcast) == queries.audience(first.broadcast)
    assert again.audience_sha256 == first.audience_sha256


@pytest.mark.django_db(databases=["default", "ledger"])
def test_a_newer_alert_stops_what_has_not_left_of_the_older_and_its_lift_drops_exactly_those():
    with running(Plan(response_delay=(0.0, 0.004))) as centre:
        gate = gateway(port=centre.port, source_addr="900001", batch=10, window=8)
        alert = freeze([10012300000 + i for i in range(4_000)])
        lifted, signed = lift(alert), list[bool]()
        order("release", alert)

        def condition():
            if not signed and centre.call(lambda one: one.record.recipients) >= 700:
                signed.append(True)
                order("supersede", alert)
                order("release", lifted)
            return bool(signed) and settled(alert.broadcast)() and settled(lifted.broadcast)()

        send_until(gate, condition, timing=replace(QUICK, tick=0.001))
        rows = centre.call(lambda one: list(one.record.rows()))
    told = {int(row.number): at for at, row in enumerate(rows) if row.text == TEXT}
    lifts = {int(row.number): at for at, row in enumerate(rows) if row.text == LIFT}
    assert set(told) == set(lifts)
    assert len(told) <= 700 + 2 * 8 * 10  # what was on the line, and the window that the order met
    assert all(told[one] < lifts[one] for one in told)
    assert (of(alert).stopped, of(lifted).stopped) == (4_000 - len(told), 4_000 - len(told))
    assert (of(alert).superseded, of(lifted).lift) == (True, True)
    assert "superseded" in names_of(alert)
    assert "recalled" not in names_of(alert)


@pytest.mark.django_db(databases=["default", "ledger"])
def test_a_lift_of_what_told_nobody_tells_nobody_and_says_so():
    with running(Plan()) as centre:
        alert = freeze([10012300001, 10012300002])
        lifted = lift(alert)
        for kind, one in (("release", alert), ("supersede", alert), ("release", lifted)):
            order(kind, one)
        send_until(gateway(port=centre.port, source_addr="900001"), settled(lifted.broadcast))
        assert centre.call(lambda one: one.record.recipients) == 0
    assert of(lifted).stopped == 2
    assert of(lifted).first_intent_at is None
    assert "first_intent" not in names_of(lifted)


@pytest.mark.django_db(databases=["default", "ledger"])
def test_those_in_doubt_are_told_of_the_lift_and_never_sent_the_alert_again():
    with running(Plan(drop_after=frozenset([4]), lose_reports=1.0)) as centre:
        gate = gateway(port=centre.port, source_addr="900001", batch=4, window=8)
        alert = freeze([10012300000 + i for i in range(64)])
        lifted = lift(alert)
        order("release", alert)
        slow = replace(QUICK, waits={"urgent": 0.5, "patient": 0.5}, backoff=(5.0,))
        send_until(gate, lambda: of(alert).in_doubt > 0, timing=slow)
        doubtful = {one.address for one in queries.in_doubt()}
        order("supersede", alert)
        order("release", lifted)
        send_until(gate, lambda: of(lifted).released and of(lifted).accepted and not of(lifted).unsent)
        rows = centre.call(lambda one: list(one.record.rows()))
    assert doubtful
    assert doubtful <= {int(row.number) for row in rows if row.text == LIFT}
    assert len([row for row in rows if row.text == TEXT]) == len({row.number for row in rows if row.text == TEXT})
    assert {one.next_step for one in queries.in_doubt(broadcasts=[alert.broadcast])} == {"person"}


@pytest.mark.django_db(databases=["default", "ledger"])
def test_a_lift_that_is_recalled_while_it_waits_tells_nobody():
    with running(Plan()) as centre:
        gate = gateway(port=centre.port, source_addr="900001")
        alert = freeze([10012300000 + i for i in range(70)])
        lifted = lift(alert)
        order("release", alert)
        send_until(gate, settled(alert.broadcast))
        for kind, one in (("supersede", alert), ("release", lifted), ("recall", lifted)):
            order(kind, one)
        send_until(gate, settled(lifted.broadcast))
        assert centre.call(lambda one: one.record.recipients) == 70
    assert of(lifted).stopped == 70


def rounds(folder, *arguments, url=""):
    command = [sys.executable, "-m", "benchmarks.house", str(folder), "tests.delivery.lifting", "rounds", *arguments]
    environment = {**os.environ, **({"FENGHUO_DATABASE_URL": url} if url else {})}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def kept(found):
    print(json.dumps(found))
    return (found["without"], found["before"], found["left_out"], found["stuck"]) == (0, 0, 0, 0)


def test_over_two_accounts_and_a_kill_nobody_is_told_of_the_lift_before_or_without_the_alert(tmp_path):
    found = rounds(tmp_path, "4", "7", "")
    assert kept(found), found
    assert found["told"] > 500
    assert found["dropped"] > 500


@pytest.mark.slow
def test_the_same_over_many_kills(tmp_path, capsys):
    found = rounds(tmp_path, "12", "11", "")
    with capsys.disabled():
        print(f"\nC2: {found}")
    assert kept(found), found


@pytest.mark.postgres
def test_the_same_on_postgresql(tmp_path, postgres_url):
    found = rounds(tmp_path, "4", "3", "", url=postgres_url)
    assert kept(found), found
    assert found["told"] > 500


@pytest.mark.parametrize("fault", ["everyone", "hasty"])
def test_a_sender_that_lifts_wrongly_is_caught(tmp_path, fault):
    assert not kept(rounds(tmp_path, "20", "1", fault, "alive"))
