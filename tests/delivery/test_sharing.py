"""Who gives to whom, and that what was shared evenly stays where it is."""

from dataclasses import replace

import pytest
from django.test import override_settings

from fenghuo.delivery.ledger import actions, queries
from fenghuo.delivery.ledger.actions import Fenced
from fenghuo.delivery.ledger.models import Account, Block
from fenghuo.delivery.sender.desk import Desk
from fenghuo.delivery.sender.desk.sharing import Speed
from tests.delivery.makers import config, freeze, gateway
from tests.delivery.running import QUICK
from tests.delivery.several import order

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
TIMING = replace(QUICK, share=0.0, adopt=1e6, look_again=0.0)
NUMBERS = [13900000000 + i for i in range(3_000)]


def opened(gate, *peers):
    fence = actions.take_lease(gate.name, "cmpp3", holder=gate.name, dead="", lease_ms=600_000)
    assert fence is not None
    names = [one.name for one in peers]
    desk = Desk(gate, mode="exercise", accounts=names, peers=peers, timing=TIMING, fence=fence)
    desk.read_orders(always=True)
    return desk


def bound(desk, state="bound"):
    assert actions.report_health(
        desk.gateway.name, fence=desk.fence, lease_ms=600_000, state=state, since=1, error="", in_flight=0, heard_at=1
    )


def shares():
    found: dict[str, int] = {}
    for account, _, messages in queries.left_to_send(0):
        found[account] = found.get(account, 0) + messages
    return found


def released(*gates, numbers=NUMBERS, lane=1):
    with override_settings(FENGHUO=config(*gates)):
        frozen = freeze(numbers, lane=lane)
    order("release", frozen)
    return frozen


def test_one_that_is_far_behind_gives_so_much_that_both_finish_together_and_then_nothing_moves():
    one, two = gateway("one", rate=100), gateway("two", rate=50)
    released(one)
    first, second = opened(one, one, two), opened(two, one, two)
    bound(first), bound(second)
    first.sharing.well(1e12)
    second.sharing.well(1e12)
    for _ in range(12):
        first.look_around()
        second.look_around()
    assert shares() == {"one": 2_000, "two": 1_000}
    assert Block.objects.filter(origin__isnull=False).count() == 1


def test_an_account_that_comes_back_gets_its_own_numbers_back():
    mobile, backup = gateway("mobile", rate=100, prefixes=["139"]), gateway("backup", rate=100)
    released(mobile)
    own, other = opened(mobile.model_copy(update={"failover_after": 0}), mobile, backup), opened(backup, mobile, backup)
    bound(own, "down"), bound(other)
    other.sharing.well(1e12)
    for _ in range(4):
        own.look_around()
        other.look_around()
    assert shares() == {"backup": 3_000}
    bound(own)
    back = opened(mobile, mobile, backup)
    back.sharing.well(1e12)
    bound(back)
    other.look_around()
    back.look_around()
    assert shares() == {"mobile": 1_500, "backup": 1_500}


def test_a_contracted_speed_is_no_reason_to_leave_the_longer_prefix():
    mobile, backup = gateway("mobile", rate=100, prefixes=["139"]), gateway("backup", rate=100)
    released(mobile)
    own, other = opened(mobile, mobile, backup), opened(backup, mobile, backup)
    bound(own), bound(other)
    own.sharing.well(1e12)
    own.look_around()
    assert shares() == {"mobile": 3_000}


@pytest.mark.parametrize("state", ["silent", "down", "refused", "connecting"])
def test_nobody_is_handed_over_to_an_account_that_is_not_well(state):
    one, two = gateway("one").model_copy(update={"failover_after": 0}), gateway("two")
    released(one)
    giver, taker = opened(one, one, two), opened(two, one, two)
    bound(taker, state)
    giver.look_around()
    assert shares() == {"one": 3_000}


def test_nor_to_one_whose_sender_has_gone():
    one, two = gateway("one").model_copy(update={"failover_after": 0}), gateway("two")
    released(one)
    giver, taker = opened(one, one, two), opened(two, one, two)
    bound(taker)
    Account.objects.filter(name="two").update(lease_until=1)
    giver.look_around()
    assert shares() == {"one": 3_000}


def test_hosts_that_take_turns_at_a_dead_gateway_do_not_begin_to_wait_anew():
    one, two = gateway("one"), gateway("two")
    released(one)
    first, taker = opened(one, one, two), opened(two, one, two)
    bound(taker)
    assert actions.report_health(
        "one", fence=first.fence, lease_ms=600_000, state="down", since=1, error="connect_refused", in_flight=0,
        heard_at=0, unwell_ms=12_000,
    )  # fmt: skip
    first.look_around()
    assert shares() == {"one": 3_000}  # this one has tried for a moment only
    actions.drop_lease("one", fence=first.fence)
    opened(one, one, two).look_around()
    assert shares() == {"two": 3_000}


def test_the_most_urgent_go_first_and_what_is_paused_stays():
    one, two = gateway("one").model_copy(update={"failover_after": 0}), gateway("two", rate=10)
    blue, red = released(one, numbers=NUMBERS[:500], lane=4), released(one, numbers=NUMBERS[500:560], lane=1)
    held = released(one, numbers=NUMBERS[600:700], lane=1)
    order("pause", held)
    giver, taker = opened(one, one, two), opened(two, one, two)
    bound(taker)
    giver.look_around()
    moved = {
        block.broadcast.id: block.count for block in Block.objects.filter(account="two").select_related("broadcast")
    }
    assert moved[red.broadcast] == 60
    assert held.broadcast not in moved
    assert moved.get(blue.broadcast, 0) <= 100


def test_a_sender_that_lost_its_lease_hands_nobody_over():
    one, two = gateway("one").model_copy(update={"failover_after": 0}), gateway("two")
    frozen = released(one)
    giver, taker = opened(one, one, two), opened(two, one, two)
    giver.read_orders(always=True)
    bound(taker)
    Account.objects.filter(name="one").update(fence=99)
    runs = [(0, 0, 10)]
    (number,) = giver.book.sheets
    with pytest.raises(Fenced):
        actions.hand_over(giver.book, number, "two", runs, fence=giver.fence, now_ms=giver.now_ms(), lease_ms=1_000)
    assert queries.progress([frozen.broadcast])[frozen.broadcast].unsent == 3_000
    assert shares() == {"one": 3_000}
    assert giver.book.sheets[number].n(4) == 3_000


def test_a_part_of_a_correction_waits_until_the_taker_has_written_its_own():
    one, two = gateway("one").model_copy(update={"failover_after": 0}), gateway("two")
    released(one, two)
    desks = [opened(one, one, two), opened(two, one, two)]
    for desk in desks:
        desk.read_orders(always=True)
        desk.book.intend(desk.claim(4, 0, 16), desk.now())
        desk.commit()
    (alert,) = {job.id for job in desks[0].book.jobs.values()}
    actions.order(kind="correct", broadcast=alert, by={})
    giver, taker = desks
    for desk in desks:
        desk.book.doubt_leftovers(desk.now())
        desk.commit()
    bound(taker)
    giver.look_around()
    giver.read_orders(always=True)
    giver.look_around()
    correction = queries.correction_of(alert)
    assert correction is not None
    assert not Block.objects.filter(broadcast__id=correction, origin__isnull=False).exists()
    taker.read_orders(always=True)
    taker.look_around()
    giver.look_around()
    taker.look_around()
    reached = sorted(row.address for row in queries.export(alert) if row.state not in ("stopped", "unsent"))
    assert sorted(row.address for row in queries.export(correction)) == reached
    assert len(reached) == 100
    assert {account for account, _, n in queries.left_to_send(0) if n} == {"two"}


def test_a_speed_is_believed_only_after_some_seconds_and_forgotten_with_what_it_was_of():
    speed = Speed(100.0)
    for second in range(5):
        speed.look(float(second), [1], 1_000 - 10 * second)
        assert speed.now == 100.0
    speed.look(5.0, [1], 950)
    assert speed.now == pytest.approx(10.0)
    speed.look(6.0, [1, 2], 3_000)
    assert speed.now == 100.0
