"""The whole path on the loopback: every recipient's state is what the SMS centre's own record says."""

from collections import Counter

import pytest

from fenghuo.delivery.ledger import actions, queries
from simulators.smsc import Plan, running
from tests.delivery.makers import freeze, gateway
from tests.delivery.running import send_until, settled

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])

LONG = "【下仓镇】（演练）" + "请转移。" * 40 + "（演练结束）"


def release(frozen):
    actions.order(kind="release", broadcast=frozen.broadcast, by={"system": True})


def test_everybody_is_told_once_and_every_receipt_is_kept():
    numbers = [10012300000 + 7 * i for i in range(2_345)]
    with running(Plan(failing_ratio={"UNDELIV": 0.1, "MK:0001": 0.05})) as centre:
        frozen = freeze(numbers)
        release(frozen)
        send_until(gateway(port=centre.port, source_addr="900001"), settled(frozen.broadcast))
        record = centre.call(lambda one: list(one.record.rows()))

    told = {int(row.number): row.stat for row in record}
    assert len(record) == len(told) == len(numbers)
    states = {row.address: (row.state, row.status) for row in queries.export(frozen.broadcast)}
    assert states == {n: ("delivered" if s == "DELIVRD" else "failed", s) for n, s in told.items()}
    progress = queries.progress([frozen.broadcast])[frozen.broadcast]
    assert (progress.delivered, progress.failed) == (
        Counter(told.values())["DELIVRD"],
        len(told) - Counter(told.values())["DELIVRD"],
    )
    assert [m.name for m in queries.milestones(0)] == ["first_intent", "all_accepted", "all_final"]
