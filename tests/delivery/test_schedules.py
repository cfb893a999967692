"""Random schedules: several accounts, orders in any order, doubts, hand-overs, accounts that come and go, kills in between.

The record is what left. Whatever the schedule: nobody is lost or counted twice, nothing of an alert leaves after its recall was
ordered, its correction is for exactly those who may have the alert, and whoever was sent a second copy is listed as once in doubt.
"""

import random
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from benchmarks.crash_faults import CorrectsTheAccepted, DeafToRecall, SilentResend
from fenghuo.delivery.gateways.config import Gateway
from fenghuo.delivery.ledger import actions, queries
from fenghuo.delivery.ledger.columns import RETRY, TAKEN
from fenghuo.delivery.ledger.models import Broadcast, Decision
from fenghuo.delivery.ledger.states import SHOWN
from fenghuo.delivery.sender.desk import Desk
from tests.delivery.desks import STEPPED, answer, closed, corrected, opened, progress, report
from tests.delivery.makers import CORRECTION, config, freeze, gateway
from tests.delivery.several import order

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
TIMING = replace(STEPPED, keep_final=-10.0, adopt=0.0, waits={"urgent": 0.0, "patient": 0.0})
ACCOUNTS = [
    gateway("one", prefixes=["139"], batch=3),
    gateway("two", prefixes=["138", "139"], batch=1),
    gateway("three", batch=2),
]
NUMBERS = [prefix * 10**8 + i for prefix in (139, 138, 150) for i in range(4)]


@dataclass(eq=False)
class Copies:
    """One submit's worth on the line."""

    desk: Desk
    pdus: Any
    broadcast: int
    numbers: list[int]


@dataclass
class World:
    """See the module. `left`: copies that may have arrived, by (broadcast number, number); `ever`: who was ever intended."""

    settings: Any
    chance: random.Random
    kind: type[Desk] = Desk
    desks: dict[str, Desk] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    alerts: list[actions.Frozen] = field(default_factory=list)
    stopped: set[int] = field(default_factory=set)
    line: list[Copies] = field(default_factory=list)
    left: Counter[tuple[int, int]] = field(default_factory=Counter)
    ever: set[tuple[int, int]] = field(default_factory=set)
    again: int = 0
    story: list[str] = field(default_factory=list)  # what is printed with a failure
    ids: int = 1_000

    def known(self) -> list[Gateway]:
        return [one for one in ACCOUNTS if one.name not in self.gone]

    def open(self, name: str) -> None:
        peers = self.known()
        self.story.append(f"{name} begins among {[one.name for one in peers]}")
        self.line = [one for one in self.line if one.desk is not self.desks.get(name)]
        self.desks[name] = opened(
            next(one for one in ACCOUNTS if one.name == name), *peers, timing=TIMING, read=False, kind=self.kind
        )

    def desk(self) -> Desk:
        return self.chance.choice(list(self.desks.values()))

    def number(self, frozen: actions.Frozen) -> int:
        return Broadcast.objects.get(id=frozen.broadcast).number

    # --- steps --------------------------------------------------------------------------------------------------------------
    def freeze(self) -> None:
        if len(self.alerts) < 3:
            self.settings.FENGHUO = config(*self.known())
            self.alerts.append(freeze(self.chance.sample(NUMBERS, 9), lane=self.chance.randint(1, 5)))
            order("release", self.alerts[-1])

    def fly(self, desk: Desk | None = None, room: int = 0) -> int:
        desk = desk or self.desk()
        desk.read_orders(always=True)
        claims = desk.claim(room or self.chance.randint(1, 6), 0, 16)
        for claim, pdus in zip(claims, desk.book.intend(claims, desk.now()), strict=True):
            numbers = desk.book.addresses(claim).tolist()
            assert claim.broadcast not in self.stopped, "it left after its recall had been ordered"
            at = 0
            for pdu in pdus.tolist():
                many = desk.book.destinations(np.array([pdu]))
                self.line.append(Copies(desk, np.array([pdu]), claim.broadcast, numbers[at : at + many]))
                at += many
            cells = [(claim.broadcast, number) for number in numbers]
            self.ever |= set(cells)
            self.left.update(cells)
            self.story.append(f"{desk.gateway.name} sends {claim.broadcast} to {numbers}")
        desk.commit()
        return len(claims)

    def answer(self, verdict: int = 0) -> None:
        if not self.line:
            return
        copies = self.line.pop(self.chance.randrange(len(self.line)))
        verdict = verdict or self.chance.choice([TAKEN, TAKEN, RETRY])
        self.story.append(f"{copies.desk.gateway.name} hears {verdict} of {copies.broadcast} to {copies.numbers}")
        answer(copies.desk, copies.pdus, self.ids, verdict)
        if verdict == RETRY:
            self.left.subtract((copies.broadcast, number) for number in copies.numbers)
        elif self.chance.random() < 0.7:
            report(copies.desk, {number: self.ids + at for at, number in enumerate(copies.numbers)})
        self.ids += 100

    def drop(self) -> None:
        desk = self.desk()
        self.story.append(f"{desk.gateway.name} is cut off")
        for copies in [one for one in self.line if one.desk is desk]:
            desk.book.doubt(copies.pdus, desk.now())
            self.line.remove(copies)
        desk.commit()

    def look(self) -> None:
        desk = self.desk()
        desk.look_around()

    def kill(self) -> None:
        self.open(self.chance.choice(list(self.desks)))

    def order(self) -> None:
        if not self.alerts:
            return
        frozen = self.chance.choice(self.alerts)
        kind = self.chance.choice(["settle"] * 6 + ["pause", "resume", "recall", "supersede", "correct"])
        if kind != "settle":
            self.stopped |= {self.number(frozen)} if kind in ("recall", "supersede", "correct") else set()
            self.story.append(f"{kind} {self.number(frozen)}")
            order(kind, frozen)
            return
        about = self.chance.choice([frozen.broadcast, queries.correction_of(frozen.broadcast) or frozen.broadcast])
        doubts = [[one.contact_id, one.address] for one in queries.in_doubt(broadcasts=[about])]
        decision = self.chance.choice(["resend", "resend", "accept", "give_up"])
        whom = {"all": True} if self.chance.random() < 0.3 else {"recipients": doubts[: self.chance.randint(1, 5)]}
        if doubts:
            self.again += decision == "resend"
            self.story.append(f"{decision} {about} {whom}")
            detail = {"decision": decision, **whom}
            actions.order(kind="settle", broadcast=about, by={}, detail=detail)

    def hand(self) -> None:
        giver, taker = self.desk(), self.desk()
        giver.read_orders(always=True)
        giver.commit()
        for number, sheet in list(giver.book.sheets.items()):
            if giver is not taker:
                runs = actions.movable(sheet, taker.gateway, self.chance.randint(1, 5))
                lease = {"fence": giver.fence, "now_ms": giver.now_ms(), "lease_ms": 600_000}
                actions.hand_over(giver.book, number, taker.gateway.name, runs, **lease)
                giver.lanes.queues[number].refill()

    def go(self) -> None:
        """An account leaves the settings; or all that left come back."""
        if self.gone:
            self.gone.clear()
        elif len(self.desks) > 2:
            self.gone = {self.chance.choice(["one", "two"])}
            for name in self.gone:
                self.line = [one for one in self.line if one.desk is not self.desks[name]]
                closed(self.desks.pop(name))
        for one in self.known():
            self.open(one.name)

    # --- the end ------------------------------------------------------------------------------------------------------------
    def finish(self) -> None:
        """Everything is resumed, half of it corrected, and all that can be sent is, and taken."""
        self.gone.clear()
        for one in ACCOUNTS:
            self.open(one.name)
        for frozen in self.alerts:
            order("resume", frozen)
            if self.chance.random() < 0.5:
                self.stopped.add(self.number(frozen))
                order("correct", frozen)
        for _ in range(12):
            for desk in self.desks.values():
                desk.look_around()
                while self.fly(desk, room=50):
                    while self.line:
                        self.answer(TAKEN)

    def check(self) -> None:
        assert not Decision.objects.exists()
        for frozen in self.alerts:
            number = self.number(frozen)
            rows = list(queries.export(frozen.broadcast))
            now = progress(frozen)
            assert queries.audience_hash(frozen.broadcast) == (frozen.audience_sha256, frozen.count)
            assert len({row.address for row in rows}) == len(rows) == frozen.count
            assert Counter(row.state for row in rows) == +Counter({name: getattr(now, name) for name in SHOWN})
            assert now.unsent + now.intended == 0
            reached = {one for broadcast, one in +self.left if broadcast == number}
            assert {row.address for row in rows if row.state not in ("stopped", "expired")} >= reached
            self._copies(number, rows)
            if correction := queries.correction_of(frozen.broadcast):
                ever = {one for broadcast, one in self.ever if broadcast == number}
                assert reached <= set(corrected(frozen)) <= ever
                kept = Broadcast.objects.get(id=correction)
                assert (kept.audience_sha256, kept.count) == (
                    queries.audience_hash(correction) if kept.count else (kept.audience_sha256, 0)
                )
                told = {one for broadcast, one in +self.left if broadcast == kept.number}
                assert told == set(corrected(frozen))
                assert kept.text == CORRECTION
                self._copies(kept.number, list(queries.export(correction)))

    def _copies(self, number: int, rows: list[queries.Row]) -> None:
        for row in rows:
            copies = self.left[number, row.address]
            assert copies <= 1 or row.doubts, ("a second copy that nobody can find", number, row, self.story)
            assert copies <= 2 + self.again, ("more copies than anybody wanted", number, row, self.story)


STEPS = ["fly"] * 5 + ["answer"] * 5 + ["look"] * 3 + ["order"] * 3 + ["drop", "drop", "kill", "hand", "go", "freeze"]


def play(settings: Any, seed: int, steps: int, kind: type[Desk] = Desk) -> None:
    world = World(settings, random.Random(seed), kind)
    for one in ACCOUNTS:
        world.open(one.name)
    world.freeze()
    for _ in range(steps):
        getattr(world, world.chance.choice(STEPS))()
    world.finish()
    world.check()


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_ordered_in_whatever_order(settings, seed):
    play(settings, seed, 80)


@pytest.mark.slow
@pytest.mark.parametrize("fault", [DeafToRecall, SilentResend, CorrectsTheAccepted])
def test_a_sender_that_is_wrong_in_one_way_is_caught(settings, fault):
    for seed in range(20):  # one after the other in one ledger: what was played before is over
        try:
            play(settings, seed, 80, fault)
        except AssertionError:
            return
    pytest.fail("nobody noticed")


@pytest.mark.slow
def test_a_sender_that_is_right_is_not_caught_however_long_it_is_played(settings):
    for seed in range(100, 106):
        play(settings, seed, 120)
