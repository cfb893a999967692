"""H1: kill the sender at every line of its own code, start it again, and compare with the SMS centre's record.

Forty messages, one to a submit, window 16. A child process counts the lines of the send, receipt and ledger modules as they run and
kills itself (SIGKILL) at the chosen one; another child then runs until nothing is open. Afterwards for each kill:

    lost        a number that the ledger does not list as unsent, in doubt or failed, and the centre never accepted; or a
                state that is not what the centre says
    in doubt    numbers that were in doubt; never more than the window
    unlisted    numbers the centre accepted twice that were never listed as in doubt

    python -m benchmarks.house FOLDER benchmarks.line_kills --kills lines|all|N [--part 1/4] [--fault NAME]
"""

import argparse
import gc
import json
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from array import array
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

from django.db import connections, transaction

import fenghuo.delivery
from benchmarks.crash_faults import FAULTS
from benchmarks.line_trace import DONE, STUCK, Line, Modules, Place, forked, killed_at, lines_of, places_of
from benchmarks.memory import place
from fenghuo.delivery.gateways.cmpp import Cmpp
from fenghuo.delivery.gateways.config import CmppGateway
from fenghuo.delivery.gateways.timers import Timers
from fenghuo.delivery.ledger import actions, queries
from fenghuo.delivery.sender.desk import Desk
from fenghuo.delivery.sender.keeper import Keeper
from fenghuo.delivery.sender.talk import Talk
from fenghuo.delivery.sender.timing import Timing
from fenghuo.ground import clock
from fenghuo.ground.ids import new_id
from simulators.smsc import Remote, launched

ROOT = Path(__file__).resolve().parents[1]
MESSAGES, WINDOW = 40, 16
FIRST_NUMBER = 10_100_000_000  # 101…: numbers no carrier assigns
SENDER = Modules(
    ours=tuple(
        str(Path(fenghuo.delivery.__file__).parent / part)
        for part in (
            "sender",
            "gateways",
            "ledger/actions",
            "ledger/book.py",
            "ledger/sheet.py",
            "ledger/store",
            "ledger/database.py",
            "ledger/messages.py",
        )
    ),
    not_ours=("actions/freeze.py", "actions/orders.py", "sweep.py", "holder.py", "process.py"),
)
TURN = {(Talk.turn.__code__.co_filename, line) for _, _, line in Talk.turn.__code__.co_lines()}
RUNS_PER_CENTRE = 60  # its whole record is read after each run
TIMING = Timing(
    lease=30.0, tick=0.003, backoff=(0.002,), look_again=0.05, orders=0.01, health=60.0, good_bye=0.05,
    timers=Timers(idle=2.0, answer=1.0, tries=2), waits={"urgent": 0.0},
)  # fmt: skip


@dataclass
class Score:
    """What all kills came to."""

    kills: int = 0
    distinct_lines: int = 0
    lost: int = 0
    most_in_doubt: int = 0
    in_doubt: int = 0
    duplicates: int = 0
    unlisted: int = 0
    stuck: int = 0
    seconds: float = 0.0
    first_failures: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """The promise held at every kill."""
        return not (self.lost or self.unlisted or self.stuck) and self.most_in_doubt <= WINDOW and self.kills > 0


# --- The child ---------------------------------------------------------------------------------------------------------
def serve(port: int, fault: str, seconds: float) -> bool:
    """Run the account until nobody is unsent, intended, accepted or in doubt; False when that takes too long."""
    gateway = CmppGateway(
        name="crash", protocol="cmpp3", mode="exercise", host="127.0.0.1", port=port, source_addr="900001",
        secret_file=Path("secret"), rate=10**6, window=WINDOW, batch=1,
    )  # fmt: skip
    began = time.monotonic()

    def until(desk: Desk) -> bool:
        sheets = desk.book.sheets.values()
        return (bool(sheets) and all(s.finished and s.n(2) == 0 for s in sheets)) or time.monotonic() - began > seconds

    Keeper(
        gateway,
        lambda now: Cmpp(gateway, b"exercise", TIMING.timers, now),
        mode="exercise",
        accounts=[gateway.name],
        timing=TIMING,
        stop=threading.Event(),
        until=until,
        **FAULTS.get(fault, {}),
    ).run()
    return time.monotonic() - began <= seconds


# --- One kill ------------------------------------------------------------------------------------------------------------
@dataclass
class House:
    """A folder whose databases are put back to a fresh release before each kill."""

    folder: Path
    template: Path
    broadcast: str = ""
    run: int = 0

    def fresh(self) -> int:
        """A new release to new numbers; the first number."""
        self.run += 1
        first = FIRST_NUMBER + self.run * MESSAGES
        self.restore()
        self.broadcast = new_id()
        _release(self.broadcast, first)
        forget()
        return first

    def restore(self) -> None:
        """Databases in which nothing has happened."""
        for name in ("main.db", "ledger.db"):
            for ending in ("-wal", "-shm"):
                (self.folder / (name + ending)).unlink(missing_ok=True)
            shutil.copyfile(self.template / name, self.folder / name)


def forget() -> None:
    """Nothing that a process of ours remembers is known to the next one: each runs the lines that find it out."""
    connections.close_all()
    for one in _remembering():
        one.cache_clear()


@cache
def _remembering() -> list[Any]:
    found = (one for one in gc.get_objects() if hasattr(type(one), "cache_clear"))
    return [one for one in found if one.__module__.startswith("fenghuo.")]


def _release(broadcast: str, first: int) -> None:
    actions.freeze(
        broadcast=broadcast, mode="exercise", lane=1, text="【下仓镇】（演练）请转移。（演练结束）", correction="", src_id="12379",
        expires_at=clock.now() + timedelta(hours=1), policy="urgent",
        contact_ids=array("Q", range(1, MESSAGES + 1)), addresses=array("Q", range(first, first + MESSAGES)),
    )  # fmt: skip
    with transaction.atomic(using="default"):
        actions.order(kind="release", broadcast=broadcast, by={"harness": True})
    connections.close_all()


def lines_of_a_run(house: House, port: int, fault: str = "") -> list[Line]:
    """Every line of ours that one undisturbed run passes, in order."""
    house.fresh()
    return lines_of(SENDER, lambda: serve(port, fault, 20.0), house.folder / "lines.json", sound=not fault)


def judge(house: House, centre: Remote, first: int, fault: str, score: Score, place: str) -> None:
    """Start again, let it finish, compare."""
    restarted = forked(lambda: DONE if serve(centre.port, fault, 4.0) else STUCK)
    told = Counter(
        int(raw[8:40].rstrip(b"\0"))
        for raw in _records(centre)
        if first <= int(raw[8:40].rstrip(b"\0")) < first + MESSAGES
    )
    rows = list(queries.export(house.broadcast))
    connections.close_all()
    doubtful = {row.address for row in rows if row.doubts}
    twice = {number for number, n in told.items() if n > 1}
    lost = [row.address for row in rows if row.state == "delivered" and not told[row.address]]
    lost += [row.address for row in rows if row.state in ("accepted", "unsent", "intended")]
    score.kills += 1
    score.lost += len(lost) + (MESSAGES - len(rows))
    score.in_doubt += len(doubtful)
    score.most_in_doubt = max(score.most_in_doubt, len(doubtful))
    score.duplicates += len(twice)
    score.unlisted += len(twice - doubtful)
    score.stuck += restarted[1] != DONE and not lost
    if lost or twice - doubtful or len(doubtful) > WINDOW or restarted[1] != DONE:
        score.first_failures.append(
            f"{place}: lost {len(lost)}, in doubt {len(doubtful)}, unlisted {len(twice - doubtful)}"
        )


def _records(centre: Remote) -> Iterator[bytes]:
    packed = centre.packed_rows()
    return (packed[at : at + 64] for at in range(0, len(packed), 64))


# --- Many kills ----------------------------------------------------------------------------------------------------------
@contextmanager
def houses() -> Iterator[House]:
    """On a memory file system where there is one: SIGKILL loses nothing that was written, so no disk is needed here."""
    with tempfile.TemporaryDirectory(prefix="fenghuo-crash-", dir=place()) as name:
        folder, template = Path(name), Path(name) / "template"
        template.mkdir()
        command = [sys.executable, "-m", "benchmarks.house", str(template), "benchmarks.nothing"]
        subprocess.run(command, cwd=ROOT, check=True)
        for alias, file in (("default", "main.db"), ("ledger", "ledger.db")):
            connections[alias].close()
            connections[alias].settings_dict["NAME"] = folder / file
        yield House(folder, template)


def run(kills: str, fault: str = "", part: tuple[int, int] = (1, 1)) -> Score:
    """Kill and judge. Where a part is asked for, at its lines only: each line is of one part, whatever a run passes."""
    score, began = Score(), time.monotonic()
    with houses() as house:
        with launched() as centre:
            house.fresh()
            serve(centre.port, "", 20.0)  # here as well: what is loaded once need not be by every child
            forget()
            seen = lines_of_a_run(house, centre.port, fault)
        which, of = part
        seen = [one for one in seen if one[1] % of == which - 1]
        places = places_of(seen, kills)
        if fault:  # few kills show a fault: first where bytes and commits meet, and on over all lines until one does
            places = _turns(seen) + places + places_of(seen, "lines")
        score.distinct_lines = len(set(seen))
        for start in range(0, len(places), RUNS_PER_CENTRE):
            with launched() as centre:
                for place in places[start : start + RUNS_PER_CENTRE]:
                    if fault and score.first_failures:
                        break
                    first = house.fresh()
                    if killed_at(SENDER, place, partial(serve, centre.port, fault, 20.0)):
                        judge(house, centre, first, fault, score, str(place))
    score.seconds = round(time.monotonic() - began, 1)
    return score


def _turns(seen: list[Line]) -> list[Place]:
    """The lines of those turns in which more happens than in an idle one, as they ran, in any order."""
    turns: list[list[Place]] = []
    begins = next(line for line in seen if line in TURN)
    for number, line in enumerate(seen, 1):
        if line == begins:
            turns.append([])
        if line in TURN:
            turns[-1].append(number)
    idle = min(len(turn) for turn in turns)
    places = [place for turn in turns if len(turn) > idle for place in turn]
    random.Random(1).shuffle(places)
    return places


def main(arguments: list[str] | None = None) -> int:
    """Prints one line of JSON; exit status 1 when the promise was broken."""
    parser = argparse.ArgumentParser(prog="benchmarks.line_kills", description=__doc__.splitlines()[0])
    parser.add_argument("--kills", default="lines", help="lines, all, or a number")
    parser.add_argument("--fault", default="", choices=["", *FAULTS])
    parser.add_argument("--part", default="1/1", help="with lines: which of how many parts of them")
    chosen = parser.parse_args(arguments)
    which, of = (int(one) for one in chosen.part.split("/"))
    score = run(chosen.kills, chosen.fault, (which, of))
    score.first_failures = score.first_failures[:5]
    print(json.dumps({"good": score.good, "fault": chosen.fault, **asdict(score)}))
    return 0 if score.good else 1


if __name__ == "__main__":
    sys.exit(main())
