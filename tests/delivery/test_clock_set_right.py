"""B1: a clock that was wrong when the sender began and is set right: alerts run out by the right one, no wait is shortened."""

from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import override_settings

from fenghuo.delivery.ledger import actions, queries
from fenghuo.delivery.ledger.models import Broadcast
from fenghuo.delivery.sender.desk import Desk
from fenghuo.delivery.watch.rules import well
from fenghuo.ground import clock
from simulators.smsc import Plan, running
from tests.delivery.makers import config, freeze, gateway
from tests.delivery.running import QUICK, send_until, settled

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
SOON = replace(QUICK, share=0.0, look_again=0.0, orders=0.0, lease=600.0, clock=0.0)
LATER = replace(SOON, clock=3600.0)
FIVE = [10012300000 + i for i in range(5)]


def opened(timing):
    gate = gateway(batch=1)
    fence = actions.take_lease(gate.name, "cmpp3", holder="x", dead="", lease_ms=600_000)
    assert fence is not None
    return Desk(gate, mode="exercise", accounts=[gate.name], timing=timing, fence=fence)


def release(numbers=FIVE, **frozen):
    with override_settings(FENGHUO=config(gateway())):
        one = freeze(numbers, **frozen)
    actions.order(kind="release", broadcast=one.broadcast, by={"system": True})
    return one.broadcast


def claimed(desk):
    desk.read_orders(always=True)
    desk.look_around()
    desk.look_around()
    found = 0
    for _ in range(10):
        claims = desk.claim(16, 0, 16)
        desk.book.intend(claims, desk.now())
        found += sum(claim.count for claim in claims)
    desk.commit()
    return found


@pytest.mark.parametrize("timing", [SOON, LATER], ids=["step believed", "step not believed yet"])
def test_an_alert_does_not_run_out_by_a_clock_that_was_a_day_ahead_and_is_right_now(timing):
    with clock.moved(timedelta(days=1)):
        desk = opened(timing)
    release(expires_at=clock.now() + timedelta(hours=6))
    assert claimed(desk) == 5


@pytest.mark.parametrize("timing", [SOON, LATER], ids=["step believed", "step not believed yet"])
def test_an_alert_that_has_run_out_does_not_leave_by_a_clock_that_was_two_hours_behind(timing):
    with clock.moved(timedelta(hours=-2)):
        desk = opened(timing)
    broadcast = release(expires_at=clock.now() - timedelta(seconds=1))
    assert claimed(desk) == 0
    assert queries.progress([broadcast])[broadcast].expired == 5


def test_an_alert_first_seen_by_a_slow_clock_runs_out_once_the_clock_is_right_and_believed():
    with clock.moved(timedelta(hours=-2)):
        desk = opened(SOON)
        broadcast = release(expires_at=clock.now() + timedelta(hours=1))
        desk.read_orders(always=True)
        desk.look_around()
    assert claimed(desk) == 0
    assert queries.progress([broadcast])[broadcast].expired == 5


def test_setting_the_clock_back_gives_no_alert_more_time():
    desk = opened(SOON)
    broadcast = release(expires_at=clock.now() + timedelta(milliseconds=600))
    desk.read_orders(always=True)
    desk.look_around()
    with clock.moved(timedelta(hours=-1)):
        held = clock.elapsed()
        while clock.elapsed() - held < 0.7:
            desk.look_around()
        assert claimed(desk) == 0
    assert queries.progress([broadcast])[broadcast].expired == 5


@pytest.mark.parametrize("by", [timedelta(hours=1), timedelta(hours=-1)], ids=str)
def test_stamps_follow_the_clock_once_it_is_believed_and_no_wait_is_shortened(by):
    desk = opened(replace(SOON, waits={"urgent": 1800.0, "patient": 1800.0}))
    broadcast = release()
    assert claimed(desk) == 5
    desk.book.doubt_leftovers(desk.now())
    desk.commit()
    with clock.moved(by):
        assert claimed(desk) == 0, "half an hour in doubt has not passed"
        assert abs(desk.now() - clock.now().timestamp()) < 5
        other = release([10012400000])
        desk.read_orders(always=True)
        stamped = Broadcast.objects.get(id=other).released_at
        assert stamped is not None
        assert abs(stamped / 1000 - clock.now().timestamp()) < 5
    assert queries.progress([broadcast])[broadcast].in_doubt == 5


def test_people_are_told_that_the_clock_was_set_until_it_is_believed():
    shown = []
    stack = ExitStack()
    with running(Plan()) as centre, stack:
        broadcast = release()
        gate = gateway(port=centre.port, source_addr="900001")

        def condition():
            with override_settings(FENGHUO=config(gate)):
                shown.append(queries.gateways()[0])
            if settled(broadcast)() and not moved:
                moved.append(stack.enter_context(clock.moved(timedelta(hours=1))))
            return any(one.last_error for one in shown) and shown[-1].state == "bound" and not shown[-1].last_error

        moved: list[None] = []
        send_until(gate, condition, timing=replace(QUICK, clock=1.0), seconds=30)
    told = next(one for one in shown if one.last_error)
    assert (told.state, told.last_error) == ("bound", "clock_stepped")
    assert not well(told)
