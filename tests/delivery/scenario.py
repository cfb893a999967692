"""A whole life on whichever database the settings name, in a process of its own: faults, recall, correction, settling, takeover.

Prints one line of JSON that the test compares; started through `benchmarks.house`.
"""

import json
import threading
from collections import Counter

from django.db import connections, transaction
from django.test import override_settings

from fenghuo.delivery.ledger import actions, queries
from fenghuo.delivery.ledger.models import Account
from fenghuo.delivery.ledger.values import LinkTest
from simulators.smsc import Plan, running
from tests.delivery.makers import CORRECTION, config, freeze, gateway
from tests.delivery.running import send_until, settled

NUMBERS = [10012300000 + i for i in range(2_500)]
BAD = 10012300777


def order(kind: str, broadcast: str, **detail: object) -> None:
    with transaction.atomic(using="default"):
        actions.order(kind=kind, broadcast=broadcast, by={"system": True}, detail=detail)


def main() -> None:
    plan = Plan(
        failing_ratio={"UNDELIV": 0.1},
        bad_numbers=frozenset([str(BAD)]),
        results={2: 8},
        drop_after=frozenset([20]),
        response_delay=(0.0, 0.002),
    )
    with running(plan) as centre:
        gate = gateway(port=centre.port, source_addr="900001", batch=25)
        whole, recalled = freeze(NUMBERS), freeze([n + 100_000 for n in NUMBERS], lane=2)
        rival, stop = _rival(gate)
        order("release", whole.broadcast)
        send_until(gate, settled(whole.broadcast))
        order("release", recalled.broadcast)
        send_until(gate, lambda: queries.progress([recalled.broadcast])[recalled.broadcast].unsent < 2_300)
        order("recall", recalled.broadcast)
        order("correct", recalled.broadcast)

        def condition() -> bool:
            after = queries.correction_of(recalled.broadcast)
            return after is not None and settled(after)() and settled(recalled.broadcast)()

        send_until(gate, condition)
        order("settle", whole.broadcast, all=True, decision="accept")
        stop.set()
        rival.join(5)
        rows = centre.call(lambda one: list(one.record.rows()))
    told = Counter(int(row.number) for row in rows if int(row.number) < NUMBERS[0] + 100_000)
    states = {row.address: row.state for row in queries.export(whole.broadcast)}
    doubtful = {row.address for row in queries.export(whole.broadcast) if row.doubts}
    corrected = {int(row.number) for row in rows if row.text == CORRECTION}
    alerted = {int(row.number) for row in rows if row.text != CORRECTION and int(row.number) >= NUMBERS[0] + 100_000}
    print(
        json.dumps(
            {
                "vendor": connections["ledger"].vendor,
                "missing": len(set(NUMBERS) - set(told) - {BAD}),
                "bad": states[BAD],
                "unlisted": len({n for n, times in told.items() if times > 1} - doubtful),
                "in_doubt_at_most": len(doubtful) <= 16 * 25,
                "corrected_are_the_alerted": corrected == alerted and bool(alerted),
                "audience": queries.audience_hash(whole.broadcast) == (whole.audience_sha256, 2_500),
                "fences": Account.objects.get(name=gate.name).fence,
                "metered": metered(gate, len(rows), recalled.broadcast),
                "milestones": sorted({m.name for m in queries.milestones(0) if m.broadcast == whole.broadcast}),
            }
        )
    )


def metered(gate, told: int, broadcast: str) -> list[bool]:
    """The meters, read as the pages read them: what was sent at least, the last hour, a link test, what a release would cost."""
    fence = actions.take_lease(gate.name, "cmpp3", holder="page", dead="", lease_ms=60_000)
    found = LinkTest(day=20991231, kind="heartbeat", ok=True, ms=3)
    kept = fence is not None and actions.keep_link_test(gate.name, fence=fence, lease_ms=60_000, found=found)
    metered = gate.model_copy(update={"quota_per_month": 1})
    with override_settings(FENGHUO=config(metered)):
        gauge, share = queries.gauges()[0], queries.quota_shares(broadcast)[0]
    return [
        gauge.month >= told,
        gauge.messages_hour >= told,
        kept and [one.ok for one in gauge.tests] == [True],
        (share.exceeded, share.needs > 0) == (True, True),
    ]


def _rival(gate) -> tuple[threading.Thread, threading.Event]:
    """Another host's sender, which takes the account whenever it is free and gives it back at once."""
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            fence = actions.take_lease(gate.name, "cmpp3", holder="another host", dead="", lease_ms=50)
            if fence is not None:
                actions.drop_lease(gate.name, fence=fence)
            stop.wait(0.05)
        connections.close_all()

    thread = threading.Thread(target=serve)
    thread.start()
    return thread, stop


if __name__ == "__main__":
    main()
