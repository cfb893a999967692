"""One run of the whole durable path, checked against the SMS centre's record. Started by `fan_out` through `benchmarks.house`.

Prints one line of JSON; exit status 1 and the reason when the run is void.
"""

import argparse
import gc
import json
import resource
import sys
import threading
import time
from array import array
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db import transaction

from benchmarks.bare_loop import BODY, SECRET
from benchmarks.weighing import bytes_on_disk
from fenghuo.delivery.gateways.cmpp import Cmpp
from fenghuo.delivery.gateways.config import CmppGateway
from fenghuo.delivery.ledger import actions, queries
from fenghuo.delivery.sender.desk import Desk
from fenghuo.delivery.sender.keeper import Keeper
from fenghuo.delivery.sender.timing import Timing
from fenghuo.ground import clock
from fenghuo.ground.ids import new_id
from fenghuo.wire import text
from simulators.smsc import Remote

FIRST_NUMBER = 10_000_000_000  # 100…: numbers no carrier assigns
ROW = np.dtype({"names": ["number", "stat"], "formats": ["S32", "S8"], "offsets": [8, 40], "itemsize": 64})
UNLIMITED = 10**7  # the most that an account may say


class Void(Exception):
    """The run proves nothing: some recipient's state is not what the centre's record says."""


def measure(centre: Remote, recipients: int, batch: int, window: int, rate: int = UNLIMITED) -> dict[str, Any]:
    """Freeze, order, send, all receipts, fold. Seconds from the first line of the freeze to the end of the fold."""
    gateway = CmppGateway(
        name="bench",
        protocol="cmpp3",
        mode="exercise",
        host="127.0.0.1",
        port=centre.port,
        source_addr="900001",
        secret_file=Path("secret"),
        rate=rate,
        window=window,
        batch=batch,
        most_bytes=8192,
        max_in_flight_recipients=window * batch,
    )
    settings.FENGHUO.gateway.append(gateway)
    numbers = array("Q", np.arange(FIRST_NUMBER, FIRST_NUMBER + recipients, dtype=np.uint64).tobytes())
    people = array("Q", np.arange(1, recipients + 1, dtype=np.uint64).tobytes())
    broadcast, marks = new_id(), dict[str, float]()
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def begin() -> None:
        """What signing does: the audience is frozen, the order given."""
        marks["began"], marks["cpu"] = time.perf_counter(), time.process_time()
        actions.freeze(
            broadcast=broadcast,
            mode="exercise",
            lane=1,
            text=text.compose("【下仓镇】", BODY, "", exercise=True),
            correction="",
            src_id="12379",
            expires_at=clock.now() + timedelta(hours=6),
            policy="urgent",
            contact_ids=people,
            addresses=numbers,
        )
        with transaction.atomic(using="default"):
            actions.order(kind="release", broadcast=broadcast, by={"benchmark": True})
        marks["ordered"] = time.perf_counter()

    def until(desk: Desk) -> bool:
        # The sender has logged in long before, as it has in the field; the freeze still runs in its way here, not beside it.
        if "began" not in marks:
            if any(one.state == "bound" for one in queries.gateways()):
                begin()
            return False
        done = len(desk.book.sheets) == 1 and next(iter(desk.book.sheets.values())).n(1, 9) == recipients
        if done and "receipts" not in marks:
            marks["receipts"] = time.perf_counter()
        if done and not desk.unfolded and "folded" not in marks:
            marks["cpu"] = time.process_time() - marks["cpu"]
            marks["folded"] = time.perf_counter()
        return "folded" in marks

    timing = Timing(tick=0.002)  # how soon the end is noticed
    gc.freeze()
    Keeper(
        gateway,
        lambda now: Cmpp(gateway, SECRET, timing.timers, now),
        mode="exercise",
        accounts=[gateway.name],
        timing=timing,
        stop=threading.Event(),
        until=until,
    ).run()
    check(broadcast, centre, recipients)
    began = marks["began"]
    return {
        "seconds": marks["folded"] - began,
        "freeze_seconds": marks["ordered"] - began,
        "receipts_seconds": marks["receipts"] - began,
        "cpu_seconds": marks["cpu"],
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "rss_before_mb": round(resident / 1024, 1),
        "bytes_per_recipient": round(bytes_on_disk() / recipients, 2),
    }


def check(broadcast: str, centre: Remote, recipients: int) -> None:
    """Every recipient's final state against the centre's own record; raises Void."""
    record = np.frombuffer(centre.packed_rows(), dtype=ROW)
    if len(record) != recipients:
        raise Void(f"the centre accepted {len(record)} of {recipients}")
    told = np.char.decode(record["number"], "ascii").astype(np.uint64)
    order = np.argsort(told)
    ours = np.empty(recipients, dtype=[("number", "u8"), ("state", "U12"), ("status", "S8")])
    count = 0
    for row in queries.export(broadcast):
        ours[count] = (row.address, row.state, row.status.encode())
        count += 1
    ours.sort(order="number")
    if count != recipients or not (ours["number"] == told[order]).all():
        raise Void("the numbers told are not the audience")
    stats = record["stat"][order]
    expected = np.where(stats == b"DELIVRD", "delivered", "failed")
    wrong = np.flatnonzero((ours["state"] != expected) | (ours["status"] != stats))
    if len(wrong):
        first = wrong[0]
        raise Void(f"{len(wrong)} states differ; first {ours[first]}, the centre said {stats[first]!r}")


def main() -> int:
    """One run with the arguments of the command line."""
    parser = argparse.ArgumentParser(prog="benchmarks.durable")
    for name in ("port", "control", "recipients", "batch", "window"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--rate", type=int, default=UNLIMITED)
    chosen = parser.parse_args()
    centre = Remote(chosen.port, chosen.control)
    try:
        measured = measure(centre, chosen.recipients, chosen.batch, chosen.window, chosen.rate)
    except Void as void:
        print(f"void: {void}", file=sys.stderr)
        return 1
    print(json.dumps(measured))
    return 0


if __name__ == "__main__":
    sys.exit(main())
