"""H1 over recall and correction (faults C1, C2): the sender killed at each of its lines while an alert is recalled in mid-send.

Forty messages; as soon as the first window is on the line, recall and correction are ordered, as the web orders them. Killed,
started again, run until nothing is open, and then:

    after        acceptances of the alert by a sender that was started when the recall stood already
    not_exact    corrections whose audience is not exactly those to whom the alert was ever intended
    uncorrected  numbers that the centre accepted the alert for, and that no correction was written for
    stopped_told numbers shown as stopped that the centre accepted the alert for
    unlisted     numbers told the same twice that were never listed as in doubt

    python -m benchmarks.house FOLDER benchmarks.stop_kills --kills lines|all|N [--fault NAME]
"""

import argparse
import json
import sys
import threading
import time
from array import array
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from django.db import connections, transaction

from benchmarks.crash_faults import STOP_FAULTS
from benchmarks.line_kills import FIRST_NUMBER, MESSAGES, RUNS_PER_CENTRE, SENDER, TIMING, WINDOW, House, houses
from benchmarks.line_trace import DONE, STUCK, forked, killed_at, lines_of, places_of
from fenghuo.delivery.gateways.cmpp import Cmpp
from fenghuo.delivery.gateways.config import CmppGateway
from fenghuo.delivery.ledger import actions, queries
from fenghuo.delivery.ledger.models import Order
from fenghuo.delivery.ledger.states import ACCEPTED, UNSENT
from fenghuo.delivery.sender.desk import Desk
from fenghuo.delivery.sender.keeper import Keeper
from fenghuo.ground import clock
from fenghuo.ground.ids import new_id
from simulators.smsc import Remote, launched

CENTRE = {"response_delay": [0.004, 0.008]}  # so that the recall comes while most are unsent
ALERT, CORRECTION = "【下仓镇】（演练）请转移。（演练结束）", "【下仓镇】（演练）以本条为准。（演练结束）"
ROW = np.dtype({"names": ["number", "model"], "formats": ["S11", ">u4"], "offsets": [8, 52], "itemsize": 64})
SETTLE = 0.03  # seconds in which the centre reads what the killed sender had written


@dataclass
class Score:
    """What all kills came to; see the module."""

    kills: int = 0
    distinct_lines: int = 0
    recalled_before: int = 0  # kills that came when the recall stood already
    after: int = 0
    not_exact: int = 0
    uncorrected: int = 0
    stopped_told: int = 0
    stopped: int = 0
    unlisted: int = 0
    stuck: int = 0
    seconds: float = 0.0
    first_failures: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether the promise held at every kill, and there was something to stop."""
        broken = self.after or self.not_exact or self.uncorrected or self.stopped_told or self.unlisted or self.stuck
        return not broken and self.kills > 0 and self.stopped > 0


def release(broadcast: str, first: int) -> int:
    """An alert with its correction, ordered."""
    actions.freeze(
        broadcast=broadcast, mode="exercise", lane=1, text=ALERT, correction=CORRECTION, src_id="12379", policy="urgent",
        expires_at=clock.now() + timedelta(hours=1),
        contact_ids=array("Q", range(1, MESSAGES + 1)), addresses=array("Q", range(first, first + MESSAGES)),
    )  # fmt: skip
    order("release", broadcast)
    connections.close_all()
    return DONE


def order(kind: str, broadcast: str) -> None:
    """As the web orders it."""
    with transaction.atomic(using="default"):
        actions.order(kind=kind, broadcast=broadcast, by={"harness": True})


def recalled() -> bool:
    """Whether the recall stands."""
    return Order.objects.filter(kind="recall").exists()


def serve(port: int, broadcast: str, fault: str, seconds: float) -> bool:
    """Send, recall once the first window is on the line, correct, until all is over; False when that takes too long."""
    gateway = CmppGateway(
        name="crash", protocol="cmpp3", mode="exercise", host="127.0.0.1", port=port, source_addr="900001",
        secret_file=Path("secret"), rate=10**6, window=WINDOW, batch=1,
    )  # fmt: skip
    began, given = time.monotonic(), recalled()

    def until(desk: Desk) -> bool:
        nonlocal given
        sheets = {desk.book.jobs[number].id: sheet for number, sheet in desk.book.sheets.items()}
        alert = sheets.get(broadcast)
        if not given and alert is not None and alert.n(UNSENT) <= MESSAGES - WINDOW:
            order("recall", broadcast)
            order("correct", broadcast)
            given = True
        over = given and len(sheets) == 2 and all(one.finished and not one.n(ACCEPTED) for one in sheets.values())
        return over or time.monotonic() - began > seconds

    wrong: dict[str, Any] = dict(STOP_FAULTS.get(fault, {}))
    Keeper(
        gateway, lambda now: Cmpp(gateway, b"exercise", TIMING.timers, now), mode="exercise", accounts=[gateway.name],
        timing=TIMING, stop=threading.Event(), until=until, **wrong,
    ).run()  # fmt: skip
    return time.monotonic() - began <= seconds


def accepted(centre: Remote, first: int) -> tuple[Counter[int], Counter[int]]:
    """(alert, correction): how often the centre accepted each, by number."""
    rows = np.frombuffer(centre.packed_rows(), dtype=ROW)
    kinds = [model["content"] for model in json.loads(centre.ask("GET", "/models"))]
    alert = {index for index, content in enumerate(kinds) if content == ALERT.encode("utf-16-be").hex()}
    told: tuple[Counter[int], Counter[int]] = (Counter(), Counter())
    for number, model in rows.tolist():
        if first <= int(number) < first + MESSAGES:
            told[model not in alert][int(number)] += 1
    return told


def judge(house: House, centre: Remote, first: int, fault: str, score: Score, place: str) -> None:
    """Start again, let it finish, compare."""
    stood = recalled()
    connections.close_all()
    time.sleep(SETTLE)
    before, _ = accepted(centre, first)
    restarted = forked(lambda: DONE if serve(centre.port, house.broadcast, fault, 4.0) else STUCK)
    alerted, corrected = accepted(centre, first)
    rows = {row.address: row for row in queries.export(house.broadcast)}
    correction = queries.correction_of(house.broadcast) or ""
    ever = {number for number, row in rows.items() if row.state not in ("unsent", "stopped", "expired")}
    stopped = {number for number, row in rows.items() if row.state == "stopped"}
    written = set(queries.audience(correction)[1])
    doubts = {row.address for row in queries.export(correction) if row.doubts}
    connections.close_all()
    found = {
        "after": sum(alerted.values()) - sum(before.values()) if stood else 0,
        "not_exact": len(written ^ ever),
        "uncorrected": len(set(alerted) - written) + len(written - set(corrected) - doubts),
        "stopped_told": len(stopped & set(alerted)),
        "unlisted": sum(n > 1 and not rows[number].doubts for number, n in alerted.items())
        + sum(n > 1 and number not in doubts for number, n in corrected.items()),
        "stuck": int(restarted != (False, DONE)),
    }
    score.kills, score.recalled_before, score.stopped = (
        score.kills + 1,
        score.recalled_before + stood,
        score.stopped + len(stopped),
    )
    for name, n in found.items():
        setattr(score, name, getattr(score, name) + n)
    if any(found.values()) and len(score.first_failures) < 5:
        score.first_failures.append(f"{place}: {found}")


def fresh(house: House) -> int:
    """A new alert to new numbers; the first of them."""
    house.run += 1
    house.restore()
    house.broadcast = new_id()
    first = FIRST_NUMBER + house.run * MESSAGES
    forked(partial(release, house.broadcast, first))
    return first


def run(kills: str, fault: str) -> Score:
    """Kill and judge; with a fault only until it shows."""
    score, began = Score(), time.monotonic()
    with houses() as house:
        with launched(CENTRE) as centre:
            fresh(house)
            seen = lines_of(SENDER, partial(serve, centre.port, house.broadcast, "", 20.0), house.folder / "lines.json")
        places = places_of(seen, kills) + (places_of(seen, "lines") if fault else [])
        score.distinct_lines = len(set(seen))
        for start in range(0, len(places), RUNS_PER_CENTRE):
            with launched(CENTRE) as centre:
                for place in places[start : start + RUNS_PER_CENTRE]:
                    if fault and score.first_failures:
                        break
                    first = fresh(house)
                    if killed_at(SENDER, place, partial(serve, centre.port, house.broadcast, fault, 20.0)):
                        judge(house, centre, first, fault, score, str(place))
    score.seconds = round(time.monotonic() - began, 1)
    return score


def main(arguments: list[str] | None = None) -> int:
    """Prints one line of JSON; exit status 1 when the promise was broken."""
    parser = argparse.ArgumentParser(prog="benchmarks.stop_kills", description=__doc__.splitlines()[0])
    parser.add_argument("--kills", default="lines", help="lines, all, or a number")
    parser.add_argument("--fault", default="", choices=["", *STOP_FAULTS])
    chosen = parser.parse_args(arguments)
    score = run(chosen.kills, chosen.fault)
    print(json.dumps({"good": score.good, "fault": chosen.fault, **asdict(score)}))
    return 0 if score.good else 1


if __name__ == "__main__":
    sys.exit(main())
