"""The word beside a recipient is the gateway's for the state shown; a receipt without a number counts where its id tells."""

import numpy as np
import pytest

from fenghuo.delivery.ledger import queries
from fenghuo.delivery.ledger.columns import REFUSED, TAKEN
from fenghuo.delivery.ledger.models import Inbound
from fenghuo.delivery.ledger.states import DELIVERED, FAILED
from fenghuo.delivery.ledger.values import Reports
from tests.delivery.desks import closed, fly, opened, send_all
from tests.delivery.makers import freeze, gateway, smpp_gateway
from tests.delivery.several import order

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
NUMBER = 10012300001
LONG = "【下仓镇】（演练）" + "请转移。" * 20 + "（演练结束）"
WORDS = {DELIVERED: b"DELIVRD", FAILED: b"UNDELIV"}


def say(desk, *said):
    """Receipts: (id, number, code) each."""
    ids, numbers, codes = zip(*said, strict=True)
    texts = [WORDS[code] for code in codes]
    desk.book.receive(
        Reports(
            np.array(ids, dtype=np.uint64),
            np.array(numbers, dtype=np.uint64),
            np.array(codes),
            np.array([desk.words.number(text) for text in texts], dtype=np.uint16),
            np.full(len(ids), desk.now(), dtype=np.uint32),
            np.array(texts),
        ),
        desk.now_ms(),
        hold=False,
    )
    desk.commit()


def shown(frozen):
    return [(one.address, one.state, one.status) for one in queries.export(frozen.broadcast)]


def released(desk, numbers, **changes):
    frozen = freeze(numbers, **changes)
    order("release", frozen)
    desk.read_orders(always=True)
    return frozen


def answered(desk, pdus, verdicts, base):
    many = len(pdus)
    words = [desk.words.number(b"R:11") if one == REFUSED else 0 for one in verdicts]
    desk.book.answer(
        pdus,
        np.array(verdicts, dtype=np.uint8),
        np.zeros(many, dtype=np.uint32),
        base + np.arange(many, dtype=np.uint64),
        np.array(words, dtype=np.uint16),
        desk.now(),
    )
    desk.commit()


@pytest.mark.parametrize("restart", [False, True])
def test_who_has_failed_is_never_shown_with_the_word_delivered_of_another_segment(restart):
    desk = opened(smpp_gateway("one", window=8))
    frozen = released(desk, [NUMBER], text=LONG)
    pdus = fly(desk)
    answered(desk, pdus, [TAKEN, REFUSED], 7_000)
    say(desk, (7_000, NUMBER, DELIVERED))
    if restart:
        closed(desk)
        desk = opened(desk.gateway)
    assert shown(frozen) == [(NUMBER, "failed", "R:11")]


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("last", [DELIVERED, FAILED])
def test_the_word_is_that_of_the_segment_that_failed_whichever_is_reported_last(last, together):
    desk = opened(smpp_gateway("one", window=8))
    frozen = released(desk, [NUMBER, NUMBER + 1], text=LONG)
    for base in (7_000, 7_002):  # a person at a time
        answered(desk, fly(desk), [TAKEN] * 2, base)
    first = DELIVERED + FAILED - last
    said = [
        (7_000, NUMBER, first),
        (7_001, NUMBER, last),
        (7_002, NUMBER + 1, DELIVERED),
        (7_003, NUMBER + 1, DELIVERED),
    ]
    for one in [said] if together else [[one] for one in said]:
        say(desk, *one)
    assert shown(frozen) == [(NUMBER, "failed", "UNDELIV"), (NUMBER + 1, "delivered", "DELIVRD")]


def test_a_receipt_that_names_no_number_counts_for_the_message_whose_id_it_names():
    desk = opened(smpp_gateway("one", window=8))
    frozen = released(desk, [NUMBER, NUMBER + 1])
    sent = send_all(desk, 7_000)
    say(desk, (sent[NUMBER], 0, DELIVERED), (9_999, 0, FAILED))
    assert shown(frozen) == [(NUMBER, "delivered", "DELIVRD"), (NUMBER + 1, "accepted", "")]
    assert [one.message_id for one in Inbound.objects.filter(kind="orphan")] == ["9999"]


def test_a_receipt_that_names_another_number_or_none_of_several_settles_nobody():
    desk = opened(gateway("one", batch=2, window=8))
    frozen = released(desk, [NUMBER, NUMBER + 1, NUMBER + 2])
    sent = send_all(desk, 7_000)
    say(desk, (sent[NUMBER], 0, DELIVERED), (sent[NUMBER + 2], NUMBER + 77, DELIVERED))
    assert {state for _, state, _ in shown(frozen)} == {"accepted"}
    assert Inbound.objects.filter(kind="orphan").count() == 2
