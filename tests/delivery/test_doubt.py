"""In doubt: listed, resolved by policy, never repeated in silence, and the second doubt is a person's."""

from collections import Counter
from dataclasses import replace

import pytest

from fenghuo.delivery.gateways.timers import Timers
from fenghuo.delivery.ledger import actions, queries
from simulators.smsc import Plan, running
from tests.delivery.makers import freeze, gateway
from tests.delivery.running import QUICK, send_until, settled

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
NEVER = {"urgent": 1e9, "patient": 1e9}


def release(frozen):
    actions.order(kind="release", broadcast=frozen.broadcast, by={"system": True})


def told(centre):
    return Counter(int(row.number) for row in centre.call(lambda one: list(one.record.rows())))


@pytest.mark.parametrize("position", range(1, 41))
def test_a_line_dropped_after_any_accept_loses_nobody(position):
    """H4: forty positions; at most one window in doubt, every duplicate listed."""
    numbers = [10012300000 + i for i in range(40)]
    with running(Plan(drop_after=frozenset([position]))) as centre:
        frozen = freeze(numbers)
        release(frozen)
        send_until(gateway(port=centre.port, source_addr="900001", batch=1), settled(frozen.broadcast))
        times = told(centre)
    doubtful = {row.address for row in queries.export(frozen.broadcast) if row.doubts}
    assert set(times) == set(numbers)
    assert len(doubtful) <= 16
    assert {number for number, n in times.items() if n > 1} <= doubtful


def test_lost_responses_lose_nobody_and_every_duplicate_was_listed():
    """G3: five in a hundred responses are lost after the accept, and no receipt comes to the rescue."""
    numbers = [10012300000 + i for i in range(1_000)]
    plan = Plan(lose_responses=0.05, lose_reports=0.5)
    with running(plan) as centre:
        frozen = freeze(numbers)
        release(frozen)
        gate = gateway(port=centre.port, source_addr="900001", batch=1)
        timing = replace(QUICK, timers=Timers(idle=5, answer=0.15, tries=3))

        def condition():
            now = queries.progress([frozen.broadcast])[frozen.broadcast]
            return now.unsent + now.intended == 0 and all(d.next_step == "person" for d in queries.in_doubt())

        send_until(gate, condition, timing=timing, seconds=40)
        times = told(centre)
    rows = list(queries.export(frozen.broadcast))
    doubtful = {row.address for row in rows if row.doubts}
    assert set(times) == set(numbers)
    assert {number for number, n in times.items() if n > 1} <= doubtful
    assert {row.state for row in rows} <= {"delivered", "accepted", "in_doubt"}
    assert {d.address for d in queries.in_doubt()} == {row.address for row in rows if row.state == "in_doubt"}


def in_doubt_of(frozen):
    return queries.progress([frozen.broadcast])[frozen.broadcast].in_doubt


def test_the_second_doubt_goes_to_a_person_whose_decision_is_obeyed():
    numbers = [10012300000 + i for i in range(6)]
    with running(Plan(drop_after=frozenset(range(1, 40)), lose_reports=1.0)) as centre:
        frozen = freeze(numbers)
        release(frozen)
        gate = gateway(port=centre.port, source_addr="900001", batch=3)
        send_until(
            gate, lambda: len(queries.in_doubt()) == 6 and {d.next_step for d in queries.in_doubt()} == {"person"}
        )
        doubts = queries.in_doubt()
        assert {d.tries for d in doubts} == {2}
        assert [row.state for row in queries.recipients(frozen.broadcast, state="in_doubt").rows] == ["in_doubt"] * 6
        before = told(centre)

        centre.call(lambda one: one.change({"drop_after": []}))
        named = [[d.contact_id, d.address] for d in doubts]
        for decision, part in (("resend", named[:2]), ("give_up", named[2:4]), ("accept", named[4:])):
            detail = {"recipients": part, "decision": decision}
            actions.order(kind="settle", broadcast=frozen.broadcast, by={}, detail=detail)
        send_until(gate, lambda: in_doubt_of(frozen) == 0)
        after = told(centre)
    states = {row.address: (row.state, row.status) for row in queries.export(frozen.broadcast)}
    assert [states[a] for _, a in named] == (
        [("accepted", "")] * 2 + [("failed", "given up")] * 2 + [("accepted", "counted as sent")] * 2
    )
    assert {a: after[a] - before[a] for _, a in named} == {a: int(k < 2) for k, (_, a) in enumerate(named)}


def test_patience_waits_for_a_receipt_that_settles_the_doubt():
    numbers = [10012300000 + i for i in range(16)]
    with running(Plan(drop_after=frozenset([16]))) as centre:  # receipts come again after the next login
        frozen = freeze(numbers, policy="patient", lane=4)
        release(frozen)
        timing = replace(QUICK, waits=NEVER)
        send_until(gateway(port=centre.port, source_addr="900001", batch=1), settled(frozen.broadcast), timing=timing)
        assert set(told(centre).values()) == {1}
    assert any(row.doubts for row in queries.export(frozen.broadcast))
    assert [m.name for m in queries.milestones(0) if m.name == "in_doubt"] == ["in_doubt"]


def test_a_resend_carries_the_same_bytes():
    text = "【下仓镇】（演练）" + "请转移。" * 40 + "（演练结束）"
    with running(Plan(drop_after=frozenset([3]), lose_reports=1.0)) as centre:
        frozen = freeze([10012300001], text=text)
        release(frozen)
        send_until(
            gateway(port=centre.port, source_addr="900001"),
            lambda: queries.progress([frozen.broadcast])[frozen.broadcast].accepted == 1,
        )
        rows = centre.call(lambda one: list(one.record.rows()))
    contents = [{row.content for row in rows if row.segment == k} for k in (1, 2, 3)]
    assert [len(one) for one in contents] == [1, 1, 1]
    assert len(rows) > 3


def test_a_gateway_that_never_answers_gets_one_window_and_then_one_submit_at_a_time():
    numbers = [10012300000 + i for i in range(200)]
    with running(Plan(lose_responses=1.0, lose_reports=1.0)) as centre:
        frozen = freeze(numbers)
        release(frozen)
        gate = gateway(port=centre.port, source_addr="900001", batch=1)
        timing = replace(QUICK, waits=NEVER, timers=Timers(idle=1, answer=0.1, tries=2))
        send_until(gate, lambda: centre.call(lambda one: one.summary())["logins"] >= 4, timing=timing)
    assert in_doubt_of(frozen) <= 16 + 4
    assert queries.progress([frozen.broadcast])[frozen.broadcast].unsent >= 180
