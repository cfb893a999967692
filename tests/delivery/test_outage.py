"""A gateway that is down for the whole window (FAULTS G5): nothing leaves after the expiry, and who was not reached is listed."""

import socket
import time
from datetime import timedelta

import pytest
from django.test import override_settings

from fenghuo.delivery.ledger import actions, queries
from fenghuo.ground import clock
from simulators.smsc import Plan, running
from tests.delivery.makers import config, freeze, gateway
from tests.delivery.running import send_until

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
NUMBERS = [10012300000 + i for i in range(60)]


def test_what_expired_while_the_gateway_was_down_is_never_sent():
    late = freeze(NUMBERS[:40], expires_at=clock.now() + timedelta(seconds=2))
    valid = freeze(NUMBERS[40:], lane=4)
    for one in (late, valid):
        actions.order(kind="release", broadcast=one.broadcast, by={})
    with socket.socket() as taken, override_settings(FENGHUO=config(gateway())):
        taken.bind(("127.0.0.1", 0))
        began = time.monotonic()
        gone = gateway(port=taken.getsockname()[1])
        send_until(gone, lambda: time.monotonic() - began > 2.2 and expired(late.broadcast) == 40)
        assert queries.gateways()[0].state == "down"
    with running(Plan()) as centre:
        send_until(
            gateway(port=centre.port, source_addr="900001"),
            lambda: queries.progress([valid.broadcast])[valid.broadcast].delivered == 20,
        )
        sent = {int(row.number) for row in centre.call(lambda one: list(one.record.rows()))}
    assert sent == set(NUMBERS[40:])
    assert expired(late.broadcast) == 40
    assert {row.address for row in queries.export(late.broadcast) if row.state == "expired"} == set(NUMBERS[:40])


def expired(broadcast: str) -> int:
    return queries.progress([broadcast])[broadcast].expired
