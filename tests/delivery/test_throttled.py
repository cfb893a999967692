"""What was throttled leaves once more, and once only, whatever else moves meanwhile."""

from collections import Counter

import pytest
from django.test import override_settings

from fenghuo.delivery.ledger import actions
from fenghuo.delivery.ledger.columns import RETRY
from tests.delivery.desks import answer, fly, opened
from tests.delivery.makers import config, freeze, gateway

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
NUMBERS = [10012300000 + i for i in range(4)]


@pytest.mark.parametrize("throttled", [1, 2, 4])
def test_who_was_throttled_before_others_were_handed_over_is_told_once(throttled: int) -> None:
    giver, taker = gateway("one", batch=1), gateway("two", batch=1)
    with override_settings(FENGHUO=config(giver)):
        frozen = freeze(NUMBERS)
    actions.order(kind="release", broadcast=frozen.broadcast, by={"system": True})
    desk = opened(giver, giver, taker)
    answer(desk, fly(desk, room=throttled), 1, RETRY)
    (number,) = desk.book.sheets
    desk.lanes.queues[number].refill()  # as after every hand-over
    claimed = desk.claim(16, 0, 16)
    told = Counter(address for claim in claimed for address in desk.book.addresses(claim).tolist())
    assert told
    assert max(told.values()) == 1
