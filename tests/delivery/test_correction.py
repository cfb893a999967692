"""A correction reaches exactly everybody to whom the alert was ever intended, in every account, however late that comes to it."""

from dataclasses import replace

import pytest
from django.test import override_settings

from fenghuo.delivery.ledger import actions, queries
from fenghuo.delivery.ledger.models import Broadcast, Tally
from tests.delivery.desks import STEPPED, answer, closed, corrected, fly, opened, progress, report, send_all
from tests.delivery.makers import config, freeze, gateway
from tests.delivery.several import order

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
LONG_AGO = replace(STEPPED, keep_final=-10.0)  # whatever is final was so for long enough to be let go
ONE, TWO = gateway("one", prefixes=["139"]), gateway("two", prefixes=["138"])
FIRST, SECOND = [13900000000 + i for i in range(60)], [13800000000 + i for i in range(40)]


def told():
    """Both accounts have told everybody, all receipts are in, and the alert is over and let go."""
    with override_settings(FENGHUO=config(ONE, TWO)):
        frozen = freeze(FIRST + SECOND)
    order("release", frozen)
    desks = [opened(one, ONE, TWO, timing=LONG_AGO) for one in (ONE, TWO)]
    for desk in desks:
        report(desk, send_all(desk, 1_000_000))
    assert progress(frozen).delivered == 100
    for desk in desks:
        desk.look_around()
    assert Broadcast.objects.get(id=frozen.broadcast).closed
    return frozen, *desks


def test_it_reaches_an_account_that_comes_to_it_after_the_other_has_written_its_part_and_looked_around():
    frozen, one, two = told()
    order("correct", frozen)
    one.read_orders(always=True)
    one.look_around()
    two.read_orders(always=True)
    assert corrected(frozen) == sorted(FIRST + SECOND)


def test_it_reaches_an_account_whose_sender_was_away_while_the_other_finished_its_part():
    frozen, one, two = told()
    closed(two)
    order("correct", frozen)
    one.read_orders(always=True)
    report(one, send_all(one, 5_000_000))
    for _ in range(3):
        one.look_around()
    correction = queries.correction_of(frozen.broadcast) or ""
    assert [m.name for m in queries.milestones(0) if m.broadcast == correction] == ["first_intent"]
    again = opened(TWO, ONE, TWO, timing=LONG_AGO)
    assert corrected(frozen) == sorted(FIRST + SECOND)
    report(again, send_all(again, 6_000_000))
    again.look_around()
    now = queries.progress([correction])[correction]
    assert (now.count, now.delivered) == (100, 100)
    assert "all_final" in [m.name for m in queries.milestones(0) if m.broadcast == correction]
    assert not Broadcast.objects.filter(closed=False).exists()


@pytest.mark.parametrize("folded", [False, True])
def test_it_is_written_from_the_ledger_where_the_alert_was_closed_before(folded):
    """An older version closed alerts that were about to be corrected: their people are in the ledger all the same."""
    frozen, one, two = told()
    for desk in (one, two):
        desk.commit(idle=folded)
    order("correct", frozen)
    for desk in (one, two):
        Broadcast.objects.filter(id=frozen.broadcast).update(closed=True)
        desk.read_orders(always=True)
        Broadcast.objects.filter(id=frozen.broadcast).update(closed=True)
    assert corrected(frozen) == sorted(FIRST + SECOND)


def test_no_empty_part_is_written_where_the_alert_is_not_in_the_ledger():
    frozen, one, two = told()
    order("correct", frozen)
    one.read_orders(always=True)
    correction = Broadcast.objects.get(parent=frozen.broadcast)
    Broadcast.objects.filter(number=correction.number).update(parent="01NOBODYKNOWSTHISALERT0000")
    two.read_orders(always=True)
    assert not Tally.objects.filter(broadcast=correction, account="two").exists()
    Broadcast.objects.filter(number=correction.number).update(parent=frozen.broadcast)
    opened(TWO, ONE, TWO)
    assert corrected(frozen) == sorted(FIRST + SECOND)


def test_its_hash_is_of_the_whole_audience():
    frozen, one, two = told()
    order("correct", frozen)
    one.read_orders(always=True)
    two.read_orders(always=True)
    correction = Broadcast.objects.get(parent=frozen.broadcast)
    assert (correction.audience_sha256, correction.count) == queries.audience_hash(correction.id)
    assert correction.count == 100


def test_where_nobody_was_told_there_is_nobody_to_correct_and_it_is_over():
    with override_settings(FENGHUO=config(ONE, TWO)):
        frozen = freeze(FIRST + SECOND)
    order("recall", frozen)
    order("correct", frozen)
    for one in (ONE, TWO):
        opened(one, ONE, TWO)
    assert corrected(frozen) == []
    assert Broadcast.objects.get(parent=frozen.broadcast).closed


def test_those_handed_over_before_are_told_by_whoever_told_them_and_those_never_told_by_nobody():
    with override_settings(FENGHUO=config(ONE)):
        frozen = freeze(FIRST)
    any_one = gateway("two")
    order("release", frozen)
    one, two = opened(ONE, ONE, any_one), opened(any_one, ONE, any_one)
    answer(one, fly(one, 1), 1_000)  # all sixty are one submit, so hand over from a second alert
    with override_settings(FENGHUO=config(ONE)):
        later = freeze([13900001000 + i for i in range(1_000)])
    order("release", later)
    began = fly(one, 2)
    answer(one, began, 2_000)
    number = Broadcast.objects.get(id=later.broadcast).number
    runs = actions.movable(one.book.sheets[number], any_one, 500)
    actions.hand_over(one.book, number, "two", runs, fence=one.fence, now_ms=one.now_ms(), lease_ms=600_000)
    two.look_around()
    answer(two, fly(two, 2), 3_000)
    reached = {row.address for row in queries.export(later.broadcast) if row.state == "accepted"}
    assert 0 < len(reached) < 1_000
    order("correct", later)
    closed(one)
    two.read_orders(always=True)
    opened(ONE, ONE, any_one)
    assert corrected(later) == sorted(reached)


def test_what_an_account_had_on_its_tape_when_another_closed_the_alert_is_not_forgotten_by_its_next_sender():
    with override_settings(FENGHUO=config(ONE, TWO)):
        frozen = freeze(FIRST + SECOND)
    order("release", frozen)
    two = opened(TWO, ONE, TWO)
    report(two, send_all(two, 1_000_000))  # and its sender is killed: nothing of that is folded yet
    one = opened(ONE, ONE, TWO, timing=LONG_AGO)
    report(one, send_all(one, 1_000_000))
    one.look_around()
    assert Broadcast.objects.get(id=frozen.broadcast).closed
    again = opened(TWO, ONE, TWO, timing=LONG_AGO)
    again.commit(idle=True)
    again.look_around()
    assert {row.state for row in queries.export(frozen.broadcast)} == {"delivered"}
    assert progress(frozen).delivered == 100
    order("correct", frozen)
    for desk in (one, again):
        desk.read_orders(always=True)
    assert corrected(frozen) == sorted(FIRST + SECOND)
