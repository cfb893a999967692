"""The releases of `doubts.py`: one account in this thread, a centre that loses responses, and what came of every cell."""

import argparse
import json
import os
import sys
import threading
import time
from array import array
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connections, transaction

from fenghuo.delivery.gateways.cmpp import Cmpp
from fenghuo.delivery.gateways.config import CmppGateway
from fenghuo.delivery.gateways.timers import Timers
from fenghuo.delivery.ledger import actions, queries, view
from fenghuo.delivery.ledger.models import Broadcast
from fenghuo.delivery.ledger.states import ACCEPTED, CODE_MASK, DELIVERED, DOUBT_SHIFT, IN_DOUBT
from fenghuo.delivery.sender.desk import Desk
from fenghuo.delivery.sender.keeper import Keeper
from fenghuo.delivery.sender.talk import Talk
from fenghuo.delivery.sender.timing import Timing
from fenghuo.ground import clock
from fenghuo.ground.ids import new_id
from simulators.smsc import Remote, launched
from simulators.smsc.record import ROW as STRUCT

SHORT = "【下仓镇】（演练）请转移。（演练结束）"
LONG = "【下仓镇】（演练）" + "今天夜间有大到暴雨，请转移。" * 11 + "（演练结束）"
FIRST = 10_100_000_000  # 101…: numbers no carrier assigns
POLICIES = ("urgent", "patient")
TEXTS = {1: SHORT, 3: LONG}
REPORTS_LOST = 0.05
ROW = np.dtype(
    {
        "names": ["number", "stat", "segment"],
        "formats": ["S11", "S8", "u1"],
        "offsets": [8, 40, 48],
        "itemsize": STRUCT.size,
    }
)
LONGEST = 600.0
TIMING = replace(
    Timing(), timers=Timers(idle=30.0, answer=0.5, tries=3), waits={"urgent": 1.0, "patient": 3.0}, look_again=0.25
)


@dataclass
class Found:
    """What came of one release; see `doubts`."""

    policy: str
    segments: int
    messages: int
    responses_lost: int = 0
    doubts: int = 0
    duplicates: int = 0
    lost: int = 0
    unlisted: int = 0
    third_copies: int = 0
    for_a_person: int = 0
    not_listed: int = 0
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        """Nobody lost, nobody told twice without having been listed, and there was something to doubt."""
        broken = self.lost or self.unlisted or self.third_copies or self.not_listed
        return not broken and self.doubts >= self.duplicates and self.doubts > 0


class Repeats(Talk):
    """Wrong on purpose: what was not answered is sent again, and nobody is told that it may have arrived."""

    def _unanswered(self, tickets: Any, heard: bool) -> None:
        tickets, pdus = self.flight.take(tickets)
        self.flight.recipients -= self._desk.book.destinations(pdus)
        self._desk.book.withdraw(pdus, self._desk.now())
        self._line.free(tickets)
        self._desk.requeue()


FAULTS: dict[str, dict[str, Any]] = {"": {}, "repeats": {"talk": Repeats}}


def released(policy: str, segments: int, first: int, messages: int) -> str:
    """Frozen and ordered as sign-off does it."""
    broadcast = new_id()
    actions.freeze(
        broadcast=broadcast, mode="exercise", lane=1, text=TEXTS[segments], correction="", src_id="12379", policy=policy,
        expires_at=clock.now() + timedelta(hours=12),
        contact_ids=array("Q", range(1, messages + 1)), addresses=array("Q", range(first, first + messages)),
    )  # fmt: skip
    with transaction.atomic(using="default"):
        actions.order(kind="release", broadcast=broadcast, by={"harness": True})
    return broadcast


def over(broadcast: str) -> bool:
    """Nobody waits, and whoever is in doubt waits for a person."""
    now = queries.progress([broadcast])[broadcast]
    if not now.released or now.unsent + now.intended:
        return False
    listed = queries.in_doubt(broadcasts=[broadcast], limit=10**9) if now.in_doubt else []
    return all(one.next_step == "person" for one in listed)


def serve(gateway: CmppGateway, broadcast: str, fault: str) -> None:
    """Until that is so; the last reports are still taken."""
    began = looked = time.monotonic()
    ended: list[float] = []

    def until(desk: Desk) -> bool:
        nonlocal looked
        now = time.monotonic()
        if now - looked > 0.5 and not ended:
            looked = now
            ended.extend([now] if over(broadcast) else [])
        return now - began > LONGEST or bool(ended and now - ended[0] > 1.0)

    Keeper(
        gateway, lambda now: Cmpp(gateway, b"exercise", TIMING.timers, now), mode="exercise", accounts=[gateway.name],
        peers=[gateway], timing=TIMING, stop=threading.Event(), until=until, **FAULTS[fault],
    ).run()  # fmt: skip


def judge(broadcast: str, account: str, centre: Remote, first: int, found: Found) -> None:
    """Every cell against the centre's own record."""
    rows = np.frombuffer(centre.packed_rows(), dtype=ROW)
    numbers = rows["number"].astype(np.int64) - first
    mine = (numbers >= 0) & (numbers < found.messages)
    shape = (found.segments, found.messages)
    copies, delivered = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=bool)
    segment = np.maximum(rows["segment"][mine].astype(np.int64), 1) - 1
    np.add.at(copies, (segment, numbers[mine]), 1)
    good = rows["stat"][mine] == b"DELIVRD"
    delivered[segment[good], numbers[mine][good]] = True
    sheet = view.own(Broadcast.objects.get(id=broadcast).number, found.segments, account)
    assert sheet is not None
    order = np.argsort(sheet.addresses(np.arange(len(sheet))))
    state = sheet.state[:, order]
    missing = found.messages - len(sheet)
    code, doubts = state & CODE_MASK, (state >> DOUBT_SHIFT).astype(np.int64)
    known = np.isin(code, (ACCEPTED, DELIVERED, IN_DOUBT))
    found.lost = missing + int(((copies == 0) | ~known | ((code == DELIVERED) & ~delivered)).sum())
    found.doubts, found.duplicates = int(doubts.sum()), int(np.maximum(copies - 1, 0).sum())
    found.unlisted = int(np.maximum(copies - 1 - doubts, 0).sum())
    found.third_copies = int((copies > 2).sum())
    still = first + np.flatnonzero((code == IN_DOUBT).any(axis=0))
    listed = {one.address for one in queries.in_doubt(broadcasts=[broadcast], limit=10**9) if one.next_step == "person"}
    found.for_a_person, found.not_listed = len(still), len(set(still.tolist()) ^ listed)


def one(policy: str, segments: int, first: int, chosen: argparse.Namespace) -> Found:
    """One release at a centre of its own."""
    found, began = Found(policy, segments, chosen.messages), time.monotonic()
    plan = {
        "response_delay": [0.0, 0.005],
        "report_delay": [0.0, 2.0],
        "lose_responses": chosen.loss,
        "lose_reports": REPORTS_LOST,
    }
    with launched(plan) as centre:
        gateway = CmppGateway(
            name="one", protocol="cmpp3", mode="exercise", host="127.0.0.1", port=centre.port, source_addr="900001",
            secret_file=Path("secret"), rate=10**6, window=64, batch=1,
        )  # fmt: skip
        settings.FENGHUO.gateway[:] = [gateway]
        broadcast = released(policy, segments, first, chosen.messages)
        serve(gateway, broadcast, chosen.fault)
        found.responses_lost = centre.summary()["responses_lost"]
        judge(broadcast, gateway.name, centre, first, found)
    found.seconds = round(time.monotonic() - began, 1)
    print(f"{policy}, {segments}: {found.seconds} s", file=sys.stderr, flush=True)
    return found


def main(arguments: list[str] | None = None) -> int:
    """Prints one line of JSON; exit status 1 when a promise was broken."""
    parser = argparse.ArgumentParser(prog="benchmarks.doubts_house", description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, required=True)
    parser.add_argument("--loss", type=float, required=True)
    parser.add_argument("--fault", default="", choices=list(FAULTS))
    chosen = parser.parse_args(arguments)
    load = round(os.getloadavg()[0], 1)
    runs = [(policy, segments) for policy in POLICIES for segments in TEXTS]
    releases = [one(*run, FIRST + at * chosen.messages, chosen) for at, run in enumerate(runs)]
    connections.close_all()
    good = all(each.good for each in releases)
    print(
        json.dumps({"good": good, "fault": chosen.fault, "load": load, "releases": [asdict(each) for each in releases]})
    )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
