"""The random walk of `machine.py` from first to last: near the end an account goes, then nothing goes wrong any more."""

import argparse
import json
import os
import sys
import time

from django.conf import settings
from django.db import connections

from benchmarks.machine_faults import FAULTS, planted
from benchmarks.machine_operations import answer, compare, drop, look, order, release, report, settle, step, turn
from benchmarks.machine_oracle import FINAL, FRESH, Alert, Violation, insist
from benchmarks.machine_scene import account
from benchmarks.machine_walk import Walk
from fenghuo.delivery.ledger import queries
from fenghuo.delivery.ledger.states import AGAIN, IN_DOUBT, INTENDED, UNSENT


def waiting_at(walk: Walk, name: str) -> list[tuple[int, int]]:
    """(alert, number) of those of an account who must live on elsewhere when it goes: wholly unsent, or in doubt."""
    found = []
    for number, whom, segment in walk.place:
        alert = walk.oracle.alerts[number]
        if walk.place[number, whom, segment] != name or segment or alert.parent or alert.over(walk.oracle.now):
            continue
        codes = {walk.oracle.cells.get((number, whom, one), FRESH)[0] for one in range(alert.segments)}
        if codes == {UNSENT} or (max(codes) in (IN_DOUBT, AGAIN) and INTENDED not in codes):
            found.append((number, whom))
    return found


def taken_out(walk: Walk) -> None:
    """The account with most to do is taken out of the settings: who waits there lives on in the others, exactly as they are."""
    release(walk, "")
    for one in walk.served.values():
        one.desk.read_orders(always=True)
        one.desk.commit()
    compare(walk)
    gone = max(walk.present, key=lambda name: len(waiting_at(walk, name)))
    theirs = waiting_at(walk, gone)
    walk.forget(gone)
    del walk.disk[gone]
    walk.present.remove(gone)
    settings.FENGHUO.gateway[:] = [account(name) for name in walk.present]
    for name in walk.present:  # the settings are read at a start
        walk.crash(name)
    compare(walk)
    for number, whom in theirs:
        insist((number, whom, 0) in walk.place, f"{whom} of {number} was left behind in {gone}")
    walk.done["taken out"] += 1
    walk.done["taken over"] += len(theirs)


def rest(walk: Walk) -> None:
    """Nothing goes wrong any more, and people decide: in the end all is over, and nobody is left over."""
    everything_goes_on(walk)
    for at in range(200):
        if at % 10 == 9:  # what an account let go of while another's receipts were still waited for closes at an order
            order(walk, "resume", None)
        for name in walk.present:
            for operation in (turn, answer, report, look):
                operation(walk, name)
                compare(walk)
        settle(walk, "")
        drop(walk, walk.chance.choice(walk.present))
        walk.oracle.now += 5_000
        walk.sweep()
        if not any(held(walk, alert) for alert in walk.oracle.alerts.values()):
            return
    left = {cell: state for cell, state in walk.oracle.cells.items() if state[0] not in FINAL}
    raise Violation(f"left over: {left} of {sorted(walk.oracle.alerts)}")


def held(walk: Walk, alert: Alert) -> bool:
    """Whether something of it may still happen: a sender holds it, or somebody waits who is held by none."""
    if any(number == alert.number for _, number in walk.seen):
        return True
    tally = queries.progress([alert.id])[alert.id]
    return bool(tally.unsent or tally.intended)


def everything_goes_on(walk: Walk) -> None:
    """The hand brake is let go, of everything and of each alert."""
    if walk.oracle.brake:
        order(walk, "resume", None)
    for one in walk.oracle.alerts.values():
        if one.paused:
            order(walk, "resume", one.id)
        one.paused = False
    walk.oracle.brake = False


def main(arguments: list[str] | None = None) -> int:
    """Prints one line of JSON; exit status 1 when something was so that must not be."""
    parser = argparse.ArgumentParser(prog="benchmarks.machine_operations", description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fault", default="", choices=["", *FAULTS])
    parser.add_argument("--all", action="store_true", help="also what is known to be wrong")
    chosen = parser.parse_args(arguments)
    began, wrong = time.monotonic(), ""
    with planted(chosen.fault) as classes:
        walk = Walk(chosen.seed, careful=not chosen.all, **classes)
        try:
            while walk.steps < chosen.steps:
                step(walk)
                if walk.steps == chosen.steps * 9 // 10:
                    taken_out(walk)
                if walk.steps % 5_000 == 0:
                    print(f"{walk.steps} steps, {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
            rest(walk)
        except (Violation, AssertionError) as found:
            wrong = f"step {walk.steps}: {found}"
    connections.close_all()
    found_ = {
        "good": not wrong, "fault": chosen.fault, "seed": chosen.seed, "steps": walk.steps, "violation": wrong,
        "done": dict(sorted(walk.done.items())), "seconds": round(time.monotonic() - began, 1),
        "load": round(os.getloadavg()[0], 1),
    }  # fmt: skip
    print(json.dumps(found_))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
