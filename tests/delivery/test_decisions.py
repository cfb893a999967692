"""What people order is carried out, each time and in whatever order it comes; what cannot be is said, never swallowed."""

import threading
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import override_settings

from fenghuo.delivery.gateways.cmpp import Cmpp
from fenghuo.delivery.ledger import actions, queries
from fenghuo.delivery.ledger.columns import RETRY
from fenghuo.delivery.ledger.models import Broadcast, Decision
from fenghuo.delivery.sender.desk import Desk
from fenghuo.delivery.sender.keeper import Keeper
from fenghuo.ground import clock
from simulators.smsc import Plan, running
from tests.delivery.desks import STEPPED, answer, doubt_all, fly, opened, progress, report, send_all
from tests.delivery.makers import config, freeze, gateway
from tests.delivery.running import QUICK, SECRET, settled
from tests.delivery.several import order, told

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
NUMBERS = [13900000000 + i for i in range(4)]
AT_ONCE = replace(STEPPED, waits={"urgent": 0.0, "patient": 0.0})
NEVER = replace(STEPPED, waits={"urgent": 1e9, "patient": 1e9})
ONE = gateway("one", batch=1, window=4)


def doubted(timing=NEVER, numbers=NUMBERS, **changes):
    """An alert all of whose recipients are in doubt."""
    frozen = freeze(numbers, **changes)
    order("release", frozen)
    desk = opened(ONE, timing=timing)
    doubt_all(desk)
    assert progress(frozen).in_doubt == len(numbers)
    return frozen, desk


def words(frozen):
    return {row.address: (row.state, row.status) for row in queries.export(frozen.broadcast)}


# --- orders -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("before", [99, 100, 101, 350])
def test_nothing_leaves_after_a_recall_however_many_orders_stand_before_it(before):
    frozen = freeze(NUMBERS)
    order("release", frozen)
    for _ in range(before - 1):
        order("settle", frozen, all=True, decision="accept")
    order("recall", frozen)
    assert len(fly(opened(ONE, read=False))) == 0
    assert progress(frozen).stopped == len(NUMBERS)


def test_what_is_ordered_while_earlier_orders_are_carried_out_is_obeyed_before_anything_leaves():
    """Carrying a release out may take long: another account's people are taken over, a correction is written."""
    frozen = freeze(NUMBERS)
    desk = opened(ONE)

    def a_person_meanwhile() -> None:
        if not Broadcast.objects.get(id=frozen.broadcast).recalled_at:
            order("recall", frozen)

    vars(desk)["_adopt"] = a_person_meanwhile
    order("release", frozen)
    assert len(fly(desk)) == 0


# --- send once more -------------------------------------------------------------------------------------------------------
def test_once_more_is_sent_while_others_of_the_alert_still_wait_to_leave():
    frozen = freeze(NUMBERS)
    order("release", frozen)
    desk = opened(ONE, timing=AT_ONCE)
    for room in (2, 2, 2):  # two people in doubt for the second time, two for the first; and the line is down
        desk.look_around()
        pdus = fly(desk, room)
        desk.book.doubt(pdus, desk.now())
        desk.commit()
    desk.look_around()
    twice = [[one.contact_id, one.address] for one in queries.in_doubt() if one.tries == 2]
    assert 0 < len(twice) < len(NUMBERS)
    order("settle", frozen, recipients=twice, decision="resend")
    sent = send_all(desk, 10_000)
    assert len(sent) == len(NUMBERS)
    assert progress(frozen).accepted == len(NUMBERS)


def test_once_more_ordered_twice_is_sent_once():
    frozen, desk = doubted()
    for _ in range(3):
        order("settle", frozen, all=True, decision="resend")
        desk.read_orders(always=True)
    assert len(send_all(desk, 10_000)) == len(NUMBERS)
    desk.look_around()
    assert len(send_all(desk, 90_000)) == 0


def test_once_more_is_not_lost_with_a_throttled_copy():
    frozen, desk = doubted()
    order("settle", frozen, all=True, decision="resend")
    answer(desk, fly(desk, 2), 1, RETRY)
    order("settle", frozen, all=True, decision="resend")
    assert len(send_all(desk, 10_000)) == len(NUMBERS)
    assert progress(frozen).accepted == len(NUMBERS)


def test_a_part_of_a_long_text_is_sent_once_more_and_no_other():
    frozen = freeze(NUMBERS[:1], text="【下仓镇】（演练）" + "请转移。" * 20 + "（演练结束）")
    order("release", frozen)
    desk = opened(ONE, timing=NEVER)
    pdus = fly(desk)
    assert len(pdus) == 2
    answer(desk, pdus[:1], 700)
    desk.book.doubt(pdus[1:], desk.now())
    desk.commit()
    order("settle", frozen, all=True, decision="resend")
    assert len(send_all(desk, 10_000)) == 1


def test_only_those_who_were_in_doubt_when_the_person_looked_are_decided_on():
    frozen, desk = doubted(numbers=NUMBERS[:2])
    until = int(max(one.since.timestamp() for one in queries.in_doubt() if one.since))
    order("settle", frozen, all=True, until=until - 1, decision="give_up")
    desk.read_orders(always=True)
    assert progress(frozen).in_doubt == 2
    order("settle", frozen, all=True, until=until, decision="give_up")
    desk.read_orders(always=True)
    assert progress(frozen).failed == 2


class Late(Desk):
    """Its lease is as good as over when the first submits are about to leave, and nobody else takes the account."""

    asked = 0

    @property
    def leased(self) -> bool:
        self.asked += 1
        return self.asked > 2 and super().leased


def test_what_was_claimed_when_the_lease_was_late_leaves_once_it_is_held_again():
    with running(Plan()) as centre:
        gate, stop = gateway("one", port=centre.port, source_addr="900001", batch=3, window=2), threading.Event()
        numbers = [10012300000 + i for i in range(40)]
        frozen = freeze(numbers)
        order("release", frozen)
        began, over = clock.monotonic(), settled(frozen.broadcast)
        Keeper(
            gate, lambda now: Cmpp(gate, SECRET, QUICK.timers, now), mode="exercise", accounts=["one"], timing=QUICK,
            stop=stop, until=lambda desk: over() or clock.monotonic() - began > 20, desk=Late,
        ).run()  # fmt: skip
        assert told(centre) == Counter(numbers)
    assert progress(frozen).delivered == 40


# --- after a recall, after the end ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("end", "word"), [
    ("recall", "not sent again: recalled"), ("supersede", "not sent again: replaced"), ("", "not sent again: expired"),
])  # fmt: skip
@pytest.mark.parametrize("decided_first", [True, False])
def test_once_more_of_what_is_over_is_not_sent_and_says_so(end, word, decided_first):
    """The person and the recall may cross: whichever the sender meets first, nobody is told again and the list says why."""
    frozen, desk = doubted(expires_at=clock.now() + timedelta(hours=1))
    after = timedelta(hours=0 if end else 2)
    kinds = ["settle", end] if decided_first else [end, "settle"]
    if decided_first and not end:
        order("settle", frozen, all=True, decision="resend")
        desk.read_orders(always=True)
    with clock.moved(after):
        later = desk if end else opened(ONE, timing=NEVER)
        for kind in kinds:
            if kind == "settle":
                order("settle", frozen, all=True, decision="resend")
            elif kind:
                order(kind, frozen)
            later.read_orders(always=True)
        later.look_around()
        assert len(fly(later)) == 0
        assert set(words(frozen).values()) == {("in_doubt", word)}
        assert {one.next_step for one in queries.in_doubt()} == {"person"}
    assert not Decision.objects.exists()
    order("settle", frozen, all=True, decision="give_up")
    later.read_orders(always=True)
    assert set(words(frozen).values()) == {("failed", "given up")}


def test_a_decision_on_an_alert_that_is_over_leaves_nothing_waiting():
    two = gateway("two", prefixes=["138"])
    with override_settings(FENGHUO=config(ONE, two)):
        frozen = freeze([*NUMBERS, 13800000000])
    order("release", frozen)
    desks = [opened(ONE, ONE, two, timing=replace(NEVER, keep_final=-10.0)), opened(two, ONE, two, timing=NEVER)]
    for desk in desks:
        report(desk, send_all(desk, 1_000))
    actions.order(kind="settle", broadcast=frozen.broadcast, by={}, detail={"all": True, "decision": "accept"})
    desks[0].read_orders(always=True)
    desks[0].look_around()
    assert not Decision.objects.exists()
