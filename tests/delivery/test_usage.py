"""The meters: what an account did, how much of its rate that was, what the month holds."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.test import override_settings

from fenghuo.delivery.ledger import actions, queries, store
from fenghuo.delivery.ledger.models import MonthUsage, Usage
from fenghuo.delivery.ledger.values import Used
from fenghuo.delivery.sender.desk.meter import Meter
from fenghuo.ground import clock
from simulators.smsc import Account as Contract
from simulators.smsc import Plan, running
from tests.delivery.makers import config, freeze, gateway
from tests.delivery.running import send_until, settled

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
NUMBERS = [10012300000 + i for i in range(900)]


def released(numbers, **options):
    frozen = freeze(numbers, **options)
    actions.order(kind="release", broadcast=frozen.broadcast, by={})
    return frozen


def test_what_was_sent_is_counted_once_by_minute_and_month():
    long = "长" * 100  # two segments
    one, two = released(NUMBERS[:300]), released(NUMBERS[300:400], text=long)
    with running(Plan(response_delay=(0.005, 0.01))) as centre:
        gate = gateway(port=centre.port, source_addr="900001", batch=20, quota_per_month=1000)
        with override_settings(FENGHUO=config(gate)):
            send_until(gate, lambda: settled(one.broadcast)() and settled(two.broadcast)())
            gauge = queries.gauges()[0]
        rows = centre.call(lambda it: sum(1 for _ in it.record.rows()))
    assert gauge.messages_hour == gauge.month == rows == 500
    assert gauge.recipients_month == 400
    assert (gauge.backlog, gauge.left) == (0, 500)
    assert gauge.answer_ms is not None
    assert 5 <= gauge.answer_ms < 5_000
    assert sum(row.messages for row in Usage.objects.all()) == MonthUsage.objects.get().messages == 500


def test_a_capped_account_shows_its_rate_as_used():
    frozen = released(NUMBERS)
    with running(Plan(accounts=(Contract(rate=300, burst=1.0),))) as centre:
        gate = gateway(port=centre.port, source_addr="900001", rate=300, batch=15)
        with override_settings(FENGHUO=config(gate)):
            send_until(gate, settled(frozen.broadcast))
            gauge = queries.gauges()[0]
    assert gauge.hour is not None
    assert gauge.hour > 0.6
    assert (gauge.throttled_hour, gauge.refused_hour) == (0, 0)


def test_throttled_and_refused_submits_are_counted():
    frozen = released(NUMBERS[:40])
    with running(Plan(results={1: 8, 3: 9})) as centre:
        gate = gateway(port=centre.port, source_addr="900001", batch=1)
        with override_settings(FENGHUO=config(gate)):
            send_until(gate, settled(frozen.broadcast))
            gauge = queries.gauges()[0]
    assert (gauge.throttled_month, gauge.refused_month) == (1, 1)


def test_what_waits_is_shown_by_lane_with_the_time_until_its_last_message():
    released(NUMBERS[:200], lane=4)
    released(NUMBERS[200:300], lane=1)
    gate = gateway(rate=100)
    with override_settings(FENGHUO=config(gate)):
        send_until(gate.model_copy(update={"port": 9}), lambda: bool(queries.gauges()[0].waiting))
        waiting = queries.gauges()[0].waiting
    assert [(one.lane, one.messages, one.seconds) for one in waiting] == [(1, 100, 1.0), (4, 200, 3.0)]


def test_a_quota_counts_what_was_sent_what_waits_and_what_a_release_needs():
    with override_settings(FENGHUO=config(gateway(quota_per_month=1000), gateway("free", prefixes=["199"]))):
        fence = actions.take_lease("one", "cmpp3", holder="x", dead="", lease_ms=1000)
        assert fence is not None
        told: dict[str, Any] = {"state": "bound", "since": 1, "error": "", "in_flight": 0, "heard_at": 1}
        for messages in (600, 150):
            assert actions.report_health("one", fence=fence, lease_ms=1000, used=Used(messages=messages), **told)
        frozen = freeze(NUMBERS[:400], text="短" * 100)
        shares = queries.quota_shares(frozen.broadcast)
    assert [one.account for one in shares] == ["one"]
    share = shares[0]
    assert (share.used, share.waiting, share.needs, share.left, share.exceeded) == (750, 0, 800, 250, True)
    with override_settings(FENGHUO=config(gateway())):
        assert queries.quota_shares(frozen.broadcast) == []


def test_minutes_of_long_ago_are_forgotten_and_the_month_stays():
    with override_settings(FENGHUO=config(gateway())), clock.moved(timedelta(days=-70)):
        store.add_usage("one", Used(messages=5), minute=1, month=202601)
    actions.forget_usage()
    assert not Usage.objects.exists()
    assert MonthUsage.objects.get().messages == 5


def test_only_one_submit_is_timed_at_a_time():
    meter = Meter()
    meter.time(7, 1.0)
    meter.time(8, 1.5)
    meter.answered(np.array([8], dtype=np.uint32), np.array([1], dtype=np.uint8), 2.0)
    meter.answered(np.array([7], dtype=np.uint32), np.array([1], dtype=np.uint8), 2.25)
    meter.look(0.0, True)
    meter.look(0.5, False)
    meter.look(9.0, True)
    assert meter.take() == Used(busy_ms=500, answers=1, answered_ms=1250)
    assert not meter.take()
