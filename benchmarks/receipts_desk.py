"""What `receipts` runs in a house of its own: a desk without a socket that hears every receipt in random order."""

import argparse
import gc
import json
import sys
import time
from array import array
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db import transaction

from benchmarks.bare_loop import BODY
from benchmarks.weighing import bytes_on_disk, peak_mb
from fenghuo.delivery.gateways.config import CmppGateway
from fenghuo.delivery.gateways.line import DELIVERED, FAILED, Receipts
from fenghuo.delivery.ledger import actions, columns, states, view
from fenghuo.delivery.ledger.models import Broadcast
from fenghuo.delivery.ledger.values import Claim
from fenghuo.delivery.sender.desk import Desk
from fenghuo.delivery.sender.talk import Talk
from fenghuo.delivery.sender.talk.trust import Trust
from fenghuo.delivery.sender.timing import Timing
from fenghuo.ground import clock
from fenghuo.ground.ids import new_id
from fenghuo.wire import text

FIRST_NUMBER = 10_000_000_000  # 100…: numbers no carrier assigns
FIRST_ID = 0x5D0C_3800_0100_0000
FAILING = 0.01


class Void(Exception):
    """The run proves nothing: some recipient's state is not what was reported."""


class Deaf:
    """The part of a line that a desk uses while it only hears."""

    room = 0

    def __init__(self) -> None:
        self.acknowledged = 0

    def acknowledge(self, token: Any) -> None:
        """Count them."""
        self.acknowledged += int(token)

    def outgoing(self) -> bytes:
        """Nothing."""
        return b""


@dataclass(frozen=True)
class Told:
    """What the reports say of each recipient, in the order of the audience."""

    failed: Any
    done: Any

    def some(self, which: Any) -> Receipts:
        """The receipts of some recipients."""
        failed = self.failed[which]
        return Receipts(
            FIRST_ID + which.astype(np.uint64),
            FIRST_NUMBER + which.astype(np.uint64),
            np.where(failed, FAILED, DELIVERED).astype(np.uint8),
            np.where(failed, b"UNDELIV", b"DELIVRD"),
            self.done[which],
            len(which),
        )


def accepted(recipients: int, batch: int) -> tuple[str, Desk]:
    """A desk whose every recipient was taken by a gateway that numbers them in order; its tape is folded."""
    gateway = CmppGateway(
        name="bench", protocol="cmpp3", mode="exercise", host="127.0.0.1", port=7890, source_addr="900001",
        secret_file=Path("secret"), rate=10**7, window=1000, batch=batch,
    )  # fmt: skip
    settings.FENGHUO.gateway.append(gateway)
    broadcast = new_id()
    actions.freeze(
        broadcast=broadcast, mode="exercise", lane=1, text=text.compose("【下仓镇】", BODY, "", exercise=True), correction="",
        src_id="12379", expires_at=clock.now() + timedelta(hours=6), policy="urgent",
        contact_ids=array("Q", np.arange(1, recipients + 1, dtype=np.uint64).tobytes()),
        addresses=array("Q", np.arange(FIRST_NUMBER, FIRST_NUMBER + recipients, dtype=np.uint64).tobytes()),
    )  # fmt: skip
    with transaction.atomic(using="default"):
        actions.order(kind="release", broadcast=broadcast, by={"benchmark": True})
    timing = Timing(lease=3600.0, stuck=600.0)
    fence = actions.take_lease(gateway.name, "cmpp3", holder="benchmark", dead="", lease_ms=3_600_000)
    assert fence is not None
    desk = Desk(gateway, mode="exercise", accounts=[gateway.name], timing=timing, fence=fence)
    desk.read_orders(always=True)
    book = desk.book
    (number, sheet), *_ = book.sheets.items()
    for slot, count in enumerate(sheet.counts.tolist()):
        (pdus,) = book.intend([Claim(number, slot, 0, count, batch)], desk.now())
        taken, none = np.full(len(pdus), columns.TAKEN, dtype=np.uint8), np.zeros(len(pdus), dtype=np.uint32)
        ids = (FIRST_ID + int(sheet.offsets[slot]) + np.arange(len(pdus)) * batch).astype(np.uint64)
        book.answer(pdus, taken, none, ids, none.astype(np.uint16), desk.now())
        if slot % 100 == 99:
            desk.commit()
    desk.commit(idle=True)
    return broadcast, desk


def measure(recipients: int, batch: int, group: int) -> dict[str, Any]:
    """Seconds from the first receipt heard to the end of the fold; making up what the gateway says is not counted."""
    broadcast, desk = accepted(recipients, batch)
    chance = np.random.default_rng(1)
    day = int(clock.now().timestamp()) // 60 * 60
    told = Told(chance.random(recipients) < FAILING, (day - 30 * chance.integers(0, 10, recipients)).astype(np.uint32))
    order = chance.permutation(recipients)
    line = Deaf()
    talk = Talk(desk, line, trust=Trust())  # type: ignore[arg-type]
    gc.freeze()
    seconds = used = 0.0
    for start in range(0, recipients, group):
        receipts = told.some(order[start : start + group])
        began, cpu = time.perf_counter(), time.process_time()
        talk.hear([receipts])
        talk.turn()
        seconds, used = seconds + time.perf_counter() - began, used + time.process_time() - cpu
    began, cpu = time.perf_counter(), time.process_time()
    desk.commit(idle=True)
    seconds, used = seconds + time.perf_counter() - began, used + time.process_time() - cpu
    peak = peak_mb()
    if line.acknowledged != recipients:
        raise Void(f"{line.acknowledged} of {recipients} receipts were acknowledged")
    check(broadcast, told)
    return {
        "recipients": recipients,
        "receipts_per_s": round(recipients / seconds),
        "bytes_per_recipient": round(bytes_on_disk() / recipients, 2),
        "cpu_us_per_receipt": round(used / recipients * 1e6, 3),
        "peak_rss_mb": peak,
        "receipts_per_commit": group,
        "verified": True,
    }


def check(broadcast: str, told: Told) -> None:
    """Every block as it lies on disk against what was reported; raises Void."""
    row = Broadcast.objects.get(id=broadcast)
    words = actions.Words()
    expected = np.array([words.number(b"DELIVRD"), words.number(b"UNDELIV")], dtype=np.uint16)
    reading, seen = view.read(row.number, row.segments), 0
    for place in reading.index:
        sheet = reading.sheet(place).sheet
        which = sheet.addresses(slice(None)).astype(np.int64) - FIRST_NUMBER
        failed = told.failed[which].astype(np.int64)
        codes = np.array([states.DELIVERED, states.FAILED])[failed]
        same = (sheet.state[0] == codes) & (sheet.word == expected[failed]) & (sheet.at == told.done[which])
        if not same.all():
            raise Void(f"{int((~same).sum())} recipients of block {place.id} are not what was reported")
        seen += len(which)
    if seen != len(told.failed):
        raise Void(f"the ledger holds {seen} recipients")


def main() -> int:
    """One run with the arguments of the command line."""
    parser = argparse.ArgumentParser(prog="benchmarks.receipts_desk")
    for name in ("recipients", "batch", "group"):
        parser.add_argument(f"--{name}", type=int, required=True)
    chosen = parser.parse_args()
    try:
        found = measure(chosen.recipients, chosen.batch, chosen.group)
    except Void as void:
        print(f"void: {void}", file=sys.stderr)
        return 1
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
