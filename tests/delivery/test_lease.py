"""One sender at a time writes for an account; the one that lost its lease neither writes nor sends."""

import os
import subprocess
import sys

import pytest

from fenghuo.delivery.ledger import actions, queries, store
from fenghuo.delivery.ledger.models import Account, Entry
from fenghuo.delivery.sender.desk import Desk
from fenghuo.delivery.sender.desk.holder import dead_holder, holder
from simulators.smsc import Plan, running
from tests.delivery.makers import freeze, gateway
from tests.delivery.running import QUICK, send_until, settled

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


def take(name="one", holder="a", dead="", ms=60_000):
    return actions.take_lease(name, "cmpp3", holder=holder, dead=dead, lease_ms=ms)


def test_a_lease_is_held_until_it_runs_out_by_the_clock_of_the_database():
    assert take(holder="a") == 1
    assert take(holder="b") is None
    Account.objects.update(lease_until=store.health()[0][0] and 1)
    assert take(holder="b") == 2


def test_a_dead_holder_is_replaced_at_once_and_a_living_one_is_not():
    ended = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True, check=True
    )
    place = holder().rsplit(":", 2)[0]
    assert take(holder=f"{place}:{ended.stdout.strip()}:12345") == 1
    assert take(holder="b", dead=dead_holder("one")) == 2

    Account.objects.update(holder=holder())
    assert dead_holder("one") == ""
    Account.objects.update(holder=f"elsewhere:1:{os.getpid()}:1")
    assert dead_holder("one") == ""


def test_the_old_holder_can_neither_write_nor_say_how_it_is():
    gate = gateway()
    frozen = freeze([10012300001, 10012300002])
    actions.order(kind="release", broadcast=frozen.broadcast, by={})
    old = Desk(gate, mode="exercise", accounts=["one"], timing=QUICK, fence=take(ms=-1))
    old.read_orders(always=True)
    new = take(holder="b")
    claims = old.claim(16, 0, 16)
    old.book.intend(claims, old.now())

    with pytest.raises(actions.Fenced):
        old.commit()
    assert new == 2
    assert Entry.objects.count() == 0
    assert queries.progress([frozen.broadcast])[frozen.broadcast].unsent == 2
    assert not actions.report_health(
        "one", fence=1, lease_ms=1, state="bound", since=0, error="", in_flight=0, heard_at=0
    )


def test_the_next_sender_takes_up_what_the_last_left():
    numbers = [10012300000 + i for i in range(3_000)]
    frozen = freeze(numbers)
    actions.order(kind="release", broadcast=frozen.broadcast, by={})
    with running(Plan(response_delay=(0.001, 0.002))) as centre:
        gate = gateway(port=centre.port, source_addr="900001", batch=10)
        send_until(gate, lambda: centre.call(lambda one: one.record.recipients) > 200)
        left = queries.progress([frozen.broadcast])[frozen.broadcast].unsent
        send_until(gate, settled(frozen.broadcast))
        record = [int(row.number) for row in centre.call(lambda one: list(one.record.rows()))]
    assert 0 < left < 3_000
    assert sorted(record) == numbers  # a sender that is asked to stop leaves nothing in doubt
