"""A late answer to one message of several to a number: once all of them are reported nobody is left in doubt for it.

And never is one counted as arrived of which nothing was said.
"""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from fenghuo.delivery.ledger import queries
from fenghuo.delivery.ledger.columns import TAKEN
from fenghuo.delivery.ledger.states import ACCEPTED, AGAIN, DELIVERED
from fenghuo.delivery.ledger.values import Reports
from tests.delivery.desks import STEPPED, fly, opened
from tests.delivery.makers import freeze, gateway, smpp_gateway
from tests.delivery.several import order

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
NUMBER = 10012300001
LONG = "【下仓镇】（演练）" + "请转移。" * 20 + "（演练结束）"  # two segments
SHORT = "【下仓镇】（演练）请转移。（演练结束）"
PATIENT = replace(STEPPED, waits={"urgent": 600.0, "patient": 600.0})
IDS = (7_000, 7_001)


def doubted(text=LONG):
    """(desk, broadcast, submits): a text whose every segment left, and was not answered in time."""
    desk = opened(smpp_gateway("one", window=8), timing=PATIENT)
    frozen = freeze([NUMBER], text=text, policy="patient")
    order("release", frozen)
    pdus = fly(desk)
    desk.book.doubt(pdus, desk.now())
    desk.commit()
    return desk, frozen, pdus


def answered_late(desk, pdu, id, after=0):
    pdus, none = np.array([pdu]), np.zeros(1, dtype=np.uint32)
    desk.book.account_for(pdus)
    desk.book.answer(
        pdus,
        np.array([TAKEN], dtype=np.uint8),
        none,
        np.array([id], dtype=np.uint64),
        none.astype(np.uint16),
        desk.now() + after,
    )
    desk.commit()
    desk.look_around()
    desk.commit()


def said(desk, id, after=0):
    one = np.ones(1, dtype=np.uint16)
    ids, number = np.array([id], dtype=np.uint64), np.array([NUMBER], dtype=np.uint64)
    now = np.array([desk.now()], dtype=np.uint32)
    reports = Reports(ids, number, one * DELIVERED, one, now, np.array([b"DELIVRD"]))
    desk.book.receive(reports, desk.now_ms() + after * 1000, hold=False)
    desk.commit()
    desk.look_around()
    desk.commit()


def doubt_another(desk):
    """Receipts that fitted nothing are looked at again while anybody is in doubt."""
    order("release", freeze([NUMBER + 7], text=SHORT, policy="patient"))
    desk.book.doubt(fly(desk), desk.now())
    desk.commit()


def shown(frozen):
    return [row.state for row in queries.export(frozen.broadcast)]


@pytest.mark.parametrize("apart", [0, 30])  # seconds
@pytest.mark.parametrize("steps", list(permutations(["answer", "first", "second"])))
def test_whatever_comes_first_all_that_are_reported_are_delivered(steps, apart):
    desk, frozen, pdus = doubted()
    for at, step in enumerate(steps):
        if step == "answer":
            answered_late(desk, pdus[0], IDS[0], at * apart)
        else:
            said(desk, IDS[("first", "second").index(step)], at * apart)
        if at < 2:
            reported = set(steps[: at + 1]) - {"answer"}
            assert shown(frozen) == (["delivered"] if len(reported) == 2 else ["in_doubt"])
    assert shown(frozen) == ["delivered"]
    assert queries.unmatched() == []


def test_what_is_said_again_of_the_one_that_was_answered_is_never_counted_for_the_other():
    desk, frozen, pdus = doubted()
    answered_late(desk, pdus[0], IDS[0])
    for _ in range(3):
        said(desk, IDS[0])
    assert shown(frozen) == ["in_doubt"]


def test_one_of_two_copies_that_are_in_doubt_is_not_counted_for_the_other_segment():
    desk, frozen, pdus = doubted()
    book, number = desk.book, next(iter(desk.book.sheets))
    book.settle(number, np.array([0]), AGAIN, 0, desk.now())
    desk.requeue()
    book.doubt(fly(desk), desk.now())
    desk.commit()
    answered_late(desk, pdus[0], IDS[0])
    said(desk, IDS[0])
    said(desk, 8_000)  # the second copy of the same segment, perhaps
    assert shown(frozen) == ["in_doubt"]
    assert [one.kind for one in queries.unmatched()] == ["orphan"]
    said(desk, 8_001)  # now one of the two must be of the other segment
    assert shown(frozen) == ["delivered"]


def test_what_a_person_counted_as_sent_is_delivered_once_each_of_its_segments_is_reported():
    desk, frozen, _ = doubted()
    desk.book.settle(next(iter(desk.book.sheets)), np.array([0]), ACCEPTED, 0, desk.now())
    desk.commit()
    said(desk, IDS[0])
    assert shown(frozen) == ["accepted"]
    doubt_another(desk)
    said(desk, IDS[1])
    assert shown(frozen) == ["delivered"]


def test_an_id_learned_from_a_receipt_hides_no_other_of_the_submit_that_is_answered_with_it():
    desk = opened(gateway("one", window=8, batch=2), timing=PATIENT)
    first = freeze([NUMBER, NUMBER + 1], text=SHORT, policy="patient")
    order("release", first)
    pdus = fly(desk)
    desk.book.doubt(pdus, desk.now())
    desk.commit()
    said(desk, IDS[0])
    answered_late(desk, pdus[0], IDS[0])
    desk.book.drop(next(iter(desk.book.sheets)), desk.now())
    assert desk.book._gone.find(np.array(IDS, dtype=np.uint64))["count"].tolist() == [2, 2]


def test_a_text_that_was_answered_late_and_reported_takes_no_receipt_of_the_next_from_it():
    desk, first, pdus = doubted(SHORT)
    answered_late(desk, pdus[0], IDS[0])
    said(desk, IDS[0])
    following = freeze([NUMBER], text=SHORT, policy="patient")
    order("release", following)
    desk.book.doubt(fly(desk), desk.now())
    desk.commit()
    said(desk, 9_000)
    assert (shown(first), shown(following)) == (["delivered"], ["delivered"])


def test_a_text_of_which_a_copy_is_unaccounted_for_still_takes_it():
    desk, first, pdus = doubted(SHORT)
    desk.book.settle(next(iter(desk.book.sheets)), np.array([0]), AGAIN, 0, desk.now())
    desk.requeue()
    desk.book.doubt(fly(desk), desk.now())
    desk.commit()
    answered_late(desk, pdus[0], IDS[0])
    said(desk, IDS[0])
    following = freeze([NUMBER], text=SHORT, policy="patient")
    order("release", following)
    desk.book.doubt(fly(desk), desk.now())
    desk.commit()
    said(desk, 9_000)
    assert (shown(first), shown(following)) == (["delivered"], ["in_doubt"])
    assert [one.kind for one in queries.unmatched()] == ["orphan"]
