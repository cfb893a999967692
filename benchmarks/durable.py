"""One run of the whole durable path, checked against the SMS centre's record. Started by `fan_out` through `benchmarks.house`.

Prints one line of JSON; exit status 1 and the reason when the run is void.
"""

import argparse
import gc
import json
import sys
import threading
import time
from array import array
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connections, transaction

from benchmarks.bare_loop import BODY, SECRET
from benchmarks.weighing import bytes_on_disk, peak_mb
from fenghuo.delivery.gateways.config import CmppGateway, SmppGateway
from fenghuo.delivery.ledger import actions, queries
from fenghuo.delivery.ledger.models import Order
from fenghuo.delivery.ledger.states import DELIVERED, FAILED
from fenghuo.delivery.sender.desk import Desk
from fenghuo.delivery.sender.keeper import Keeper
from fenghuo.delivery.sender.lines import line_of
from fenghuo.delivery.sender.timing import Timing
from fenghuo.ground import clock
from fenghuo.ground.ids import new_id
from fenghuo.wire import text
from simulators.smsc import Remote

FIRST_NUMBER = 10_000_000_000  # 100…: numbers no carrier assigns
ROW = np.dtype(
    {"names": ["number", "stat", "at"], "formats": ["S32", "S8", ">f8"], "offsets": [8, 40, 56], "itemsize": 64}
)
PART = 1_000_000  # of the centre's record, read at once
UNLIMITED = 10**7  # the most that an account may say


class Void(Exception):
    """The run proves nothing: some recipient's state is not what the centre's record says."""


def account(protocol: str, port: int, batch: int, window: int, rate: int) -> CmppGateway | SmppGateway:
    """The account that is measured: nothing but what is asked for holds it back."""
    common: dict[str, Any] = {
        "name": "bench", "protocol": protocol, "mode": "exercise", "host": "127.0.0.1", "port": port, "source_addr": "900001",
        "secret_file": Path("secret"), "rate": rate, "window": window, "batch": batch, "max_in_flight_recipients": window * batch,
    }  # fmt: skip
    return SmppGateway(**common) if protocol == "smpp" else CmppGateway(**common, most_bytes=8192)


class Signer:
    """Another process, as in the field: when told to, it freezes the audience and gives the order."""

    def __init__(self, recipients: int) -> None:
        self.broadcast = new_id()
        connections.close_all()  # a connection is of one process
        self._go, go = Pipe()
        self._process = get_context("fork").Process(target=_sign, args=(go, self.broadcast, recipients), daemon=True)
        self._process.start()

    def sign(self) -> None:
        """Begin; returns at once."""
        self._go.send("sign")

    def signed(self) -> tuple[float, float]:
        """How long freezing and ordering took, in seconds, and when the order was given, since 1970."""
        told: tuple[float, float] = self._go.recv()
        self._process.join()
        return told


def _sign(go: Connection, broadcast: str, recipients: int) -> None:
    numbers = array("Q", np.arange(FIRST_NUMBER, FIRST_NUMBER + recipients, dtype=np.uint64).tobytes())
    people = array("Q", np.arange(1, recipients + 1, dtype=np.uint64).tobytes())
    said = text.compose("【下仓镇】", BODY, "", exercise=True)
    store_once()
    go.recv()
    began = time.perf_counter()
    actions.freeze(
        broadcast=broadcast, mode="exercise", lane=1, text=said, correction="", src_id="12379",
        expires_at=clock.now() + timedelta(hours=6), policy="urgent", contact_ids=people, addresses=numbers,
    )  # fmt: skip
    with transaction.atomic(using="default"):
        actions.order(kind="release", broadcast=broadcast, by={"benchmark": True})
    go.send((time.perf_counter() - began, clock.now().timestamp()))
    connections.close_all()


def store_once() -> None:
    """Both connections opened, as a web process has them for long when somebody signs."""
    queries.gateways()
    Order.objects.exists()


@dataclass
class Marks:
    """When what happened, in seconds of one clock; `cpu` is the sender's own processor time."""

    began: float = 0.0
    first: float = 0.0
    receipts: float = 0.0
    folded: float = 0.0
    cpu: float = 0.0

    def over(self, desk: Desk, *, signer: Signer, recipients: int) -> bool:
        """Whether all is folded; has the order signed once the sender has logged in, which it has long before in the field."""
        if self.folded:
            return True
        if not self.began:
            if any(one.state == "bound" for one in queries.gateways()):
                self.began, self.cpu = time.perf_counter(), time.process_time()
                signer.sign()
            return False
        sheets = list(desk.book.sheets.values())
        if not sheets:
            return False
        self.first = self.first or time.perf_counter()
        if sheets[0].n(DELIVERED, FAILED) < recipients:
            return False
        self.receipts = self.receipts or time.perf_counter()
        if desk.unfolded:
            return False
        self.folded, self.cpu = time.perf_counter(), time.process_time() - self.cpu
        return True


def measure(
    centre: Remote, recipients: int, protocol: str, batch: int, window: int, rate: int = UNLIMITED
) -> dict[str, Any]:
    """Freeze, order, send, all receipts, fold. Seconds from the first line of the freeze to the end of the fold."""
    gateway = account(protocol, centre.port, batch, window, rate)
    settings.FENGHUO.gateway.append(gateway)
    signer, marks = Signer(recipients), Marks()
    timing = Timing(tick=0.01)  # how soon the end is noticed
    gc.freeze()
    Keeper(
        gateway,
        lambda now: line_of(gateway, SECRET, timing.timers, now),
        mode="exercise",
        accounts=[gateway.name],
        timing=timing,
        stop=threading.Event(),
        until=partial(marks.over, signer=signer, recipients=recipients),
    ).run()
    peak = peak_mb()
    frozen, ordered = signer.signed()
    first = check(signer.broadcast, centre, recipients)
    return {
        "seconds": marks.folded - marks.began,
        "freeze_seconds": frozen,
        "order_to_first_pdu_ms": round((first - ordered) * 1000, 1),
        "receipts_seconds": marks.receipts - marks.began,
        "cpu_seconds": marks.cpu,
        "peak_rss_mb": peak,
        "bytes_per_recipient": round(bytes_on_disk() / recipients, 2),
    }


def check(broadcast: str, centre: Remote, recipients: int) -> float:
    """Every recipient's final state against the centre's own record; raises Void. When the first submit came, since 1970."""
    record = np.frombuffer(centre.packed_rows(), dtype=ROW)
    if len(record) != recipients:
        raise Void(f"the centre accepted {len(record)} of {recipients}")
    told = np.concatenate([_numbers(record["number"][at : at + PART]) for at in range(0, recipients, PART)])
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
    return float(record["at"].min())


def _numbers(texts: Any) -> Any:
    """Numbers of eleven digits, written as text, as uint64; 0 for anything else."""
    rows = np.ascontiguousarray(texts).view(np.uint8).reshape(len(texts), texts.dtype.itemsize)
    digits = rows[:, :11] - np.uint8(ord("0"))
    right = (digits <= 9).all(axis=1) & (rows[:, 11] == 0)
    return np.where(right, digits @ (10 ** np.arange(10, -1, -1, dtype=np.uint64)), np.uint64(0))


def main() -> int:
    """One run with the arguments of the command line."""
    parser = argparse.ArgumentParser(prog="benchmarks.durable")
    for name in ("port", "control", "recipients", "batch", "window"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--rate", type=int, default=UNLIMITED)
    parser.add_argument("--protocol", default="cmpp3")
    chosen = parser.parse_args()
    centre = Remote(chosen.port, chosen.control)
    try:
        measured = measure(centre, chosen.recipients, chosen.protocol, chosen.batch, chosen.window, chosen.rate)
    except Void as void:
        print(f"void: {void}", file=sys.stderr)
        return 1
    print(json.dumps(measured))
    return 0


if __name__ == "__main__":
    sys.exit(main())
