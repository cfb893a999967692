"""When an account dies: how long until the other sends what it had not, and that nobody is lost or told twice unlisted.

Two accounts share an audience; in the middle of it one SMS centre breaks every connection and listens no more. Times are of that
moment: until the first submit at the other centre of somebody who had been frozen for the dead one, and until the last.

    python -m benchmarks.house FOLDER benchmarks.failover --recipients 6000 --rate 500 --after 10 --json
"""

import argparse
import json
import os
import sys
import threading
import time
from array import array
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections, transaction

from fenghuo.delivery.gateways.cmpp import Cmpp
from fenghuo.delivery.gateways.config import CmppGateway
from fenghuo.delivery.ledger import actions, columns, queries
from fenghuo.delivery.ledger.models import Block
from fenghuo.delivery.sender.keeper import Keeper
from fenghuo.delivery.sender.timing import Timing
from fenghuo.ground import clock
from fenghuo.ground.ids import new_id
from simulators.smsc import Centre, Plan, Threaded, running

FIRST = 10_100_000_000  # 101…: numbers no carrier assigns
BATCH, WINDOW = 20, 16


def account(name: str, port: int, rate: int, after: int) -> CmppGateway:
    """One of the two."""
    return CmppGateway(
        name=name, protocol="cmpp3", mode="exercise", host="127.0.0.1", port=port, source_addr="900001",
        secret_file=Path("secret"), rate=rate, window=WINDOW, batch=BATCH, failover_after=after,
    )  # fmt: skip


def released(recipients: int) -> str:
    """An audience that both accounts share."""
    broadcast = new_id()
    actions.freeze(
        broadcast=broadcast, mode="exercise", lane=1, text="【下仓镇】（演练）请转移。（演练结束）", correction="", src_id="12379",
        expires_at=clock.now() + timedelta(hours=1), policy="patient",
        contact_ids=array("Q", range(1, recipients + 1)), addresses=array("Q", range(FIRST, FIRST + recipients)),
    )  # fmt: skip
    with transaction.atomic(using="default"):
        actions.order(kind="release", broadcast=broadcast, by={"harness": True})
    return broadcast


def serve(gateway: CmppGateway, peers: list[CmppGateway], stop: threading.Event) -> None:
    """One account's thread, as the sender process has it, with the sender's own durations."""
    timing = Timing()
    keeper = Keeper(
        gateway,
        lambda now: Cmpp(gateway, b"exercise", timing.timers, now),
        mode="exercise",
        accounts=[one.name for one in peers],
        peers=peers,
        timing=timing,
        stop=stop,
    )
    try:
        keeper.run()
    finally:
        connections.close_all()


def rows(centre: Threaded) -> list[tuple[int, float]]:
    """(number, moment) of everybody a centre accepted."""
    return centre.call(lambda one: [(int(row.number), row.at) for row in one.record.rows()])


def gone(centre: Centre) -> None:
    """Nothing listens any more, and every line breaks."""
    centre.shut()
    centre.drop()


def measured(recipients: int, rate: int, after: int) -> dict[str, Any]:
    """One death."""
    with running() as living, running(Plan(response_delay=(0.05, 0.1))) as dying:
        peers = [account("living", living.port, rate, after), account("dying", dying.port, rate, after)]
        settings.FENGHUO.gateway[:] = peers
        broadcast = released(recipients)
        frozen_for_dead = {
            number
            for count, packed in Block.objects.filter(account="dying", origin=None).values_list("count", "recipients")
            for number in columns.unpack_addresses(packed, count).tolist()
        }
        stop = threading.Event()
        threads = [threading.Thread(target=serve, args=(one, peers, stop)) for one in peers]
        for thread in threads:
            thread.start()
        _until(lambda: dying.call(lambda one: one.record.recipients) > recipients // 8)
        died = clock.now().timestamp()
        dying.call(gone)
        _until(lambda: _left(broadcast) == 0)
        stop.set()
        for thread in threads:
            thread.join()
        told = Counter(number for number, _ in (*rows(living), *rows(dying)))
        moments = sorted(at for number, at in rows(living) if number in frozen_for_dead)
    listed = list(queries.export(broadcast))
    doubtful = {row.address for row in listed if row.doubts}
    everyone = set(range(FIRST, FIRST + recipients))
    return {
        "recipients": recipients,
        "rate": rate,
        "failover_after": after,
        "first_pdu_s": round(moments[0] - died, 2),
        "last_pdu_s": round(moments[-1] - died, 2),
        "moved": len(moments),
        "in_doubt": len(doubtful),
        "lost": len({one for one in everyone if not told[one]} - doubtful) + len(everyone) - len(listed),
        "duplicates": sum(n - 1 for n in told.values()),
        "unlisted_duplicates": len({one for one, n in told.items() if n > 1} - doubtful),
        "load": round(os.getloadavg()[0], 1),
    }


def _left(broadcast: str) -> int:
    now = queries.progress([broadcast])[broadcast]
    return now.unsent + now.intended


def _until(condition: Any) -> None:
    while not condition():
        time.sleep(0.02)


def main(arguments: list[str] | None = None) -> int:
    """Prints one line of JSON; exit status 1 when the promise was broken."""
    parser = argparse.ArgumentParser(prog="benchmarks.failover", description=__doc__.splitlines()[0])
    parser.add_argument("--recipients", type=int, default=6_000)
    parser.add_argument("--rate", type=int, default=500)
    parser.add_argument("--after", type=int, default=10)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    found = measured(chosen.recipients, chosen.rate, chosen.after)
    print(json.dumps(found) if chosen.json else "\n".join(f"{name:20} {value}" for name, value in found.items()))
    return 0 if not (found["lost"] or found["unlisted_duplicates"]) else 1


if __name__ == "__main__":
    sys.exit(main())
