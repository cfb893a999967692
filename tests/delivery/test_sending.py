"""The whole path on the loopback: every recipient's state is what the SMS centre's own record says."""

from collections import Counter
from datetime import timedelta

import pytest

from fenghuo.delivery.ledger import actions, queries, store
from fenghuo.ground import clock
from simulators.smsc import Plan, running
from tests.delivery.makers import freeze, gateway
from tests.delivery.running import QUICK, send_until, settled

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])

LONG = "【下仓镇】（演练）" + "请转移。" * 40 + "（演练结束）"


def _health():
    return store.health()


def release(frozen):
    actions.order(kind="release", broadcast=frozen.broadcast, by={"system": True})


def test_everybody_is_told_once_and_every_receipt_is_kept():
    numbers = [10012300000 + 7 * i for i in range(2_345)]
    with running(Plan(failing_ratio={"UNDELIV": 0.1, "MK:0001": 0.05})) as centre:
        frozen = freeze(numbers)
        release(frozen)
        send_until(gateway(port=centre.port, source_addr="900001"), settled(frozen.broadcast))
        record = centre.call(lambda one: list(one.record.rows()))

    told = {int(row.number): row.stat for row in record}
    assert len(record) == len(told) == len(numbers)
    states = {row.address: (row.state, row.status) for row in queries.export(frozen.broadcast)}
    assert states == {n: ("delivered" if s == "DELIVRD" else "failed", s) for n, s in told.items()}
    progress = queries.progress([frozen.broadcast])[frozen.broadcast]
    assert (progress.delivered, progress.failed) == (
        Counter(told.values())["DELIVRD"],
        len(told) - Counter(told.values())["DELIVRD"],
    )
    assert [m.name for m in queries.milestones(0)] == ["first_intent", "all_accepted", "all_final"]


def test_a_long_text_is_told_whole_and_its_worst_segment_counts():
    numbers = [10012300000 + i for i in range(130)]
    with running(Plan(failing_ratio={"UNDELIV": 0.2})) as centre:
        frozen = freeze(numbers, text=LONG)
        release(frozen)
        send_until(gateway(port=centre.port, source_addr="900001"), settled(frozen.broadcast))
        record = centre.call(lambda one: list(one.record.rows()))

    assert Counter(int(row.number) for row in record) == dict.fromkeys(numbers, 3)
    assert "".join(row.text for row in record if row.number == "10012300000") == LONG
    failed = {int(row.number) for row in record if row.stat != "DELIVRD"}
    assert {row.address for row in queries.export(frozen.broadcast) if row.state == "failed"} == failed


@pytest.mark.parametrize("window", [1, 2, 16])
def test_a_window_smaller_than_a_message_still_sends_it(window):
    with running(Plan()) as centre:
        frozen = freeze([10012300000 + i for i in range(30)], text=LONG)
        release(frozen)
        send_until(gateway(port=centre.port, source_addr="900001", window=window, batch=7), settled(frozen.broadcast))
        summary = centre.call(lambda one: one.summary())
    assert (summary["accepted"], summary["peak_unanswered"] <= window) == (90, True)


def test_one_bad_number_fails_alone():
    numbers = [10012300000 + i for i in range(200)]
    bad = {10012300003, 10012300049, 10012300050, 10012300199}
    with running(Plan(bad_numbers=frozenset(map(str, bad)))) as centre:
        frozen = freeze(numbers)
        release(frozen)
        send_until(gateway(port=centre.port, source_addr="900001"), settled(frozen.broadcast))
        record = centre.call(lambda one: list(one.record.rows()))
    rows = list(queries.export(frozen.broadcast))
    assert {row.address: row.status for row in rows if row.state == "failed"} == dict.fromkeys(bad, "R:13")
    assert sorted(int(row.number) for row in record) == sorted(set(numbers) - bad)


def test_a_throttled_submit_is_sent_again_and_fails_nobody():
    with running(Plan(results={1: 8, 2: 8, 5: 8, 6: 8})) as centre:
        frozen = freeze([10012300000 + i for i in range(500)])
        release(frozen)
        send_until(gateway(port=centre.port, source_addr="900001"), settled(frozen.broadcast))
        summary = centre.call(lambda one: one.summary())
    progress = queries.progress([frozen.broadcast])[frozen.broadcast]
    assert (progress.delivered, progress.failed, summary["accepted"]) == (500, 0, 500)
    # After each refusal submits are half as large, so how many there are depends on the moment. What was refused is what the four
    # of the plan held (at most 50 numbers each), and for no other reason; nobody was accepted twice.
    assert list(summary["refused"]) == ["8"]
    assert 4 <= summary["refused"]["8"] <= 200
    assert summary["recipients"] == 500
    assert 14 <= summary["submits"] < 50


@pytest.mark.parametrize(
    "plan",
    [
        {"early_reports": True},
        {"duplicate_reports": 0.5, "shuffle_reports": True, "report_delay": (0.0, 0.05)},
        {"report_ids": "first", "shuffle_reports": True},
        {"intermediate_reports": 0.5},
        {"late_reports": 0.3, "late_by": 0.3},
        {"report_body": 60},
        {"duplicate_responses": 0.3},
        {"chop": 7},
    ],
    ids=lambda plan: next(iter(plan)),
)
def test_however_receipts_come_everybody_ends_as_the_centre_says(plan):
    numbers = [10012300000 + 3 * i for i in range(600)]
    with running(Plan.of({**plan, "failing_ratio": {"UNDELIV": 0.1}})) as centre:
        frozen = freeze(numbers)
        release(frozen)
        send_until(gateway(port=centre.port, source_addr="900001", batch=20), settled(frozen.broadcast))
        told = {int(row.number): row.stat for row in centre.call(lambda one: list(one.record.rows()))}
    assert {row.address: row.status for row in queries.export(frozen.broadcast)} == told
    assert [row.text for row in queries.inbound(kind="orphan")] == []


def test_a_second_final_word_is_kept_as_evidence_and_changes_nothing():
    with running(Plan(contradict_reports=0.5)) as centre:
        frozen = freeze([10012300000 + i for i in range(100)])
        release(frozen)
        gate = gateway(port=centre.port, source_addr="900001")
        send_until(gate, lambda: settled(frozen.broadcast)() and len(queries.inbound(kind="conflict")) > 20)
    conflicts = queries.inbound(kind="conflict")
    assert queries.progress([frozen.broadcast])[frozen.broadcast].delivered == 100
    assert {row.text for row in conflicts} == {"UNDELIV"}


def test_nothing_leaves_before_its_release_or_while_everything_is_paused():
    with running(Plan()) as centre:
        frozen, held = freeze([10012300001]), freeze([10012300002])
        release(frozen)
        actions.order(kind="pause", broadcast=None, by={})
        gate = gateway(port=centre.port, source_addr="900001", name="paused")
        send_until(gate, lambda: any(g[1] == "paused" for g in _health()), timing=QUICK)
        assert centre.call(lambda one: one.summary())["submits"] == 0

        actions.order(kind="resume", broadcast=None, by={})
        send_until(gate, settled(frozen.broadcast))
        assert [row.number for row in centre.call(lambda one: list(one.record.rows()))] == ["10012300001"]
    assert queries.progress([held.broadcast])[held.broadcast].unsent == 1


def test_what_has_expired_never_leaves():
    with running(Plan()) as centre:
        frozen = freeze([10012300001, 10012300002], expires_at=clock.now() - timedelta(seconds=1))
        release(frozen)
        send_until(gateway(port=centre.port, source_addr="900001"), settled(frozen.broadcast))
        assert centre.call(lambda one: one.summary())["submits"] == 0
    assert queries.progress([frozen.broadcast])[frozen.broadcast].expired == 2
