"""In doubt at an account that is ill while another is well: the copy goes over the other, and what the first hears later counts."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from django.test import override_settings

from fenghuo.delivery.ledger import actions, queries
from fenghuo.delivery.ledger.models import Block, Decision, Inbound
from fenghuo.delivery.ledger.states import DELIVERED, FAILED
from fenghuo.delivery.ledger.values import Reports
from fenghuo.ground import clock
from tests.delivery.desks import STEPPED, answer, closed, doubt_all, fly, opened, progress, report, send_all
from tests.delivery.makers import config, freeze, gateway
from tests.delivery.several import order

pytestmark = pytest.mark.django_db(databases=["default", "ledger"], transaction=True)
NUMBERS = [10012300000 + i for i in range(40)]
LONG = "【下仓镇】（演练）" + "今天夜里有大到暴雨，请危房和低洼处住户立即转移。" * 4 + "（演练结束）"
WAITING = replace(STEPPED, waits={"urgent": 1e9, "patient": 1e9})


def bound(desk, state="bound"):
    desk.sharing.well(1e12)
    assert actions.report_health(
        desk.gateway.name, fence=desk.fence, lease_ms=600_000, state=state, since=1, error="", in_flight=0, heard_at=1
    )


def ill_and_well(numbers=NUMBERS, *, timing=STEPPED, other=None, well="bound", **changes):
    """All are in doubt at an account that gives away at once; another, so bound, could send to them."""
    ill = gateway("ill", batch=10).model_copy(update={"failover_after": 0})
    other = other or gateway("other")
    with override_settings(FENGHUO=config(ill)):
        frozen = freeze(numbers, **changes)
    order("release", frozen)
    giver, taker = opened(ill, ill, other, timing=timing), opened(other, ill, other, timing=timing)
    bound(taker, well)
    doubt_all(giver)
    return frozen, giver, taker


def falls_ill(desk, *peers):
    """Its sender begins again, and its gateway takes nothing."""
    closed(desk)
    return opened(desk.gateway.model_copy(update={"failover_after": 0}), *peers)


def sheet(desk):
    """What the desk holds of the one broadcast."""
    [one] = desk.book.sheets.values()
    return one


def look(*desks, times=3):
    for _ in range(times):
        for desk in desks:
            desk.read_orders(always=True)
            desk.look_around()


def receipts(desk, numbers, base, code=DELIVERED, *, taken=None):
    """Receipts for these numbers, with ids from `base` on."""
    many = len(numbers)
    desk.book.receive(
        Reports(
            np.arange(base, base + many, dtype=np.uint64),
            np.array(numbers, dtype=np.uint64),
            np.full(many, code),
            np.full(many, desk.words.number(b"DELIVRD" if code == DELIVERED else b"UNDELIV"), dtype=np.uint16),
            np.full(many, int(clock.now().timestamp()), dtype=np.uint32),
            np.array([b"DELIVRD" if code == DELIVERED else b"UNDELIV"] * many, dtype="S7"),
        ),
        desk.now_ms(),
        hold=False,
    )
    desk.commit()


def states(frozen):
    rows = list(queries.export(frozen.broadcast))
    assert sorted(row.address for row in rows) == sorted({row.address for row in rows})
    return Counter(row.state for row in rows)


# --- who moves, and when ------------------------------------------------------------------------------------------------------
def test_a_second_copy_that_is_due_leaves_by_the_account_that_is_well_and_everybody_stays_listed():
    frozen, giver, taker = ill_and_well()
    look(giver, taker)
    pdus = fly(taker)
    assert taker.book.destinations(pdus) == 40
    assert len(fly(giver)) == 0
    answer(taker, pdus, 5_000)
    rows = list(queries.export(frozen.broadcast))
    assert [(row.address, row.state, row.doubts) for row in rows] == [(one, "accepted", 1) for one in NUMBERS]
    assert progress(frozen).accepted == 40
    assert queries.audience_hash(frozen.broadcast) == (frozen.audience_sha256, 40)


def test_who_is_ordered_once_more_leaves_by_the_account_that_is_well_and_the_others_stay():
    frozen, giver, taker = ill_and_well(timing=WAITING)
    look(giver, taker)
    assert not Block.objects.filter(origin__isnull=False).exists()
    order("settle", frozen, recipients=[[i + 1, NUMBERS[i]] for i in range(3)], decision="resend")
    look(giver, taker)
    pdus = fly(taker)
    assert sorted(sheet(taker).addresses(slice(None)).tolist()) == NUMBERS[:3]
    answer(taker, pdus, 5_000)
    assert states(frozen) == {"accepted": 3, "in_doubt": 37}


def test_whose_second_doubt_waits_for_a_person_stays_where_they_are_until_one_orders_it():
    frozen, giver, taker = ill_and_well()
    look(giver, taker)
    taker.book.doubt(fly(taker), taker.now())
    taker.commit()
    bound(giver)
    taker = falls_ill(taker, giver.gateway, taker.gateway)
    look(taker, giver)
    assert len(fly(giver)) + len(fly(taker)) == 0
    assert {(one.tries, one.next_step) for one in queries.in_doubt()} == {(2, "person")}
    order("settle", frozen, all=True, decision="resend")
    look(taker, giver, taker, giver)
    assert giver.book.destinations(fly(giver, 100)) == 40
    assert states(frozen) == {"intended": 40}


@pytest.mark.parametrize("state", ["silent", "down", "refused", "connecting"])
def test_nobody_in_doubt_moves_to_an_account_that_is_not_well(state):
    _, giver, taker = ill_and_well(well=state)
    look(giver, taker)
    assert not Block.objects.filter(origin__isnull=False).exists()
    assert giver.book.destinations(fly(giver)) > 0  # what is due is tried where it is


def test_numbers_that_the_other_does_not_serve_stay():
    mobile, unicom = [13900000000 + i for i in range(20)], [13000000000 + i for i in range(20)]
    _, giver, taker = ill_and_well([*mobile, *unicom], other=gateway("other", prefixes=["139"]))
    look(giver, taker)
    assert sorted(sheet(taker).addresses(slice(None)).tolist()) == mobile


def test_while_its_account_is_well_everybody_waits_for_it():
    _, giver, taker = ill_and_well()
    bound(giver)
    look(giver, taker)
    assert not Block.objects.filter(origin__isnull=False).exists()


@pytest.mark.parametrize("stop", ["recall", "pause"])
def test_nothing_moves_of_what_was_recalled_or_paused(stop):
    frozen, giver, taker = ill_and_well(timing=WAITING)
    order("settle", frozen, all=True, decision="resend")
    order(stop, frozen)
    look(giver, taker)
    assert not Block.objects.filter(origin__isnull=False).exists()
    assert len(fly(giver)) + len(fly(taker)) == 0


def test_the_window_of_the_account_that_takes_over_holds():
    _, giver, taker = ill_and_well(other=gateway("other", batch=4, max_in_flight_recipients=8))
    look(giver, taker)
    assert 0 < taker.book.destinations(fly(taker, 100)) <= 8


def test_a_long_text_of_which_a_part_was_taken_stays_with_the_account_that_took_it():
    frozen, giver, taker = ill_and_well(text=LONG)
    part = sheet(giver)
    assert part.segments == 2
    flown = [pdu for pdu in range(1, giver.book._n) if giver.book._pdus["segment"][pdu] == 0]
    answer(giver, np.array(flown[:1], dtype=np.int64), 9_000)
    look(giver, taker)
    taken = giver.book.destinations(np.array(flown[:1]))
    assert len(sheet(taker)) == 40 - taken
    pdus = fly(taker, 100)
    assert taker.book.destinations(pdus) == 2 * (40 - taken)  # both segments
    assert sum(states(frozen).values()) == 40


def test_a_correction_goes_once_to_everybody_wherever_they_are_by_then():
    frozen, giver, taker = ill_and_well()
    look(giver, taker)
    answer(taker, fly(taker), 5_000)
    order("correct", frozen)
    look(giver, taker)
    correction = queries.correction_of(frozen.broadcast)
    assert correction
    assert sorted(queries.audience(correction)[1].tolist()) == NUMBERS
    assert sorted(send_all(taker, 9_000)) == NUMBERS
    assert send_all(giver, 9_500) == {}


# --- what the first account hears afterwards ----------------------------------------------------------------------------------
def moved(*, text=None, numbers=NUMBERS):
    frozen, giver, taker = ill_and_well(numbers, **({"text": text} if text else {}))
    look(giver, taker)
    return frozen, giver, taker


@pytest.mark.parametrize("restarted", ["", "from the tape", "from the fold"])
def test_a_receipt_of_the_first_copy_makes_it_delivered_and_no_second_leaves(restarted):
    frozen, giver, taker = moved()
    if restarted:
        giver.commit(idle=restarted == "from the fold")
        closed(giver)
        giver = opened(giver.gateway, giver.gateway, taker.gateway)
    receipts(giver, NUMBERS[:7], 70_000)
    look(taker)
    assert states(frozen) == {"delivered": 7, "in_doubt": 33}
    assert taker.book.destinations(fly(taker, 100)) == 33
    assert not Decision.objects.exists()
    assert not Inbound.objects.exists()


def test_a_receipt_of_the_first_copy_counts_while_the_second_is_on_the_line_or_taken():
    frozen, giver, taker = moved()
    pdus = fly(taker, 100)
    receipts(giver, NUMBERS[:5], 70_000)
    look(taker)
    answer(taker, pdus, 5_000)
    receipts(giver, NUMBERS[5:10], 71_000)
    look(taker)
    assert states(frozen) == {"delivered": 10, "accepted": 30}
    report(taker, {number: 5_000 + at for at, number in enumerate(NUMBERS)}, FAILED)
    assert states(frozen) == {"delivered": 10, "failed": 30}  # nobody falls back


def test_a_failure_of_the_first_copy_is_not_the_last_word_while_a_second_is_under_way():
    frozen, giver, taker = moved()
    pdus = fly(taker, 100)
    receipts(giver, NUMBERS[:5], 70_000, FAILED)
    look(taker)
    answer(taker, pdus, 5_000)
    receipts(giver, NUMBERS[5:10], 71_000, FAILED)
    look(taker)
    assert states(frozen) == {"accepted": 40}
    report(taker, {number: 5_000 + at for at, number in enumerate(NUMBERS)})
    assert states(frozen) == {"delivered": 40}


def test_a_late_answer_of_the_first_account_spares_the_second_copy_and_its_receipt_counts():
    ill = gateway("ill", batch=10).model_copy(update={"failover_after": 0})
    other = gateway("other")
    with override_settings(FENGHUO=config(ill)):
        frozen = freeze(NUMBERS)
    order("release", frozen)
    giver, taker = opened(ill, ill, other), opened(other, ill, other)
    bound(taker)
    flown = []
    while len(pdus := fly(giver)):
        flown.append(pdus)
        giver.book.doubt(pdus, giver.now())
        giver.commit()
    look(giver, taker)
    late = flown[0]
    n = giver.book.destinations(late)
    answer(giver, late, 6_000)
    giver.book.answered_late(late, giver.now())
    giver.commit()
    look(taker)
    assert states(frozen) == {"accepted": n, "in_doubt": 40 - n}
    assert taker.book.destinations(fly(taker, 100)) == 40 - n
    report(giver, {NUMBERS[0]: 6_000, NUMBERS[1]: 6_001})
    report(giver, {NUMBERS[2]: 6_002}, FAILED)
    look(taker)
    assert queries.progress([frozen.broadcast])[frozen.broadcast].delivered == 2
    assert queries.progress([frozen.broadcast])[frozen.broadcast].failed == 1


def test_receipts_of_both_segments_of_a_long_text_count_each_for_its_own():
    frozen, giver, taker = moved(text=LONG)
    receipts(giver, [NUMBERS[0]], 70_000)
    look(taker)
    assert states(frozen) == {"in_doubt": 40}
    receipts(giver, [NUMBERS[1], NUMBERS[1]], 71_000)
    look(taker)
    assert states(frozen) == {"in_doubt": 39, "delivered": 1}


def test_what_is_heard_finds_whoever_has_moved_on_and_come_back():
    frozen, giver, taker = moved()
    bound(giver)
    taker = falls_ill(taker, giver.gateway, taker.gateway)
    look(taker, giver)
    assert len(sheet(giver)) == 80
    receipts(taker, NUMBERS[:2], 70_000)
    look(giver)
    receipts(giver, NUMBERS[2:4], 71_000)
    look(giver, taker)
    assert states(frozen) == {"delivered": 4, "in_doubt": 36}
    assert not Decision.objects.exists()


def test_the_account_that_gave_waits_for_receipts_after_all_its_people_have_gone():
    frozen, giver, taker = moved()
    brief = replace(STEPPED, keep_final=0.0)
    closed(giver)
    again = opened(giver.gateway, giver.gateway, taker.gateway, timing=brief)
    look(again, times=4)
    receipts(again, NUMBERS[:4], 70_000)
    look(taker)
    assert states(frozen) == {"delivered": 4, "in_doubt": 36}
