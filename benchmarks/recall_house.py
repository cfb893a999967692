"""The recalls of `recall.py`: two accounts in threads of their own, as the sender process has them, and what came of each alert."""

import argparse
import json
import os
import random
import sys
import threading
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connections, transaction

from benchmarks.crash_faults import STOP_FAULTS
from fenghuo.delivery.gateways.cmpp import Cmpp
from fenghuo.delivery.gateways.config import CmppGateway
from fenghuo.delivery.ledger import actions, queries
from fenghuo.delivery.ledger.models import Tally
from fenghuo.delivery.sender.keeper import Keeper
from fenghuo.delivery.sender.timing import Timing
from fenghuo.ground import clock
from fenghuo.ground.ids import new_id
from simulators.smsc import Remote, launched
from simulators.smsc.record import ROW as STRUCT

ALERT, CORRECTION = "【下仓镇】（演练）请转移。（演练结束）", "【下仓镇】（演练）以本条为准。（演练结束）"
FIRST = 10_100_000_000  # 101…: numbers no carrier assigns
ROW = np.dtype(
    {
        "names": ["number", "model", "at"],
        "formats": ["S11", ">u4", ">f8"],
        "offsets": [8, 52, 56],
        "itemsize": STRUCT.size,
    }
)
NAMES = ("one", "two")
BATCH, WINDOW = 10, 16
QUICK, SLOW = [0.02, 0.06], [4.0, 4.0]  # seconds until a gateway answers
REPORTS = [0.0, 0.2]
ASKED = 2.0  # seconds to the first submit of the correction
LONGEST = 60.0
NEVER_LEFT = ("unsent", "stopped", "expired")


@dataclass
class Recalled:
    """One alert, and what was so when its recall was given."""

    broadcast: str
    first: int
    slow: bool
    pressed: float  # wall seconds, before the order
    ordered: float  # the order is durable
    intended: frozenset[int]
    ever: frozenset[int] = frozenset()
    stopped: frozenset[int] = frozenset()
    audience: frozenset[int] = frozenset()
    up: tuple[float, ...] = ()  # by account, wall seconds since when its line has stood, as its sender said afterwards


@dataclass
class Score:
    """What all recalls came to; see `recall`."""

    recalls: int = 0
    slow: int = 0
    broken_lines: int = 0
    recipients: int = 0
    told: int = 0
    stopped: int = 0
    late_per_account: int = 0
    bound_per_account: int = WINDOW * BATCH
    not_intended_per_account: int = 0
    last_after_s: float = 0.0
    not_exact: int = 0
    not_once: int = 0
    stopped_told: int = 0
    from_line_up: int = 0  # corrections counted from when the only line that had any was up again
    first_pdu_s: dict[str, float] = field(default_factory=dict)
    slow_first_pdu_s: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    load: float = 0.0
    stuck: list[str] = field(default_factory=list)
    first_failures: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether every promise held, and there was something to stop and something to correct."""
        broken = self.not_exact or self.not_once or self.stopped_told or self.stuck
        in_time = all(one.get("max", 0.0) <= ASKED for one in (self.first_pdu_s, self.slow_first_pdu_s))
        window = max(self.late_per_account, self.not_intended_per_account) <= self.bound_per_account
        return not broken and in_time and window and self.stopped > 0 and self.told > 0


def account(name: str, port: int) -> CmppGateway:
    """One of the two."""
    return CmppGateway(
        name=name, protocol="cmpp3", mode="exercise", host="127.0.0.1", port=port, source_addr="900001",
        secret_file=Path("secret"), rate=10**6, window=WINDOW, batch=BATCH,
    )  # fmt: skip


@contextmanager
def senders(peers: Sequence[CmppGateway], fault: str) -> Iterator[None]:
    """Every account served, with the sender's own durations."""
    stop, timing = threading.Event(), Timing()
    wrong: dict[str, Any] = dict(STOP_FAULTS.get(fault, {}))

    def serve(gateway: CmppGateway) -> None:
        try:
            Keeper(
                gateway, lambda now: Cmpp(gateway, b"exercise", timing.timers, now), mode="exercise",
                accounts=[one.name for one in peers], peers=peers, timing=timing, stop=stop, **wrong,
            ).run()  # fmt: skip
        finally:
            connections.close_all()

    threads = [threading.Thread(target=serve, args=(one,)) for one in peers]
    for one in threads:
        one.start()
    try:
        yield
    finally:
        stop.set()
        for one in threads:
            one.join()


def released(first: int, recipients: int) -> str:
    """An alert with its correction, ordered."""
    broadcast = new_id()
    actions.freeze(
        broadcast=broadcast, mode="exercise", lane=1, text=ALERT, correction=CORRECTION, src_id="12379", policy="urgent",
        expires_at=clock.now() + timedelta(hours=1),
        contact_ids=array("Q", range(1, recipients + 1)), addresses=array("Q", range(first, first + recipients)),
    )  # fmt: skip
    with transaction.atomic(using="default"):
        actions.order(kind="release", broadcast=broadcast, by={"harness": True})
    return broadcast


def recall(broadcast: str, first: int, *, slow: bool) -> Recalled:
    """Recall and correction in one transaction, as the web orders them."""
    pressed = clock.now().timestamp()
    with transaction.atomic(using="default"):
        for kind in ("recall", "correct"):
            actions.order(kind=kind, broadcast=broadcast, by={"harness": True})
    ordered = clock.now().timestamp()
    left = (row.address for row in queries.export(broadcast) if row.state not in NEVER_LEFT)
    return Recalled(broadcast, first, slow, pressed, ordered, frozenset(left))


def _wait(condition: Callable[[], bool]) -> bool:
    until = time.monotonic() + LONGEST
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def _over(one: Recalled, accounts: int) -> bool:
    correction = queries.correction_of(one.broadcast)
    if correction is None:
        return False
    found = queries.progress([one.broadcast, correction])
    alert, after = found[one.broadcast], found[correction]
    written = Tally.objects.filter(broadcast__id=correction).values("account").distinct().count() == accounts
    return written and not (alert.unsent + alert.intended + after.unsent + after.intended + after.in_doubt)


class Recaller:
    """Releases and recalls one alert after the other."""

    def __init__(self, centres: Sequence[Remote], recipients: int, breaks: float, seed: int) -> None:
        self.all: list[Recalled] = []
        self.stuck: list[str] = []
        self.broken = 0
        self._centres = centres
        self._recipients = recipients
        self._breaks = breaks
        self._chance = random.Random(seed)
        self._span = 0.0

    def undisturbed(self) -> None:
        """How long an alert takes: what the moments are drawn from."""
        first = FIRST - self._recipients
        broadcast, began = released(first, self._recipients), time.monotonic()
        if not _wait(lambda: not _unfinished(broadcast)):
            raise RuntimeError("the undisturbed alert came to no end")
        self._span = time.monotonic() - began

    def one(self, *, slow: bool = False) -> None:
        """One alert, recalled at a random moment."""
        first = FIRST + len(self.all) * self._recipients
        moment = self._chance.uniform(0.5, 3.0) if slow else self._chance.uniform(0.0, self._span)
        breaks = not slow and self._chance.random() < self._breaks
        broadcast = released(first, self._recipients)
        time.sleep(moment)
        if breaks:
            self._chance.choice(self._centres).ask("POST", "/drop")
            self.broken += 1
        found = recall(broadcast, first, slow=slow)
        if not _wait(lambda: _over(found, len(self._centres))):
            self.stuck.append(f"recall {len(self.all)}: {queries.progress([broadcast])}")
        known = {one.name: one.since.timestamp() if one.since else 0.0 for one in queries.gateways()}
        found.up = tuple(known.get(name, 0.0) for name in NAMES)
        self._look(found)
        self.all.append(found)

    def _look(self, found: Recalled) -> None:
        rows = list(queries.export(found.broadcast))
        found.ever = frozenset(row.address for row in rows if row.state not in NEVER_LEFT)
        found.stopped = frozenset(row.address for row in rows if row.state == "stopped")
        correction = queries.correction_of(found.broadcast) or ""
        found.audience = frozenset(row.address for row in queries.export(correction))


def _unfinished(broadcast: str) -> int:
    now = queries.progress([broadcast])[broadcast]
    return now.unsent + now.intended + (0 if now.released else 1)


def accepted(centre: Remote) -> tuple[Any, Any]:
    """(alerts, corrections) that a centre accepted, as (number, at)."""
    rows = np.frombuffer(centre.packed_rows(), dtype=ROW)
    kinds = [model["content"] for model in json.loads(centre.ask("GET", "/models"))]
    alert = [index for index, content in enumerate(kinds) if content == ALERT.encode("utf-16-be").hex()]
    columns: Any = [rows["number"].astype(np.int64), rows["at"].astype(float)]
    told: Any = np.rec.fromarrays(columns, dtype=[("number", "i8"), ("at", "f8")])
    mine = np.isin(rows["model"], alert)
    return told[mine], told[~mine]


def judge(alerts: list[Recalled], centres: Sequence[Remote], recipients: int, score: Score) -> None:
    """Every alert against what the centres wrote down."""
    records = [accepted(centre) for centre in centres]
    firsts: dict[bool, list[float]] = {False: [], True: []}
    for one in alerts:
        told, corrected = zip(
            *[[_of(part, one.first, recipients) for part in record] for record in records], strict=True
        )
        reached = {int(number) for part in told for number in part.number}
        numbers, times = np.unique(np.concatenate([part.number for part in corrected]), return_counts=True)
        found = {
            "not_exact": len(one.audience ^ one.ever) + len(reached - one.ever),
            "not_once": int((times != 1).sum()) + len(one.audience ^ {int(number) for number in numbers}),
            "stopped_told": len(one.stopped & reached),
        }
        for name, n in found.items():
            setattr(score, name, getattr(score, name) + n)
        for part in told:
            late = part[part.at > one.ordered]
            new = set(part.number.tolist()) - one.intended
            score.late_per_account = max(score.late_per_account, len(late))
            score.not_intended_per_account = max(score.not_intended_per_account, len(new))
            score.last_after_s = max(score.last_after_s, round(float((late.at - one.ordered).max(initial=0.0)), 3))
        score.told, score.stopped = score.told + len(reached), score.stopped + len(one.stopped)
        if len(numbers):
            began, moved = _began(one, corrected)
            score.from_line_up += moved
            firsts[one.slow].append(min(float(part.at.min()) for part in corrected if len(part)) - began)
        if any(found.values()) and len(score.first_failures) < 5:
            score.first_failures.append(f"{one.broadcast} {one.first}: {found}")
    score.first_pdu_s, score.slow_first_pdu_s = _spread(firsts[False]), _spread(firsts[True])


def _began(one: Recalled, corrected: Sequence[Any]) -> tuple[float, bool]:
    """(when the two seconds began, whether that was later than the press of the button).

    A line that is down cannot send. Where a second account had somebody to correct, its line stood, and nothing is allowed.
    """
    owners = [at for at, part in enumerate(corrected) if len(part)]
    first = min(float(corrected[at].at.min()) for at in owners)
    up = one.up[owners[0]] if len(owners) == 1 else 0.0
    return (up, True) if one.pressed < up <= first else (one.pressed, False)


def _of(rows: Any, first: int, recipients: int) -> Any:
    return rows[(rows.number >= first) & (rows.number < first + recipients)]


def _spread(seconds: list[float]) -> dict[str, float]:
    if not seconds:
        return {}
    middle, most = np.percentile(seconds, [50, 99])
    return {"p50": round(float(middle), 3), "p99": round(float(most), 3), "max": round(max(seconds), 3)}


def run(chosen: argparse.Namespace) -> Score:
    """Recall and judge."""
    began = time.monotonic()
    score = Score(recalls=chosen.recalls, slow=chosen.slow, recipients=chosen.recipients, load=os.getloadavg()[0])
    plan = {"response_delay": QUICK, "report_delay": REPORTS}
    with launched(plan) as one, launched(plan) as other:
        centres = (one, other)
        peers = [account(name, centre.port) for name, centre in zip(NAMES, centres, strict=True)]
        settings.FENGHUO.gateway[:] = peers
        recaller = Recaller(centres, chosen.recipients, chosen.breaks, chosen.seed)
        with senders(peers, chosen.fault):
            recaller.undisturbed()
            for done in range(chosen.recalls):
                recaller.one()
                if done % 50 == 49:
                    print(f"{done + 1} recalls, {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
            for centre in centres:
                centre.change(response_delay=SLOW)
            for _ in range(chosen.slow):
                recaller.one(slow=True)
        judge(recaller.all, centres, chosen.recipients, score)
    score.broken_lines, score.stuck = recaller.broken, recaller.stuck[:5]
    score.seconds, score.load = round(time.monotonic() - began, 1), round(score.load, 1)
    return score


def main(arguments: list[str] | None = None) -> int:
    """Prints one line of JSON; exit status 1 when a promise was broken."""
    parser = argparse.ArgumentParser(prog="benchmarks.recall_house", description=__doc__.splitlines()[0])
    for name in ("recalls", "recipients", "slow", "seed"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--breaks", type=float, required=True)
    parser.add_argument("--fault", default="", choices=["", *STOP_FAULTS])
    chosen = parser.parse_args(arguments)
    score = run(chosen)
    connections.close_all()
    print(json.dumps({"good": score.good, "fault": chosen.fault, **asdict(score)}))
    return 0 if score.good else 1


if __name__ == "__main__":
    sys.exit(main())
