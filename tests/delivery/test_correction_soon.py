"""C1: the first PDU of a correction leaves within two seconds of the decision, however slowly the gateway answers."""

import pytest

from fenghuo.delivery.ledger import actions, queries
from fenghuo.delivery.sender.timing import Timing
from fenghuo.ground import clock
from simulators.smsc import Plan, running
from tests.delivery.hostile import CONNECT, SUBMIT, Seen, answered, hostile, let_in
from tests.delivery.makers import CORRECTION, TEXT, freeze, gateway
from tests.delivery.running import send_until

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
LONG = "【下仓镇】（演练）" + "刚才的预警发布有误，请以本条为准。" * 8 + "（演练结束）【蓟州区下仓镇】"


def order(kind, frozen):
    actions.order(kind=kind, broadcast=frozen.broadcast, by={"system": True})


@pytest.mark.parametrize("correction", [CORRECTION, LONG], ids=["one segment", "several segments"])
def test_a_correction_does_not_wait_for_the_answers_of_a_slow_gateway(correction):
    decided: list[float] = []
    with running(Plan(response_delay=(4.0, 4.0))) as centre:
        frozen = freeze([10012300000 + i for i in range(2_000)], correction=correction)
        order("release", frozen)

        def corrected():
            return [row.at for row in centre.call(lambda one: list(one.record.rows())) if row.text != TEXT]

        def condition():
            if not decided and centre.call(lambda one: one.record.recipients) >= 140:
                decided.append(clock.now().timestamp())
                order("recall", frozen)
                order("correct", frozen)
            return bool(corrected())

        send_until(gateway(port=centre.port, source_addr="900001", batch=10), condition, timing=Timing(), seconds=25)
        first = min(corrected())
    assert first - decided[0] <= 2.0


def test_a_gateway_that_answers_at_once_gets_its_whole_window():
    """This one answers its first submit, and then only ever eight together, which is its window: a kept place would stop it."""
    frozen = freeze([10012300000 + i for i in range(41)])
    order("release", frozen)
    held: list[int] = []

    def answer(command: int, sequence: int, body: bytes, seen: Seen) -> bytes:
        if command == CONNECT:
            return let_in(sequence)
        if command != SUBMIT:
            return b""
        held.append(sequence)
        if len(seen.submits) > 1 and len(held) < 8:
            return b""
        said = b"".join(map(answered, held))
        held.clear()
        return said

    with hostile(answer) as seen:
        gate = gateway(port=seen.port, batch=1, window=8)
        send_until(gate, lambda: queries.progress([frozen.broadcast])[frozen.broadcast].accepted == 41, timing=Timing())
    assert len(seen.submits) == 41
