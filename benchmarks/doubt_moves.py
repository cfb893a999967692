"""H1 for those in doubt: kill the sender at every line while an ill account gives them to one that is well.

60 recipients were on the line of an account whose gateway is gone; a second copy to each is due. It gives them, in two pieces, to
an account with a living SMS centre, which sends them and reports on none. Then the gateway that is gone reports on ten of them,
again and again until that is acknowledged. A child process kills itself (SIGKILL) at the chosen line; another child then runs until
nothing is left. Afterwards for each kill:

    lost        a number that is listed not once, or that is neither told by the centre nor delivered nor in doubt a second time
    unlisted    a number that the centre was told more often than the ledger has it in doubt
    unheard     a number that the gateway was acknowledged to have delivered, and that is not listed as delivered

    python -m benchmarks.house FOLDER benchmarks.doubt_moves --kills moves|lines|all|N [--fault NAME]

`moves` is each line of a planted fault, of what is passed on and of the hand-over itself.
"""

import argparse
import json
import sys
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from django.db import connections

import fenghuo.delivery
from benchmarks import doubt_faults
from benchmarks.line_kills import FIRST_NUMBER, RUNS_PER_CENTRE, SENDER, House, houses
from benchmarks.line_trace import DONE, STUCK, Line, Modules, forked, killed_at, lines_of, places_of
from benchmarks.move_kills import QUICK, account, opened, released
from fenghuo.delivery.gateways.cmpp import Cmpp
from fenghuo.delivery.ledger import queries
from fenghuo.delivery.ledger.models import Decision
from fenghuo.delivery.ledger.states import AGAIN, CODE_MASK, DELIVERED, DOUBT_SHIFT, IN_DOUBT, INTENDED, MOVED, UNSENT
from fenghuo.delivery.ledger.values import Reports
from fenghuo.delivery.sender.desk import Desk
from fenghuo.delivery.sender.keeper import Keeper
from fenghuo.ground.ids import new_id
from simulators.smsc import Remote, launched

MESSAGES, REPORTED = 60, 10
OWN = ("doubt_faults.py", "pass_on.py", "elsewhere.py", "take_over.py", "handed.py")  # in this order
LEDGER = Path(fenghuo.delivery.__file__).parent / "ledger"
MOVES = Modules(
    ours=(*SENDER.ours, str(LEDGER / "elsewhere.py"), str(LEDGER / "news.py")),
    not_ours=SENDER.not_ours,
    faulty=doubt_faults.__file__,
)
TIMING = replace(QUICK, look_again=0.004, waits={"urgent": 0.0})
CENTRE = {"lose_reports": 1.0}


@dataclass
class Score:
    """What all kills came to."""

    kills: int = 0
    distinct_lines: int = 0
    lost: int = 0
    unlisted: int = 0
    unheard: int = 0
    stuck: int = 0
    told_twice: int = 0
    seconds: float = 0.0
    first_failures: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """The promise held at every kill."""
        return not (self.lost or self.unlisted or self.unheard or self.stuck) and self.kills > 0


class Returned:
    """The gateway that was gone: it reports until it is acknowledged, and `noted` is what it remembers of that."""

    def __init__(self, giver: Desk, first: int, noted: Path, *, too_soon: bool) -> None:
        self._giver = giver
        self._numbers = np.arange(first, first + REPORTED, dtype=np.uint64)
        self._noted = noted
        self._too_soon = too_soon

    @property
    def acknowledged(self) -> bool:
        """Whether it has nothing more to say."""
        return self._noted.exists()

    def report(self) -> None:
        """Once all of whom it speaks have gone to the other account."""
        sheet = next(iter(self._giver.book.sheets.values()))
        if self.acknowledged or not (sheet.state[0, :REPORTED] & CODE_MASK == MOVED).all():
            return
        if self._too_soon:
            self._noted.touch()
        self._giver.book.receive(self._reports(), self._giver.now_ms(), hold=False)
        self._giver.commit()
        self._noted.touch()

    def _reports(self) -> Reports:
        word = self._giver.words.number(b"DELIVRD")
        return Reports(
            self._numbers,  # ids that nobody was told
            self._numbers,
            np.full(REPORTED, DELIVERED, dtype=np.uint8),
            np.full(REPORTED, word, dtype=np.uint16),
            np.full(REPORTED, self._giver.now(), dtype=np.uint32),
            np.array([b"DELIVRD"] * REPORTED),
        )


def serve(port: int, first: int, noted: Path, fault: str, seconds: float) -> bool:
    """Both accounts in one thread, a look of the giver at each of the taker's, until all is done; False when that takes long."""
    gone, taker = account("gone", 9, 10**6), account("taker", port, 10**6)
    # As the giver knows it the taker is slow: so a piece is a part only.
    peers = (gone, account("taker", port, 2))
    giver = opened(doubt_faults.FAULTS[fault], gone, peers, TIMING)
    returned = Returned(giver, first, noted, too_soon=fault == "acknowledges_first")
    began = time.monotonic()

    def until(desk: Desk) -> bool:
        giver.look_around()
        returned.report()
        done = returned.acknowledged and desk.book.sheets and not _open(giver) and not _open(desk)
        return bool(done and not Decision.objects.exists()) or time.monotonic() - began > seconds

    Keeper(
        taker,
        lambda now: Cmpp(taker, b"exercise", TIMING.timers, now),
        mode="exercise",
        accounts=("gone", "taker"),
        peers=(taker,),
        timing=TIMING,
        stop=threading.Event(),
        until=until,
    ).run()
    return time.monotonic() - began <= seconds


def _open(desk: Desk) -> bool:
    """Whether something has still to leave or to be answered here; who waits for a person has not."""
    for sheet in desk.book.sheets.values():
        codes, doubts = sheet.state & CODE_MASK, sheet.state >> DOUBT_SHIFT
        waits: Any = np.isin(codes, (UNSENT, INTENDED, AGAIN)) | ((codes == IN_DOUBT) & (doubts <= 1))
        if waits.any():
            return True
    return False


def fresh(house: House, noted: Path) -> int:
    """A new release to new numbers; the first number."""
    house.run += 1
    first = FIRST_NUMBER + house.run * MESSAGES
    house.restore()
    noted.unlink(missing_ok=True)
    house.broadcast = new_id()
    if forked(partial(released, house.broadcast, first, many=MESSAGES, begun=MESSAGES, policy="urgent")) != (
        False,
        DONE,
    ):
        raise RuntimeError("nothing was released")
    return first


def judge(house: House, centre: Remote, first: int, noted: Path, fault: str, score: Score, place: str) -> None:
    """Start again, let it finish, compare."""
    restarted = forked(lambda: DONE if serve(centre.port, first, noted, fault, 10.0) else STUCK)
    packed = centre.packed_rows()
    numbers = (int(packed[at + 8 : at + 40].rstrip(b"\0")) for at in range(0, len(packed), 64))
    told = Counter(number for number in numbers if first <= number < first + MESSAGES)
    rows = list(queries.export(house.broadcast))
    connections.close_all()
    listed, fate = Counter(row.address for row in rows), {row.address: row for row in rows}
    everyone = set(range(first, first + MESSAGES))
    lost = {one for one in everyone if listed[one] != 1}
    lost |= {one for one, row in fate.items() if not told[one] and row.state != "delivered" and row.doubts < 2}
    unlisted = {one for one, row in fate.items() if told[one] > row.doubts}
    unheard = {one for one in range(first, first + REPORTED) if one in fate and fate[one].state != "delivered"}
    stuck = restarted[1] != DONE and not lost | unlisted | unheard
    score.kills += 1
    score.lost += len(lost)
    score.unlisted += len(unlisted)
    score.unheard += len(unheard)
    score.stuck += stuck
    score.told_twice += sum(n > 1 for n in told.values())
    if lost or unlisted or unheard or stuck:
        score.first_failures.append(f"{place}: lost {len(lost)}, unlisted {len(unlisted)}, unheard {len(unheard)}")


def run(kills: str, fault: str = "") -> Score:
    """Kill and judge."""
    score, began = Score(), time.monotonic()
    with houses() as house:
        noted = house.folder / "acknowledged"
        with launched(CENTRE) as centre:
            seen = _lines_of_a_run(house, centre.port, noted, fault)
        moves = [line for own in OWN for line in seen if line[0].endswith(own)]
        places = places_of(moves, "lines") if kills == "moves" else places_of(seen, kills)
        score.distinct_lines = len(set(seen))
        for start in range(0, len(places), RUNS_PER_CENTRE):
            with launched(CENTRE) as centre:
                for place in places[start : start + RUNS_PER_CENTRE]:
                    if fault and score.first_failures:
                        break
                    first = fresh(house, noted)
                    if killed_at(MOVES, place, partial(serve, centre.port, first, noted, fault, 20.0)):
                        judge(house, centre, first, noted, fault, score, str(place))
    score.seconds = round(time.monotonic() - began, 1)
    return score


def _lines_of_a_run(house: House, port: int, noted: Path, fault: str) -> list[Line]:
    """Every line of ours that one undisturbed run passes, in order."""
    first = fresh(house, noted)
    return lines_of(MOVES, lambda: serve(port, first, noted, fault, 10.0), house.folder / "lines.json", sound=not fault)


def main(arguments: list[str] | None = None) -> int:
    """Prints one line of JSON; exit status 1 when the promise was broken."""
    parser = argparse.ArgumentParser(prog="benchmarks.doubt_moves", description=__doc__.splitlines()[0])
    parser.add_argument("--kills", default="lines", help="moves, lines, all, or a number")
    parser.add_argument("--fault", default="", choices=list(doubt_faults.FAULTS))
    chosen = parser.parse_args(arguments)
    score = run(chosen.kills, chosen.fault)
    score.first_failures = score.first_failures[:5]
    print(json.dumps({"good": score.good, "fault": chosen.fault, **asdict(score)}))
    return 0 if score.good else 1


if __name__ == "__main__":
    sys.exit(main())
