"""The whole path over SMPP on the loopback: every recipient's state is what the SMS centre's own record says."""

from collections import Counter

import pytest

from fenghuo.delivery.ledger import actions, queries
from simulators.smsc import Account, Plan, running
from tests.delivery.makers import freeze, smpp_gateway
from tests.delivery.running import send_until, settled

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
ACCOUNT = (Account(sp_id="fenghuo", secret="exercise"),)


def release(frozen):
    actions.order(kind="release", broadcast=frozen.broadcast, by={"system": True})


def test_everybody_is_told_once_and_every_receipt_is_kept():
    numbers = [10012300000 + 7 * i for i in range(1_000)]
    plan = Plan(protocol="smpp", accounts=ACCOUNT, failing_ratio={"UNDELIV": 0.1})
    with running(plan) as centre:
        frozen = freeze(numbers)
        release(frozen)
        send_until(smpp_gateway(port=centre.port, source_addr="fenghuo"), settled(frozen.broadcast), timing=PATIENT)
        record = centre.call(lambda one: list(one.record.rows()))
    told = {int(row.number): row.stat for row in record}
    assert len(record) == len(told) == len(numbers)
    states = {row.address: (row.state, row.status) for row in queries.export(frozen.broadcast)}
    assert states == {n: ("delivered" if s == "DELIVRD" else "failed", s) for n, s in told.items()}
    assert Counter(told.values())["UNDELIV"] > 0
