"""`kill -9` of the real sender process while releases run, at random, and what the SMS centre's own record says afterwards.

One release after another to N new numbers each. While one runs, `fenghuo sender` is killed at a random moment and started again at
once; one kill in three comes again before the first has been recovered from. A kill counts when the release was not over. In the
end everything runs until nothing is open, and every recipient of every release is compared:

    lost                     a state that says accepted or delivered, of a number that the centre never accepted; a number that is
                             not in the ledger at all, or that nothing will ever happen to
    wrong_state              a final state that is not what the centre says
    duplicates               acceptances beyond the first
    unlisted_duplicates      those of numbers that the ledger never listed as in doubt
    max_in_doubt_per_kill    recipients on the line, unanswered, when the sender was killed; at most window × batch

Started by `crash.py`.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import time
from array import array
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path

import numpy as np
from django.conf import settings
from django.db import connections, transaction

from fenghuo.delivery.ledger import actions, queries
from fenghuo.ground import clock
from fenghuo.ground.ids import new_id
from simulators.smsc import Remote

ROOT = Path(__file__).resolve().parents[1]
FIRST_NUMBER = 10_000_000_000  # 100…: numbers no carrier assigns
ROW = np.dtype({"names": ["number", "stat"], "formats": ["S11", "S8"], "offsets": [8, 40], "itemsize": 64})
TEXT = "【下仓镇】（演练）请立即转移。（演练结束）【蓟州区下仓镇】"
LOOK = 0.02
START, LONGEST = 60.0, 180.0  # seconds until a sender must be bound; until all must be over
AGAIN = 1 / 3
EARLIEST = 0.002


@dataclass
class Score:
    """What all kills came to; see the module."""

    kills: int = 0
    batch: int = 0
    window: int = 0
    recipients: int = 0
    releases: int = 0
    accepted: int = 0
    lost: int = 0
    wrong_state: int = 0
    duplicates: int = 0
    unlisted_duplicates: int = 0
    in_doubt: int = 0
    max_in_doubt_per_kill: int = 0
    bound_in_doubt_per_kill: int = 0
    for_a_person: int = 0  # in doubt a second time: listed, never sent a third time by itself
    kills_in_recovery: int = 0
    seconds: float = 0.0
    stuck: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether the promise held."""
        broken = self.lost or self.wrong_state or self.unlisted_duplicates or self.stuck
        return not broken and self.max_in_doubt_per_kill <= self.bound_in_doubt_per_kill and self.kills > 0


class Stuck(Exception):
    """What was waited for did not come."""


class Sender:
    """The process under test; it ends with this one, however this one ends."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._leash, self._held = os.pipe()
        self._log = (settings.DATA / "sender.log").open("ab")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Another sender on the same folder."""
        self.process = subprocess.Popen(
            [*self._command, "--leash", str(self._leash)],
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log, pass_fds=(self._leash,),
        )  # fmt: skip

    def kill(self) -> None:
        """SIGKILL, and it is gone when this returns."""
        if self.process:
            self.process.kill()
            self.process.wait()

    @property
    def ended(self) -> bool:
        """By itself, which it never should."""
        return self.process is not None and self.process.poll() is not None


@contextmanager
def senders(command: list[str]) -> Iterator[Sender]:
    """A sender that runs, and none afterwards."""
    sender = Sender(command)
    sender.start()
    try:
        yield sender
    finally:
        sender.kill()


def release(run: int, recipients: int) -> str:
    """A new release to new numbers, frozen and ordered as sign-off does it."""
    broadcast, first = new_id(), FIRST_NUMBER + run * recipients
    actions.freeze(
        broadcast=broadcast, mode="exercise", lane=1, text=TEXT, correction="", src_id="12379", policy="urgent",
        expires_at=clock.now() + timedelta(hours=12),
        contact_ids=array("Q", range(1, recipients + 1)), addresses=array("Q", range(first, first + recipients)),
    )  # fmt: skip
    with transaction.atomic(using="default"):
        actions.order(kind="release", broadcast=broadcast, by={"harness": True})
    return broadcast


def wait(condition: Callable[[], bool], seconds: float, what: str, sender: Sender) -> None:
    """Until it holds; raises Stuck."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise Stuck(f"{what}: not within {seconds:.0f} s")
        if sender.ended:
            raise Stuck(f"{what}: the sender ended by itself; see sender.log")
        time.sleep(LOOK)


def bound(pid: int) -> bool:
    """Whether this very process keeps the account's session."""
    (one,) = queries.gateways()
    return one.state == "bound" and f":{pid}:" in queries.holder_of(one.name)


def underway(broadcast: str) -> bool:
    """Whether anybody is unsent or unanswered; doubts and late receipts come beside the next release."""
    now = queries.progress([broadcast])[broadcast]
    return not now.released or now.unsent + now.intended > 0


class Killer:
    """Releases, kills and starts again."""

    def __init__(self, sender: Sender, recipients: int, seed: int) -> None:
        self.sender = sender
        self.releases: list[str] = []
        self.in_doubt: list[int] = []
        self.in_recovery = 0
        self._recipients = recipients
        self._chance = random.Random(seed)
        self._spans: deque[float] = deque(maxlen=9)

    def undisturbed(self) -> None:
        """How long a release takes here: what the moments of the kills are drawn from."""
        self._ready()
        began = time.monotonic()
        self._release()
        wait(lambda: not underway(self.releases[-1]), LONGEST, "the first release", self.sender)
        self._spans.append(time.monotonic() - began)

    def kill(self) -> bool:
        """One kill at random; False when the release was over before it came."""
        again = len(self.releases) > 1 and underway(self.releases[-1]) and self._chance.random() < AGAIN
        if not again:
            self._ready()
            wait(lambda: not underway(self.releases[-1]), LONGEST, "a release after a kill", self.sender)
            self._release()
        began = time.monotonic()
        moment = self._chance.uniform(EARLIEST, max(self._spans))
        while time.monotonic() - began < moment:
            time.sleep(min(0.001, moment))
        self.sender.kill()
        count = underway(self.releases[-1])
        if count:
            self.in_doubt.append(sum(one.intended for one in queries.progress(self.releases).values()))
            self.in_recovery += again
        elif not again:  # it was over sooner than the longest so far: draw from less
            self._spans.append(0.8 * max(self._spans))
        self.sender.start()
        return count

    def _ready(self) -> None:
        assert self.sender.process is not None
        pid = self.sender.process.pid
        wait(lambda: bound(pid), START, "the sender binds", self.sender)

    def _release(self) -> None:
        self.releases.append(release(len(self.releases), self._recipients))

    def finish(self, seconds: float) -> None:
        """Until nobody is open, and whoever is in doubt waits for a person."""
        open_ = list(self.releases)

        def over() -> bool:
            progress = queries.progress(open_)
            for name, one in progress.items():
                if not one.unsent + one.intended + one.accepted and (not one.in_doubt or _for_people(name)):
                    open_.remove(name)
            return not open_

        wait(over, seconds, "everything is over", self.sender)


def _for_people(broadcast: str) -> bool:
    return all(one.next_step == "person" for one in queries.in_doubt(broadcasts=[broadcast], limit=10**9))


def judge(releases: list[str], centre: Remote, recipients: int, score: Score) -> None:
    """Every recipient of every release against the centre's own record."""
    record = np.frombuffer(centre.packed_rows(), dtype=ROW)
    numbers = record["number"].astype(np.int64)
    told, at, times = np.unique(numbers, return_index=True, return_counts=True)
    score.accepted, score.duplicates = len(numbers), int((times - 1).sum())
    for run, broadcast in enumerate(releases):
        first = FIRST_NUMBER + run * recipients
        copies, delivered = np.zeros(recipients, dtype=np.int64), np.zeros(recipients, dtype=bool)
        here = (told >= first) & (told < first + recipients)
        copies[told[here] - first] = times[here]
        delivered[told[here] - first] = record["stat"][at[here]] == b"DELIVRD"
        _compare(broadcast, first, copies, delivered, score)


def _compare(broadcast: str, first: int, copies: "np.ndarray", delivered: "np.ndarray", score: Score) -> None:
    seen = np.zeros(len(copies), dtype=bool)
    for row in queries.export(broadcast):
        k = row.address - first
        seen[k] = True
        score.lost += row.state in ("unsent", "intended", "accepted") or (row.state == "delivered" and not copies[k])
        expected = "delivered" if delivered[k] else "failed"
        score.wrong_state += row.state in ("delivered", "failed") and (row.state != expected or not copies[k])
        score.in_doubt += row.doubts > 0
        score.for_a_person += row.state == "in_doubt"
        if copies[k] > 1 and not row.doubts:
            score.unlisted_duplicates += int(copies[k]) - 1
    score.lost += int((~seen).sum())


def sender_command(wait_in_doubt: float, fault: str) -> list[str]:
    """The real process; a stand-in only where a shorter wait or a fault was asked for."""
    if not wait_in_doubt and not fault:
        return [sys.executable, "-m", "fenghuo", "sender", "--data", str(settings.DATA)]
    house = [sys.executable, "-m", "benchmarks.house", str(settings.DATA), "benchmarks.crash_sender"]
    return [*house, f"--wait={wait_in_doubt or 30.0}", f"--fault={fault}"]


def main() -> int:
    """Prints one line of JSON, last; exit status 1 when the promise was broken."""
    parser = argparse.ArgumentParser(prog="benchmarks.process_kills")
    for name in ("port", "control", "kills", "recipients", "batch", "seed"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--wait", type=float, default=0.0)
    parser.add_argument("--fault", default="")
    chosen = parser.parse_args()
    (gateway,) = settings.FENGHUO.gateway
    score, began = Score(batch=gateway.batch, window=gateway.window, recipients=chosen.recipients), time.monotonic()
    score.bound_in_doubt_per_kill = gateway.most_in_doubt
    with senders(sender_command(chosen.wait, chosen.fault)) as sender:
        killer = Killer(sender, chosen.recipients, chosen.seed)
        try:
            killer.undisturbed()
            while score.kills < chosen.kills:
                score.kills += killer.kill()
                if score.kills % 20 == 0:
                    print(f"{score.kills} kills, {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
            killer.finish(LONGEST)
        except Stuck as stuck:
            score.stuck.append(str(stuck))
    score.releases, score.kills_in_recovery = len(killer.releases), killer.in_recovery
    score.max_in_doubt_per_kill = max(killer.in_doubt, default=0)
    judge(killer.releases, Remote(chosen.port, chosen.control), chosen.recipients, score)
    connections.close_all()
    score.seconds = round(time.monotonic() - began, 1)
    print(json.dumps({**asdict(score), "good": score.good, "fault": chosen.fault}))
    return 0 if score.good else 1


if __name__ == "__main__":
    sys.exit(main())
