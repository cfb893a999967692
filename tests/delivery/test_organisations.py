"""Several towns on one gateway: a pause stops its own town, and nobody's texts starve another's (X2)."""

import threading
from pathlib import Path

import pytest

from fenghuo.delivery.ledger import actions, queries, store
from fenghuo.delivery.sender import process
from fenghuo.ground.ids import new_id
from simulators.smsc import Plan, running
from tests.delivery.makers import freeze, gateway
from tests.delivery.running import QUICK, send_until, settled

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])

ONE, OTHER = new_id(), new_id()


def order(kind: str, organisation: str = "", broadcast: str | None = None) -> None:
    actions.order(kind=kind, broadcast=broadcast, organisation=organisation, by={"system": True})


def unsent(frozen: actions.Frozen) -> int:
    return queries.progress([frozen.broadcast])[frozen.broadcast].unsent


def test_a_towns_pause_stops_that_towns_sending_and_no_others():
    mine, theirs = freeze([10012300001], organisation=ONE), freeze([10012300002], organisation=OTHER)
    for frozen in (mine, theirs):
        order("release", broadcast=frozen.broadcast)
    order("pause", ONE)
    with running(Plan()) as centre:
        gate = gateway(port=centre.port, source_addr="900001")
        send_until(gate, settled(theirs.broadcast))
        assert [row.number for row in centre.call(lambda one: list(one.record.rows()))] == ["10012300002"]
        progress = queries.progress([mine.broadcast, theirs.broadcast])
        assert [progress[one.broadcast].paused for one in (mine, theirs)] == [True, False]
        assert all(one.state != "paused" for one in queries.gateways())
        order("resume", ONE)
        send_until(gate, settled(mine.broadcast))
    assert store.control().organisations == frozenset()


def test_everybodys_pause_and_a_towns_own_are_let_go_one_by_one():
    mine = freeze([10012300001], organisation=ONE)
    order("release", broadcast=mine.broadcast)
    for kind, whose in (("pause", ONE), ("pause", ""), ("resume", "")):
        order(kind, whose)
    actions.obey_alone(mode="exercise", now_ms=1)
    assert (store.control().paused, store.control().organisations) == (False, frozenset({ONE}))
    order("pause", "")
    order("resume", ONE)
    actions.obey_alone(mode="exercise", now_ms=1)
    assert (store.control().paused, store.control().organisations) == (True, frozenset())
    assert queries.progress([mine.broadcast])[mine.broadcast].paused


def test_the_correction_of_a_paused_town_waits_with_it():
    mine = freeze([10012300001], organisation=ONE)
    order("release", broadcast=mine.broadcast)
    with running(Plan()) as centre:
        gate = gateway(port=centre.port, source_addr="900001")
        send_until(gate, settled(mine.broadcast))
        order("pause", ONE)
        order("correct", broadcast=mine.broadcast)
        send_until(gate, lambda: queries.correction_of(mine.broadcast) is not None)
        correction = queries.correction_of(mine.broadcast)
        assert correction is not None
        assert queries.progress([correction])[correction].paused
        assert centre.call(lambda one: one.summary())["submits"] == 1
        order("resume", ONE)
        send_until(gate, settled(correction))
        assert centre.call(lambda one: one.summary())["submits"] == 2


def test_one_towns_notices_do_not_starve_anothers_red_warning():
    notices = freeze([10012300000 + i for i in range(6_000)], lane=5, organisation=ONE)
    order("release", broadcast=notices.broadcast)
    with running(Plan(response_delay=(0.001, 0.004))) as centre:
        gate = gateway(port=centre.port, source_addr="900001", batch=20, rate=1_500)
        send_until(gate, lambda: unsent(notices) < 5_500)
        red = freeze([10012400000 + i for i in range(400)], lane=1, organisation=OTHER)
        order("release", broadcast=red.broadcast)
        send_until(gate, settled(red.broadcast))
        rows = [int(row.number) for row in centre.call(lambda one: list(one.record.rows()))]
    first = next(place for place, number in enumerate(rows) if number >= 10012400000)
    last = max(place for place, number in enumerate(rows) if number >= 10012400000)
    among = [number for number in rows[first : last + 1] if number < 10012400000]
    assert len(among) <= 400 / 7 + 20 * 16 + 20  # one submit in eight, and what was on the line


def test_two_towns_of_the_same_lane_take_turns():
    early = freeze([10012300000 + i for i in range(3_000)], organisation=ONE)
    late = freeze([10012400000 + i for i in range(300)], organisation=OTHER)
    for frozen in (early, late):
        order("release", broadcast=frozen.broadcast)
    with running(Plan(response_delay=(0.001, 0.004))) as centre:
        send_until(gateway(port=centre.port, source_addr="900001", batch=20), settled(early.broadcast))
        rows = [int(row.number) for row in centre.call(lambda one: list(one.record.rows()))]
    assert len(rows) == len(set(rows)) == 3_300
    last = max(place for place, number in enumerate(rows) if number >= 10012400000)
    assert last < 300 + 300 + 2 * 16 * 20  # as many of the other's, and what was on the line


def test_without_any_gateway_account_orders_are_obeyed_and_what_was_released_waits_for_one():
    mine, gone = freeze([10012300001]), freeze([10012300002])
    order("release", broadcast=mine.broadcast)
    order("release", broadcast=gone.broadcast)
    order("recall", broadcast=gone.broadcast)
    order("pause", OTHER)
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    process.run(gateways=[], mode="exercise", data=Path("."), timing=QUICK, stop=stop)
    assert store.control().organisations == {OTHER}
    progress = queries.progress([mine.broadcast, gone.broadcast])
    assert progress[mine.broadcast].released
    assert progress[gone.broadcast].recalled_at is not None
    with running(Plan()) as centre:
        send_until(gateway(port=centre.port, source_addr="900001"), settled(mine.broadcast))
        rows = [row.number for row in centre.call(lambda one: list(one.record.rows()))]
    assert rows == ["10012300001"]
    assert queries.progress([gone.broadcast])[gone.broadcast].stopped == 1
