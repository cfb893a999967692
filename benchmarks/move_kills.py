"""H1 for hand-overs: kill the sender at every line while one account gives to another what it has not sent.

120 recipients stand in an account whose gateway is gone; eight of them were on its line when that happened. It hands the rest over
to an account with a living SMS centre, 50 at a time, which sends them. A child process kills itself (SIGKILL) at the chosen line;
another child then runs until nothing is left. Afterwards for each kill:

    lost        a number that the centre never accepted and that is not in doubt, or that the ledger lists not once
    twice       numbers that the centre accepted more often than once without having been listed as in doubt
    strayed     numbers in doubt at the dead gateway that the living one was given

    python -m benchmarks.house FOLDER benchmarks.move_kills --kills moves|lines|all|N [--fault NAME]

`moves` is each line of the hand-over itself, those of a planted fault first.
"""

import argparse
import json
import sys
import threading
import time
from array import array
from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import connections, transaction

from benchmarks import move_faults
from benchmarks.line_kills import FIRST_NUMBER, RUNS_PER_CENTRE, SENDER, TIMING, House, houses
from benchmarks.line_trace import DONE, STUCK, Line, Modules, forked, killed_at, lines_of, places_of
from fenghuo.delivery.gateways.cmpp import Cmpp
from fenghuo.delivery.gateways.config import CmppGateway, Gateway
from fenghuo.delivery.ledger import actions, queries
from fenghuo.delivery.ledger.states import ACCEPTED, INTENDED, UNSENT
from fenghuo.delivery.ledger.values import Claim
from fenghuo.delivery.sender.desk import Desk
from fenghuo.delivery.sender.desk.holder import dead_holder, holder
from fenghuo.delivery.sender.keeper import Keeper
from fenghuo.delivery.sender.timing import Timing
from fenghuo.ground import clock
from fenghuo.ground.ids import new_id
from simulators.smsc import Remote, launched

MESSAGES, ON_THE_LINE, PIECE, WINDOW = 120, 8, 50, 16
LEASE_MS = 30_000
OWN = ("move_faults.py", "hand_over.py", "handed.py")
UNDONE = (ACCEPTED, INTENDED, UNSENT)
MOVES = Modules(ours=SENDER.ours, not_ours=SENDER.not_ours, faulty=move_faults.__file__)
QUICK = replace(TIMING, share=0.004, adopt=60.0)


@dataclass
class Score:
    """What all kills came to."""

    kills: int = 0
    distinct_lines: int = 0
    lost: int = 0
    twice: int = 0
    strayed: int = 0
    stuck: int = 0
    most_in_doubt: int = 0
    seconds: float = 0.0
    first_failures: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """The promise held at every kill."""
        return not (self.lost or self.twice or self.strayed or self.stuck) and self.kills > 0


def account(name: str, port: int, rate: int) -> CmppGateway:
    """One of the two; the one without a gateway gives away at once."""
    gateway = CmppGateway(
        name=name, protocol="cmpp3", mode="exercise", host="127.0.0.1", port=port, source_addr="900001",
        secret_file=Path("secret"), rate=rate, window=WINDOW, batch=1,
    )  # fmt: skip
    return gateway.model_copy(update={"failover_after": 0}) if name == "gone" else gateway


def released(
    broadcast: str, first: int, *, many: int = MESSAGES, begun: int = ON_THE_LINE, policy: str = "patient"
) -> int:
    """`many` frozen for the account whose gateway is gone, the first of them `begun` there when the process ended."""
    gone = account("gone", 9, 10**6)
    settings.FENGHUO.gateway[:] = [gone]
    actions.freeze(
        broadcast=broadcast, mode="exercise", lane=1, text="【下仓镇】（演练）请转移。（演练结束）", correction="", src_id="12379",
        expires_at=clock.now() + timedelta(hours=1), policy=policy,
        contact_ids=array("Q", range(1, many + 1)), addresses=array("Q", range(first, first + many)),
    )  # fmt: skip
    with transaction.atomic(using="default"):
        actions.order(kind="release", broadcast=broadcast, by={"harness": True})
    desk = opened(Desk, gone, (gone,))
    desk.read_orders(always=True)
    desk.book.intend([Claim(next(iter(desk.book.sheets)), 0, 0, begun, 1)], desk.now())
    desk.commit()
    connections.close_all()
    return DONE


def opened(kind: type[Desk], gateway: Gateway, peers: tuple[Gateway, ...], timing: Timing = QUICK) -> Desk:
    """The account's desk, as its keeper opens it."""
    name = gateway.name
    fence = actions.take_lease(name, "cmpp3", holder=holder(), dead=dead_holder(name), lease_ms=LEASE_MS)
    assert fence is not None
    return kind(gateway, mode="exercise", accounts=("gone", "taker"), peers=peers, timing=timing, fence=fence)


def serve(port: int, fault: str, seconds: float) -> bool:
    """Both accounts in one thread, a look of the giver at each of the taker's, until all is done; False when that takes long."""
    giving, taking = move_faults.FAULTS[fault]
    gone, taker = account("gone", 9, 10**6), account("taker", port, 10**6)
    # As the giver knows it the taker is slow: so a piece is a part only.
    giver = opened(giving, gone, (gone, account("taker", port, PIECE // 10)))
    began = time.monotonic()

    def until(desk: Desk) -> bool:
        giver.look_around()
        sheets = (*giver.book.sheets.values(), *desk.book.sheets.values())
        done = len(sheets) > 1 and sum(sheet.n(*UNDONE) for sheet in sheets) == 0
        return done or time.monotonic() - began > seconds

    Keeper(
        taker,
        lambda now: Cmpp(taker, b"exercise", QUICK.timers, now),
        mode="exercise",
        accounts=("gone", "taker"),
        peers=(taker,),
        timing=QUICK,
        stop=threading.Event(),
        until=until,
        desk=taking,
    ).run()
    return time.monotonic() - began <= seconds


def fresh(house: House) -> int:
    """A new release to new numbers; the first number."""
    house.run += 1
    first = FIRST_NUMBER + house.run * MESSAGES
    house.restore()
    house.broadcast = new_id()
    if forked(partial(released, house.broadcast, first)) != (False, DONE):
        raise RuntimeError("nothing was released")
    return first


def judge(house: House, centre: Remote, first: int, fault: str, score: Score, place: str) -> None:
    """Start again, let it finish, compare."""
    restarted = forked(lambda: DONE if serve(centre.port, fault, 6.0) else STUCK)
    packed = centre.packed_rows()
    numbers = (int(packed[at + 8 : at + 40].rstrip(b"\0")) for at in range(0, len(packed), 64))
    told = Counter(number for number in numbers if first <= number < first + MESSAGES)
    rows = list(queries.export(house.broadcast))
    connections.close_all()
    listed, doubtful = Counter(row.address for row in rows), {row.address for row in rows if row.doubts}
    early = set(range(first, first + ON_THE_LINE))
    everyone = set(range(first, first + MESSAGES))
    lost = {one for one in everyone if listed[one] != 1 or not (told[one] or one in doubtful)}
    lost |= {row.address for row in rows if row.state in ("unsent", "intended", "accepted")}
    twice = {number for number, n in told.items() if n > 1} - (doubtful - early)
    strayed = early & set(told)
    score.kills += 1
    score.lost += len(lost)
    score.twice += len(twice)
    score.strayed += len(strayed)
    score.stuck += restarted[1] != DONE and not lost
    score.most_in_doubt = max(score.most_in_doubt, len(doubtful - early))
    if lost or twice or strayed or restarted[1] != DONE:
        score.first_failures.append(f"{place}: lost {len(lost)}, twice {len(twice)}, strayed {len(strayed)}")


def lines_of_a_run(house: House, port: int, fault: str) -> list[Line]:
    """Every line of ours that one undisturbed run passes, in order."""
    fresh(house)
    return lines_of(MOVES, lambda: serve(port, fault, 5.0), house.folder / "lines.json")


def run(kills: str, fault: str = "") -> Score:
    """Kill and judge."""
    score, began = Score(), time.monotonic()
    with houses() as house:
        with launched() as centre:
            seen = lines_of_a_run(house, centre.port, fault)
        moves = sorted((line for line in seen if line[0].endswith(OWN)), key=lambda line: not line[0].endswith(OWN[0]))
        places = places_of(moves, "lines") if kills == "moves" else places_of(seen, kills)
        score.distinct_lines = len(set(seen))
        for start in range(0, len(places), RUNS_PER_CENTRE):
            with launched() as centre:
                for place in places[start : start + RUNS_PER_CENTRE]:
                    if fault and score.first_failures:
                        break
                    first = fresh(house)
                    if killed_at(MOVES, place, partial(serve, centre.port, fault, 20.0)):
                        judge(house, centre, first, fault, score, str(place))
    score.seconds = round(time.monotonic() - began, 1)
    return score


def main(arguments: list[str] | None = None) -> int:
    """Prints one line of JSON; exit status 1 when the promise was broken."""
    parser = argparse.ArgumentParser(prog="benchmarks.move_kills", description=__doc__.splitlines()[0])
    parser.add_argument("--kills", default="lines", help="moves, lines, all, or a number")
    parser.add_argument("--fault", default="", choices=list(move_faults.FAULTS))
    chosen = parser.parse_args(arguments)
    score = run(chosen.kills, chosen.fault)
    score.first_failures = score.first_failures[:5]
    print(json.dumps({"good": score.good, "fault": chosen.fault, **asdict(score)}))
    return 0 if score.good else 1


if __name__ == "__main__":
    sys.exit(main())
