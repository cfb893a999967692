"""What was throttled leaves once more, and once only, whatever else moves meanwhile."""

import time
from collections import Counter

import pytest
from django.test import override_settings

from fenghuo.delivery.ledger import actions
from fenghuo.delivery.ledger.columns import RETRY
from fenghuo.delivery.sender.desk import Desk
from tests.delivery.desks import answer, fly, opened
from tests.delivery.makers import config, freeze, gateway

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
NUMBERS = [10012300000 + i for i in range(4)]
FAST = 10_000  # a second


@pytest.mark.parametrize("throttled", [2, 3, 4])
def test_who_was_throttled_before_others_were_handed_over_is_told_once(throttled: int) -> None:
    giver, taker = gateway("one", batch=1, rate=FAST), gateway("two", batch=1, rate=FAST)
    with override_settings(FENGHUO=config(giver)):
        frozen = freeze(NUMBERS)
    actions.order(kind="release", broadcast=frozen.broadcast, by={"system": True})
    desk = opened(giver, giver, taker)
    answer(desk, fly(desk, room=throttled), 1, RETRY)
    (queue,) = desk.lanes.queues.values()
    queue.refill()  # as after every hand-over
    assert claimed(desk) == dict.fromkeys(NUMBERS, 1)


@pytest.mark.parametrize("happens", ["handed over", "taken in", "not given to the line"])
def test_who_was_set_aside_after_a_refusal_is_told_once_whatever_was_handed_over_meanwhile(happens: str) -> None:
    gate = gateway("one", batch=1, rate=FAST)
    with override_settings(FENGHUO=config(gate)):
        frozen = freeze(NUMBERS)
    actions.order(kind="release", broadcast=frozen.broadcast, by={"system": True})
    desk = opened(gate)
    (queue,) = desk.lanes.queues.values()
    answer(desk, fly(desk, room=2), 1, RETRY)
    for _ in range(2):
        claim = queue.take(1, 1, 1, 1, 16)
        assert claim is not None
        queue.set_aside(claim)
    if happens == "handed over":
        queue.refill()
    elif happens == "taken in":
        queue.refill()
        queue.again(queue.left_over())
    else:
        desk.requeue()
    waiting = claimed(desk)
    queue.take_back()
    assert waiting + claimed(desk) == dict.fromkeys(NUMBERS, 1)


def claimed(desk: Desk, room: int = 16) -> Counter[int]:
    """How often each number is claimed before anything more is intended."""
    told = Counter[int]()
    for _ in range(5):
        told.update(address for claim in desk.claim(room, 0, 16) for address in desk.book.addresses(claim).tolist())
        time.sleep(0.001)  # ten at this rate
    return told
