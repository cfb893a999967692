"""Corrections whose parts several accounts write at the same moment, on whichever database the settings name.

`N` rounds; prints one line of JSON. Started through `benchmarks.house`. In every other round one of the accounts is away while
the others write, send and look around, and comes to it later.
"""

import json
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import replace

from django.db import connections, transaction
from django.test import override_settings

from fenghuo.delivery.gateways.config import Gateway
from fenghuo.delivery.ledger import actions, queries, store
from fenghuo.delivery.ledger.models import Broadcast
from fenghuo.delivery.sender.desk import Desk
from tests.delivery.desks import STEPPED, closed, opened, report, send_all
from tests.delivery.makers import config, freeze, gateway

TIMING = replace(STEPPED, keep_final=-10.0)  # what is final was so for long enough to be let go
PREFIXES = (139, 138, 137)
ACCOUNTS = [gateway(f"of{prefix}", prefixes=[str(prefix)]) for prefix in PREFIXES]
EACH = 1_200


class Slow(Desk):
    """Its part is written, and on disk only a while later: others write theirs meanwhile."""

    def _write_correction(self, number: int) -> int:
        with store.writing():
            written = super()._write_correction(number)
            time.sleep(0.1)
        return written


def order(kind: str, frozen: actions.Frozen) -> None:
    with transaction.atomic(using="default"):
        actions.order(kind=kind, broadcast=frozen.broadcast, by={"system": True})


def serve(one: Gateway, ready: threading.Barrier, base: int) -> None:
    """This account's sender comes to what was ordered; then it sends, and is told that all arrived."""
    try:
        ready.wait(30)
        desk = opened(one, *ACCOUNTS, timing=TIMING, kind=Slow)
        report(desk, send_all(desk, base))
        desk.look_around()
        closed(desk)
    finally:
        connections.close_all()


def together(accounts: Sequence[Gateway], base: int) -> None:
    ready = threading.Barrier(len(accounts))
    threads = [threading.Thread(target=serve, args=(one, ready, base)) for one in accounts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)


def one_round(number: int) -> dict[str, int]:
    audience = [prefix * 10**8 + number * 10**4 + i for prefix in PREFIXES for i in range(EACH)]
    frozen = freeze(audience)
    order("release", frozen)
    together(ACCOUNTS, 1_000_000 * (2 * number + 1))
    order("correct", frozen)
    late = ACCOUNTS[number // 2 % len(ACCOUNTS)] if number % 2 else None
    together([one for one in ACCOUNTS if one is not late], 1_000_000 * (2 * number + 2))
    if late:
        together([late], 1_000_000 * (2 * number + 2))
    row = Broadcast.objects.get(parent=frozen.broadcast)
    told = queries.audience(row.id)[1].tolist()
    return {
        "left_out": len(set(audience) - set(told)),
        "never_told": len(set(told) - set(audience)),
        "twice": len(told) - len(set(told)),
        "wrong_hash": (row.audience_sha256, row.count) != queries.audience_hash(row.id),
        "open": Broadcast.objects.filter(closed=False).count(),
        "delivered": queries.progress([row.id])[row.id].delivered,
    }


def main(rounds: str) -> None:
    total: dict[str, int] = {}
    with override_settings(FENGHUO=config(*ACCOUNTS)):
        for number in range(int(rounds)):
            for name, n in one_round(number).items():
                total[name] = total.get(name, 0) + n
    print(json.dumps({"vendor": connections["ledger"].vendor, **total}))


if __name__ == "__main__":
    main(*sys.argv[1:])
