"""FAULTS G4 on the line: a slow contract is used up, and a red alert does not wait behind ten thousand blue ones."""

import time

import numpy as np
import pytest

from fenghuo.ground import clock
from simulators.smsc import Plan, running
from tests.delivery.makers import freeze, gateway
from tests.delivery.running import send_until
from tests.delivery.several import accepted, order

pytestmark = pytest.mark.django_db(databases=["default", "ledger"], transaction=True)
RATE, ROUNDS, EVERY, RED = 50, 8, 1.2, 15


@pytest.mark.slow
def test_red_leaves_within_a_second_behind_ten_thousand_blue_and_the_contract_is_used() -> None:
    with running(Plan()) as centre:
        blue = freeze([10012400000 + i for i in range(10_000)], lane=4)
        reds = [freeze([10012300000 + 100 * turn + i for i in range(RED)], lane=1) for turn in range(ROUNDS)]
        order("release", blue)
        released: list[float] = []
        began = [time.monotonic()]

        def condition() -> bool:
            if not accepted(centre):
                began[0] = time.monotonic()
            due = began[0] + 2.0 + EVERY * len(released)
            if len(released) < ROUNDS and time.monotonic() >= due:
                released.append(clock.now().timestamp())
                order("release", reds[len(released) - 1])
            return len(released) == ROUNDS and time.monotonic() >= due + EVERY

        send_until(gateway(port=centre.port, source_addr="900001", rate=RATE), condition, seconds=60.0)
        rows = sorted((row.at, int(row.number)) for row in centre.call(lambda one: list(one.record.rows())))
    waited = [at - released[(number - 10012300000) // 100] for at, number in rows if number < 10012400000]
    at = np.array([at for at, _ in rows])
    assert len(waited) == ROUNDS * RED
    assert np.percentile(waited, 99) <= 1.0, sorted(waited)[-40:]
    last = rows[-1][0]
    used = (at < last).sum() / (RATE * (last - rows[0][0]))
    print(f"red p50 {np.percentile(waited, 50):.2f} s, p99 {np.percentile(waited, 99):.2f} s, utilisation {used:.3f}")
    assert 0.95 <= used <= 1.03
