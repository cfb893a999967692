"""The nightly link test: a heartbeat where the account is bound, a login where it is not, never an SMS, once a night."""

import socket
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from datetime import time as TimeOfDay

import pytest
from django.test import override_settings
from django.utils import timezone

from fenghuo.delivery.gateways.timers import Timers
from fenghuo.delivery.ledger import queries, store
from fenghuo.delivery.ledger.models import LinkTest
from fenghuo.delivery.ledger.values import Used
from fenghuo.delivery.sender.night import Night
from fenghuo.ground import clock
from simulators.smsc import Plan, running
from tests.delivery.makers import config, gateway
from tests.delivery.running import QUICK, send_until

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
EARLIER = 3 * 24 * 60  # minutes


def known(account: str = "one") -> None:
    """The account has been served for some days."""
    store.add_usage(account, Used(messages=1), minute=int(clock.now().timestamp()) // 60 - EARLIER, month=200001)


def just_before() -> TimeOfDay:
    """A time of day that has just passed."""
    return (timezone.localtime(clock.now()) - timedelta(minutes=1)).time().replace(second=0, microsecond=0)


def was_tested() -> bool:
    return LinkTest.objects.exists()


def test_a_line_that_is_there_is_tested_without_an_sms_and_once_a_night():
    known()
    with running(Plan()) as centre, override_settings(FENGHUO=config(gateway())):
        gate, at = gateway(port=centre.port, source_addr="900001"), just_before()
        night = timezone.localtime(clock.now())
        send_until(gate, was_tested, link_test=at)
        send_until(gate, lambda: store.health()[0][1] == "bound", link_test=at)
        test, *others = queries.link_tests()
        sent = centre.call(lambda it: list(it.record.rows()))
    assert (test.kind, test.ok, test.error, others, sent) == ("login", True, "", [], [])
    yesterday = night.time() < at  # a minute ago may have been before midnight
    assert test.day == queries.day_of(night - timedelta(days=1) if yesterday else night)


def test_a_bound_account_exchanges_a_heartbeat():
    known()
    here = timezone.localtime(clock.now())
    store.put_link_test("one", queries.day_of(here - timedelta(days=1)), 1, "login", True, 1, "")
    with ExitStack() as night, running(Plan()) as centre, override_settings(FENGHUO=config(gateway())):
        comes = iter([clock.moved(timedelta(minutes=30))])

        def heartbeat() -> bool:
            if store.health()[0][1] == "bound":
                for one in comes:
                    night.enter_context(one)  # the night comes while the line is up
            return LinkTest.objects.filter(kind="heartbeat").exists()

        at = (here + timedelta(minutes=15)).time().replace(second=0, microsecond=0)
        send_until(gateway(port=centre.port, source_addr="900001"), heartbeat, link_test=at)
        test = queries.link_tests()[0]
    assert (test.kind, test.ok, test.error) == ("heartbeat", True, "")


def test_a_gateway_that_is_not_there_fails_the_test_and_says_why():
    known()
    with socket.socket() as taken, override_settings(FENGHUO=config(gateway())):
        taken.bind(("127.0.0.1", 0))
        send_until(gateway(port=taken.getsockname()[1]), was_tested, link_test=just_before())
    test = queries.link_tests()[0]
    assert (test.kind, test.ok, test.error) == ("login", False, "connect_refused")


def test_a_refused_login_fails_the_test():
    known()
    with running(Plan(login_status=3)) as centre, override_settings(FENGHUO=config(gateway())):
        send_until(gateway(port=centre.port, source_addr="900001"), was_tested, link_test=just_before())
    assert (queries.link_tests()[0].ok, queries.link_tests()[0].error) == (False, "login_3")


def test_a_gateway_that_falls_silent_fails_the_test():
    known()
    quick = replace(QUICK, timers=Timers(idle=5.0, answer=0.2, tries=2))
    with running(Plan(deaf=True)) as centre, override_settings(FENGHUO=config(gateway())):
        send_until(gateway(port=centre.port, source_addr="900001"), was_tested, link_test=just_before(), timing=quick)
    assert (queries.link_tests()[0].ok, queries.link_tests()[0].error) == (False, "silence")


@pytest.mark.parametrize(
    ("hour", "last", "known_days", "due"),
    [
        (2, 20260709, 9, False),  # before the time: last night was tested
        (4, 20260709, 9, True),
        (4, 20260710, 9, False),  # tested already
        (2, 20260101, 9, True),  # months of downtime: one test, not one for each night
        (4, 0, 0.01, False),  # known only since an hour after the time: tomorrow
        (4, 0, 1, True),
    ],
)
def test_a_night_is_due_once(hour, last, known_days, due):
    now = datetime(2026, 7, 10, hour, 0, tzinfo=timezone.get_default_timezone())
    with clock.moved(now - clock.now()):
        minute = int((now - timedelta(days=known_days)).timestamp()) // 60
        store.add_usage("one", Used(messages=1), minute=minute, month=202607)
        if last:
            store.put_link_test("one", last, 1, "login", True, 1, "")
        night = Night("one", TimeOfDay(3, 30))
        assert night.due(0.0) is due
        if due:
            night.ask("login", 0.0)
            found = night.found(0.25)
            assert (found.ms, found.ok) == (250, True)
            assert not night.due(100.0)


def test_no_time_means_no_test():
    known()
    assert not Night("one", None).due(0.0)
