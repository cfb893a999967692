"""Recall and correction: nothing new leaves, and exactly those who were reached are told so."""

import random
from collections import Counter
from dataclasses import replace

import pytest

from fenghuo.delivery.ledger import actions, queries
from simulators.smsc import Plan, running
from tests.delivery.makers import CORRECTION, TEXT, freeze, gateway
from tests.delivery.running import QUICK, send_until, settled

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


def order(kind, frozen, **detail):
    actions.order(kind=kind, broadcast=frozen.broadcast, by={"system": True}, detail=detail)


def accepted(centre):
    return centre.call(lambda one: one.record.recipients)


@pytest.mark.parametrize("seed", range(12))
def test_after_a_recall_at_most_the_window_leaves_and_only_the_reached_are_corrected(seed):
    chance = random.Random(seed)
    numbers = [10012300000 + i for i in range(4_000)]
    at, seen = chance.randint(1, 3_000), list[int]()
    with running(Plan(response_delay=(0.0, 0.004), report_delay=(0.0, 0.02))) as centre:
        frozen = freeze(numbers)
        order("release", frozen)
        gate = gateway(port=centre.port, source_addr="900001", batch=10, window=8)

        def condition():
            if not seen and accepted(centre) >= at:
                seen.append(accepted(centre))
                order("recall", frozen)
                order("correct", frozen)
            after = queries.correction_of(frozen.broadcast)
            return bool(seen) and after is not None and settled(after)() and settled(frozen.broadcast)()

        send_until(gate, condition, timing=replace(QUICK, tick=0.001))
        rows = centre.call(lambda one: list(one.record.rows()))
    first = [int(row.number) for row in rows if row.text == TEXT]
    second = [int(row.number) for row in rows if row.text == CORRECTION]
    assert len(first) - seen[0] <= 2 * 8 * 10  # what was on the line, and the window that the order met
    assert sorted(second) == sorted(first)
    assert max(i for i, row in enumerate(rows) if row.text == TEXT) < min(
        i for i, row in enumerate(rows) if row.text == CORRECTION
    )
    alert = queries.progress([frozen.broadcast])[frozen.broadcast]
    assert (alert.stopped, alert.delivered) == (4_000 - len(first), len(first))
    correction = queries.correction_of(frozen.broadcast)
    assert queries.audience_hash(correction or "")[1] == len(first)
    names = [m.name for m in queries.milestones(0) if m.broadcast == frozen.broadcast]
    assert "recalled" in names
    assert "all_accepted" not in names


def test_a_correction_reaches_everybody_of_a_finished_alert_and_goes_ahead_of_all():
    with running(Plan()) as centre:
        done, other = (
            freeze([10012300000 + i for i in range(70)]),
            freeze([10012400000 + i for i in range(3_000)], lane=1),
        )
        order("release", done)
        gate = gateway(port=centre.port, source_addr="900001", batch=10, window=4)
        send_until(gate, settled(done.broadcast))
        order("release", other)
        order("correct", done)
        order("correct", done)  # once is enough
        send_until(gate, lambda: settled(other.broadcast)() and settled(queries.correction_of(done.broadcast) or "")())
        rows = centre.call(lambda one: list(one.record.rows()))
    corrected = [i for i, row in enumerate(rows) if row.text == CORRECTION]
    assert [int(rows[i].number) for i in corrected] == [10012300000 + i for i in range(70)]
    assert max(corrected) < 70 + 70 + 4 * 10


def test_those_in_doubt_are_corrected_and_never_sent_the_alert_again():
    with running(Plan(drop_after=frozenset([4]), lose_reports=1.0)) as centre:
        frozen = freeze([10012300000 + i for i in range(64)])
        order("release", frozen)
        gate = gateway(port=centre.port, source_addr="900001", batch=4, window=8)
        slow = replace(QUICK, waits={"urgent": 0.5, "patient": 0.5}, backoff=(5.0,))
        send_until(gate, lambda: queries.progress([frozen.broadcast])[frozen.broadcast].in_doubt > 0, timing=slow)
        order("recall", frozen)
        order("correct", frozen)
        doubtful = {d.address for d in queries.in_doubt()}

        def condition():
            after = queries.correction_of(frozen.broadcast)
            return (
                after is not None
                and queries.progress([after])[after].accepted > 0
                and (queries.progress([after])[after].unsent == 0)
            )

        send_until(gate, condition, timing=replace(QUICK, waits={"urgent": 0.0}))
        rows = centre.call(lambda one: list(one.record.rows()))
    corrected = {int(row.number) for row in rows if row.text == CORRECTION}
    assert doubtful
    assert doubtful <= corrected
    assert max(Counter(row.number for row in rows if row.text == TEXT).values()) == 1
    assert {d.next_step for d in queries.in_doubt()} <= {"person"}


def test_an_alert_recalled_before_its_release_tells_nobody():
    with running(Plan()) as centre:
        frozen = freeze([10012300001, 10012300002])
        order("recall", frozen)
        order("release", frozen)
        send_until(gateway(port=centre.port, source_addr="900001"), settled(frozen.broadcast))
        assert accepted(centre) == 0
    assert queries.progress([frozen.broadcast])[frozen.broadcast].stopped == 2


def test_red_goes_first_and_blue_still_moves():
    with running(Plan(response_delay=(0.001, 0.001))) as centre:
        blue, red = (
            freeze([10012400000 + i for i in range(2_000)], lane=4),
            freeze([10012300000 + i for i in range(2_000)], lane=1),
        )
        order("release", blue)
        order("release", red)
        gate = gateway(port=centre.port, source_addr="900001", batch=10)
        send_until(gate, lambda: settled(red.broadcast)() and settled(blue.broadcast)())
        rows = [int(row.number) for row in centre.call(lambda one: list(one.record.rows()))]
    last_red = max(i for i, n in enumerate(rows) if n < 10012400000)
    early_blue = sum(n >= 10012400000 for n in rows[:last_red])
    assert 0.08 < early_blue / last_red < 0.16  # one in eight
