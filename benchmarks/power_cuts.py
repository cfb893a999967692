"""H2: the power goes while warnings are signed and sent. Nothing that anybody was told is safe may be gone afterwards.

A sender serves a simulated gateway while several warnings are signed, all in one process whose disk remembers what was done to it
(`power_disk`). Every return of `sign` and every group commit of the sender is marked among the writes. Then the power is
cut at random moments of that record; each image of the disk is opened as a restart would open it, and asked:

    whole       does SQLite's integrity_check pass on both databases, and the journal's chain hold
    lost        is everything there that had been acknowledged: signed means state, release, order, step and journal; and the
                sender's states are those of the last commit before the cut, or of one that was under way

`--fault normal` is the control: the same with synchronous=NORMAL must lose some, or the harness proves nothing.

Started by `crash.py --power CUTS`; prints one line of JSON.
"""

import argparse
import json
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connections

from benchmarks import memory
from benchmarks.acts import PEOPLE, Sign
from benchmarks.power_disk import Step as DiskStep
from benchmarks.power_disk import images, marks, recorded
from fenghuo.delivery.ledger import actions as ledger
from fenghuo.delivery.ledger.models import Order
from fenghuo.delivery.sender.desk import Desk
from fenghuo.delivery.sender.keeper import Keeper
from fenghuo.delivery.sender.process import connector
from fenghuo.delivery.sender.timing import Timing
from fenghuo.ground.journal import queries as journal
from fenghuo.ground.journal.models import JournalEntry
from fenghuo.warning.alerts.models import Alert, Release, Step

ALERTS = 6
FILES = {"default": "main.db", "ledger": "ledger.db"}
FAULTS = ("", "normal", "says_first")
LONGEST = 60.0
MOST_TOLD = 5
Mark = Callable[[str], None]
States = dict[int, bytes]  # of each broadcast's recipients


@dataclass
class Score:
    """What all power cuts came to."""

    cuts: int = 0
    acknowledged: int = 0  # commits that somebody had been told of, added up over the cuts
    lost: int = 0  # cuts after which one of them was gone
    damaged: int = 0
    steps: int = 0
    commits: int = 0
    seconds: float = 0.0
    first_failures: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether nothing was lost and nothing damaged."""
        return not self.lost and not self.damaged and self.cuts > 0 and self.acknowledged > 0


class Town:
    """Several warnings that only their signature is missing from."""

    def __init__(self) -> None:
        self.alerts = [Sign("sign") for _ in range(ALERTS)]
        for one in self.alerts:
            one.prepare()

    def sign(self, mark: Mark, *, first: bool) -> None:
        """All of them, one after another; each answer is marked."""
        for one in self.alerts:
            if first:
                mark(f"signed {one.alert}")
            one.perform(lambda: None)
            mark(f"signed {one.alert}")


def watched(mark: Mark, states: list[States]) -> type[Desk]:
    """A desk whose every commit is marked, with the states that it made durable."""

    class Watched(Desk):
        def commit(self, *, idle: bool = False) -> None:
            super().commit(idle=idle)
            now = {number: sheet.state.tobytes() for number, sheet in self.book.sheets.items()}
            if not states or states[-1] != now:
                states.append(now)
                mark(f"commit {len(states) - 1}")

    return Watched


def work(town: Town, fault: str, notes: Path, mark: Mark) -> None:
    """Sign and send until everybody's fate is known; the states after each commit of the sender go into `notes`."""
    states: list[States] = []
    stop, began, signed = threading.Event(), time.monotonic(), threading.Event()

    def until(desk: Desk) -> bool:
        sheets = desk.book.sheets.values()
        over = signed.is_set() and len(sheets) == ALERTS and all(sheet.n(1, 9) == PEOPLE for sheet in sheets)
        return over or time.monotonic() - began > LONGEST

    timing = Timing(tick=0.005, look_again=0.02, good_bye=0.05)
    (gateway,) = settings.FENGHUO.gateway
    keeper = Keeper(
        gateway, connector(gateway, mode="exercise", data=settings.DATA, timing=timing), mode="exercise",
        accounts=[gateway.name], timing=timing, stop=stop, until=until, desk=watched(mark, states),
    )  # fmt: skip
    sender = threading.Thread(target=_sending, args=(keeper,))
    sender.start()
    town.sign(mark, first=fault == "says_first")
    signed.set()
    sender.join(LONGEST)
    connections.close_all()
    notes.write_text(json.dumps([{number: state.hex() for number, state in one.items()} for one in states]), "ascii")


def _sending(keeper: Keeper) -> None:
    keeper.run()
    connections.close_all()


def spoil(fault: str) -> None:
    """The control: commits that do not wait for the disk."""
    for alias in FILES if fault == "normal" else ():
        options: dict[str, Any] = connections[alias].settings_dict["OPTIONS"]
        options["init_command"] = options["init_command"].replace("FULL", "NORMAL")


def judge(town: Town, told: list[str], states: list[States]) -> tuple[bool, list[str]]:
    """(whole, what was acknowledged and is gone) of the image that the connections point at."""
    for alias in FILES:
        with connections[alias].cursor() as cursor:
            cursor.execute("PRAGMA integrity_check(1)")
            if cursor.fetchone()[0] != "ok":
                return False, []
    gone = []
    for one in town.alerts:
        traces = _traces(one.alert)
        if len(set(traces.values())) > 1:
            gone.append(f"half done: {traces}")
        elif f"signed {one.alert}" in told and not all(traces.values()):
            gone.append("signed, and gone")
    last = max((int(name.split()[1]) for name in told if name.startswith("commit")), default=-1)
    if last >= 0 and not any(_equals(one) for one in states[last : last + 3]):
        gone.append(f"the sender's commit {last} is gone")
    return journal.verify().ok, gone


def _traces(alert: str) -> dict[str, bool]:
    row = Alert.objects.get(pk=alert)
    return {
        "state": row.state == "signed",
        "release": Release.objects.filter(alert=row, kind="release").exists(),
        "order": Order.objects.filter(kind="release", broadcast=row.broadcast or "").exists(),
        "step": Step.objects.filter(alert=row, verb="sign").exists(),
        "journal": JournalEntry.objects.filter(act="alert.sign", subject=alert).exists(),
    }


def _equals(expected: States) -> bool:
    (gateway,) = settings.FENGHUO.gateway
    book = ledger.open_book(gateway.name, now_ms=0)
    found = {number: sheet.state.tobytes() for number, sheet in book.sheets.items()}
    return all(found.get(number) == state for number, state in expected.items())


def images_of(before: dict[str, bytes], steps: list[DiskStep], cuts: int, seed: int) -> Iterator[tuple[int, Path]]:
    """(moment, folder) of each image; the connections point at it."""
    chance = random.Random(seed)
    moments = sorted(chance.randint(1, len(steps)) for _ in range(cuts))
    for moment, files in images(before, steps, moments, chance):
        with tempfile.TemporaryDirectory(prefix="fenghuo-power-", dir=memory.place()) as name:
            for file, content in files.items():
                (Path(name) / file).write_bytes(content)
            for alias, file in FILES.items():
                connections[alias].settings_dict["NAME"] = Path(name) / file
            yield moment, Path(name)
            connections.close_all()


def run(cuts: int, seed: int, fault: str) -> Score:
    """Record once, cut often."""
    score, began = Score(), time.monotonic()
    town = Town()
    connections.close_all()  # the last one to leave moves the log into the database
    before = {name: (settings.DATA / name).read_bytes() for name in FILES.values()}
    spoil(fault)
    notes = settings.DATA.parent / "states.json"
    steps = recorded(settings.DATA, partial(work, town, fault, notes))
    states = [
        {int(number): bytes.fromhex(state) for number, state in one.items()}
        for one in json.loads(notes.read_text("ascii"))
    ]
    score.steps, score.commits = len(steps), len(states)
    for moment, _ in images_of(before, steps, cuts, seed):
        told = marks(steps, moment)
        try:
            whole, gone = judge(town, told, states)
        except DatabaseError as wrong:
            whole, gone = False, [str(wrong)]
        score.cuts, score.acknowledged = score.cuts + 1, score.acknowledged + len(told)
        score.damaged, score.lost = score.damaged + (not whole), score.lost + bool(gone)
        if (gone or not whole) and len(score.first_failures) < MOST_TOLD:
            score.first_failures.append(f"{moment}: whole {whole}; {'; '.join(gone)}")
    score.seconds = round(time.monotonic() - began, 1)
    return score


def main(arguments: list[str] | None = None) -> int:
    """Prints one line of JSON; exit status 1 when anything was lost or damaged."""
    parser = argparse.ArgumentParser(prog="benchmarks.power_cuts", description=__doc__.splitlines()[0])
    parser.add_argument("--cuts", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fault", default="", choices=FAULTS)
    chosen = parser.parse_args(arguments)
    score = run(chosen.cuts, chosen.seed, chosen.fault)
    print(json.dumps({"good": score.good, "fault": chosen.fault, **asdict(score)}, ensure_ascii=False))
    return 0 if score.good else 1


if __name__ == "__main__":
    sys.exit(main())
