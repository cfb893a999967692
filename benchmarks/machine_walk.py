"""The random walk of `machine.py`: real desks, talks and ledger, a gateway in plain Python, and an oracle beside them.

Each step is one operation on one account. After it every cell in every account's memory is compared with the oracle; now and then,
and whenever a sender dies, what is on disk as well. A sender dies by being thrown away, also between any commit, byte and
acknowledgement of a turn.
"""

import math
import random
from collections import Counter
from typing import Any

import numpy as np
from django.conf import settings

from benchmarks.machine_gateway import Carrier, Cell, Killed, Report, Session
from benchmarks.machine_oracle import (
    FINAL,
    FRESH,
    Alert,
    Oracle,
    State,
    doubted,
    insist,
)
from benchmarks.machine_scene import LEFT, NAMES_OF, TIMING, WAITS, WINDOW, Seen, Served, Time, account, state_of
from fenghuo.delivery.gateways.line import Ready
from fenghuo.delivery.ledger import actions, queries
from fenghuo.delivery.ledger.actions import Book, Sheet
from fenghuo.delivery.ledger.models import Broadcast, Control
from fenghuo.delivery.ledger.states import (
    ACCEPTED,
    CODE_MASK,
    DOUBT_SHIFT,
    EXPIRED,
    INTENDED,
    MOVED,
    NAMES,
    STOPPED,
)
from fenghuo.delivery.sender.desk import Desk
from fenghuo.delivery.sender.desk.holder import dead_holder, holder
from fenghuo.delivery.sender.talk import Talk
from fenghuo.delivery.sender.talk.trust import Trust
from fenghuo.ground import clock
from fenghuo.ground.ids import new_id


class Walk:
    """See the module. `desk` and `talk` are the classes under test; `careful` leaves out what is known to be wrong."""

    def __init__(self, seed: int, *, desk: type[Desk] = Desk, talk: type[Talk] = Talk, careful: bool = True) -> None:
        settings.FENGHUO.gateway[:] = [account(name) for name in NAMES_OF]
        self.chance = random.Random(seed)
        self.done: Counter[str] = Counter()
        self.oracle = Oracle(round(clock.now().timestamp()) // 60 * 60_000)  # whole minutes: a seed is one walk
        self.present = list(NAMES_OF)
        self.carriers = {
            name: Carrier(name, random.Random(f"{seed} {name}"), WINDOW, frozenset({10_310_000_007, 10_390_000_013}))
            for name in NAMES_OF
        }
        self.served: dict[str, Served] = {}
        self.seen: dict[tuple[str, int], Seen] = {}
        self.disk: dict[str, dict[int, Seen]] = {name: {} for name in NAMES_OF}
        self.place: dict[Cell, str] = {}
        self.corrected: set[tuple[str, int]] = set()
        self.over: dict[int, Alert] = {}
        self.gone: dict[Cell, State] = {}
        self.listed: set[tuple[str, str]] = set()
        self.wall = Time(self.oracle)
        self.fuse = self.steps = 0
        self.first = 0
        self.careful = careful
        self._talk = talk
        walk = self

        class Timed(desk):  # type: ignore[valid-type, misc]
            """A desk whose time is the walk's and whose commits the walk sees."""

            wall = property(lambda self: walk.wall, lambda self, made: None)

            def _expires(self, number: int) -> float:
                return math.inf if walk.oracle.now < self.lanes.queues[number].job.expires_at else -math.inf

            def commit(self, *, idle: bool = False) -> None:
                walk.spark()
                heard = list(self.book.inbound)
                super().commit(idle=idle)
                walk.committed(self.gateway.name, self.book, heard)
                walk.spark()

        self._desk = Timed
        for name in self.present:
            self.open(name)

    def new_id(self) -> str:
        """An id for a broadcast."""
        return new_id()

    # --- senders -----------------------------------------------------------------------------------------------------------
    def open(self, name: str, *, handing: bool = False) -> None:
        """A sender takes the account."""
        fence = actions.take_lease(name, "cmpp3", holder=holder(), dead=dead_holder(name), lease_ms=3_600_000)
        assert fence is not None
        peers = tuple(account(one) for one in self.present)
        desk = self._desk(
            account(name), mode="exercise", accounts=self.present, timing=TIMING, fence=fence, peers=peers
        )
        self.login(name, desk)
        self.look_at(name, desk.book, handing=handing)

    def login(self, name: str, desk: Desk) -> None:
        """A new session."""

        def hook(what: str, of: Any) -> None:
            self.spark()
            if what == "send":
                self.leaves(name, of)
            else:
                self.acknowledged(name, of)

        segments = self.oracle.alerts
        session = Session(
            self.carriers[name], lambda number: segments[number].segments, hook, lambda: self.oracle.now // 1000
        )
        talk = self._talk(desk, session, trust=Trust())  # type: ignore[arg-type]
        talk.hear([Ready(True)])
        self.served[name] = Served(desk, talk, session)

    def crash(self, name: str) -> None:
        """The process is gone with all that was not on disk; another takes the account."""
        self.forget(name)
        self.open(name)

    def forget(self, name: str) -> None:
        """What a dead sender held in memory is gone; what it had intended is in doubt."""
        oracle = self.oracle
        self.fuse = 0
        oracle.must.clear()
        self.served.pop(name, None)
        carrier = self.carriers[name]
        carrier.ended()
        for key in [key for key in self.seen if key[0] == name]:
            del self.seen[key]
        for cell in [cell for cell, where in self.place.items() if where == name]:
            del self.place[cell]
        for number, image in self.disk[name].items():
            for (segment, at), byte in np.ndenumerate(image.state):
                cell, state = (number, image.numbers[at], int(segment)), state_of(int(byte))
                if state[0] == MOVED:
                    continue
                if state[0] == INTENDED:
                    oracle.since[cell] = oracle.now
                    oracle.anew.add(cell)
                oracle.cells[cell] = doubted(state)
        carrier.forgotten()

    def spark(self) -> None:
        """A place at which a sender may die."""
        if self.fuse:
            self.fuse -= 1
            if not self.fuse:
                raise Killed

    # --- what the senders do -------------------------------------------------------------------------------------------------
    def committed(self, name: str, book: Book, heard: list[Any]) -> None:
        """All that the book holds is on disk."""
        self._learn(book)
        self.disk[name] = {
            number: Seen(sheet.addresses(slice(None)).tolist(), sheet.state.copy())
            for number, sheet in book.sheets.items()
        }
        self.listed.update((one.message_id, one.address) for one in heard if one.kind in ("orphan", "conflict"))
        self.carriers[name].kept()

    def durable(self, name: str, cell: Cell) -> State | None:
        """What is on disk of it in this account; None where nothing is."""
        image = self.disk.get(name, {}).get(cell[0])
        if image is None or cell[1] not in image.numbers:
            return None
        found = [
            state_of(int(image.state[cell[2], at])) for at, number in enumerate(image.numbers) if number == cell[1]
        ]
        return next((one for one in found if one[0] != MOVED), None)

    def shown(self, name: str, cell: Cell) -> int:
        """The state that pages show of this recipient: the worst of the segments, on disk."""
        segments = range(self.oracle.alerts[cell[0]].segments)
        return max((self.durable(name, (cell[0], cell[1], k)) or FRESH)[0] for k in segments)

    def leaves(self, name: str, cells: tuple[Cell, ...]) -> None:
        """Bytes leave: only what is intended on disk may."""
        for cell in cells:
            on_disk = self.durable(name, cell)
            insist(on_disk is not None and on_disk[0] == INTENDED, f"{name}: {cell} left and is {on_disk} on disk")
            self.oracle.may_leave(cell, name)
        self.done["submits"] += 1

    def acknowledged(self, name: str, reports: list[Report]) -> None:
        """The gateway forgets these now: each must have had its effect on disk, or be listed there."""
        for one in reports:
            listed = (str(one.id), str(one.number)) in self.listed
            state = self.durable(name, one.cell) if one.cell else None
            if one.cell and state is None:
                state = self.oracle.cells.get(one.cell) or self.gone.get(one.cell)
            settled = state is not None and state[0] == one.code
            insist(
                settled or listed,
                f"{name}: a report {one} was acknowledged; its recipient is {state}, and it is not listed",
            )
        self.done["reports acknowledged"] += len(reports)

    # --- comparing -----------------------------------------------------------------------------------------------------------
    def look_at(self, name: str, book: Book, *, handing: bool = False) -> None:
        """Every cell of this account against the oracle."""
        self._learn(book)
        for number, sheet in sorted(book.sheets.items()):
            seen = self.seen.get((name, number))
            if seen is None or seen.state.shape != sheet.state.shape:
                seen = self._enter(name, number, sheet, seen)
            for segment, at in zip(*np.nonzero(seen.state != sheet.state), strict=True):
                cell, byte = (number, seen.numbers[at], int(segment)), int(sheet.state[segment, at])
                if byte & CODE_MASK == MOVED:
                    insist(handing and self.oracle.cells.get(cell, FRESH) == FRESH, f"{name}: {cell} moved")
                    if self.place.get(cell) == name:
                        del self.place[cell]
                else:
                    self.oracle.check(cell, state_of(byte), name)
                seen.state[segment, at] = byte
        for number in [number for of, number in self.seen if of == name and number not in book.sheets]:
            self._dropped(name, number)
        if name in self.present:
            self.oracle.taken_by(
                name, book.applied, lambda cell: self.place.get(cell) == name and not self._came_back(name, cell)
            )

    def _came_back(self, name: str, cell: Cell) -> bool:
        """Whether what is known to be wrong applies: given away by this account before, and given back."""
        seen = self.seen.get((name, cell[0]))
        return self.careful and seen is not None and seen.numbers.count(cell[1]) > 1

    def _enter(self, name: str, number: int, sheet: Sheet, before: Seen | None) -> Seen:
        """A sheet read in, or grown: everybody must be as the oracle has it."""
        numbers = sheet.addresses(slice(None)).tolist()
        alert = self.oracle.alerts[number]
        own = bool((sheet.origin == sheet.blocks).all())  # nobody handed any of it over
        if alert.parent and own and before is None and (name, number) not in self.corrected:
            self.corrected.add((name, number))
            self._audience(name, alert, numbers)
        state = np.empty_like(sheet.state)
        for (segment, at), byte in np.ndenumerate(sheet.state):
            cell = (number, numbers[at], int(segment))
            if byte & CODE_MASK == MOVED:
                state[segment, at] = byte
                continue
            insist(self.place.get(cell, name) == name, f"{cell} stands in {name} and {self.place.get(cell)}")
            code, doubts = self.oracle.cells.get(cell, FRESH)
            state[segment, at] = code | doubts << DOUBT_SHIFT
            self.place[cell] = name
        found = self.seen[name, number] = Seen(numbers, state)
        return found

    def _learn(self, book: Book) -> None:
        for number in book.sheets:
            if number not in self.oracle.alerts:
                self._new(number)

    def _new(self, number: int) -> None:
        if number in self.over:  # taken in once more
            self.oracle.alerts[number] = self.over.pop(number)
            self.oracle.cells.update({cell: state for cell, state in self.gone.items() if cell[0] == number})
            return
        row = Broadcast.objects.get(number=number)
        everyone = (*self.oracle.alerts.values(), *self.over.values())
        parent = next(one for one in everyone if one.id == row.parent)
        self.oracle.alerts[number] = Alert(
            number, row.id, (), row.segments, WAITS[row.policy] * 1000, row.expires_at, parent=parent.number
        )
        self.done["corrections"] += 1

    def _audience(self, name: str, alert: Alert, numbers: list[int]) -> None:
        """Exactly those to whom the alert was ever intended through this account; those who got it among them."""
        parent = self.seen.get((name, alert.parent))
        if parent is None:
            return  # a part that another account handed over
        ever = {
            parent.numbers[at]
            for at in range(len(parent.numbers))
            if any(int(byte) & CODE_MASK not in (*LEFT, MOVED) for byte in parent.state[:, at])
        }
        told = {number for of, number, _ in self.carriers[name].copies if of == alert.parent}
        insist(told <= set(numbers), f"{name}: told and not corrected: {told - set(numbers)}")
        insist(set(numbers) == ever, f"{name}: the correction is for {numbers}, the alert was intended for {ever}")
        alert.numbers = tuple(sorted({*alert.numbers, *numbers}))

    def _dropped(self, name: str, number: int) -> None:
        """A sender has let go of a broadcast: nothing may be open there."""
        seen = self.seen.pop((name, number))
        image = self.disk[name].get(number, seen)  # something may have settled in the same breath
        for segment, at in zip(*np.nonzero(seen.state != image.state), strict=True):
            self.oracle.check((number, seen.numbers[at], int(segment)), state_of(int(image.state[segment, at])), name)
        seen = image
        for at, worst in enumerate((seen.state & CODE_MASK).max(axis=0).tolist()):
            insist(
                worst in (*FINAL, STOPPED, EXPIRED, MOVED, ACCEPTED),
                f"{name}: {number} {seen.numbers[at]} let go as {worst}",
            )
            for segment in range(len(seen.state)):
                cell = (number, seen.numbers[at], segment)
                if self.place.get(cell) == name:
                    del self.place[cell]
                    self.oracle.let_go.add(cell)
        self.disk[name].pop(number, None)
        self.done["let go"] += 1

    def sweep(self) -> None:
        """What is closed is compared once more, and its last states are kept for reports that come after."""
        oracle = self.oracle
        open_ = {number for _, number in self.seen}
        applied = Control.objects.values_list("applied", flat=True).first() or 0
        for row in Broadcast.objects.filter(number__in=oracle.alerts, closed=True):
            if row.number in open_ or oracle.alerts[row.number].ordered > applied:
                continue
            self.over[row.number] = oracle.alerts.pop(row.number)
            self.on_disk(self.over[row.number])
            for cell in [cell for cell in oracle.cells if cell[0] == row.number]:
                self.gone[cell] = oracle.cells.pop(cell)
                oracle.since.pop(cell, None)
            self.done["closed"] += 1

    def on_disk(self, alert: Alert) -> None:
        """What pages read: everybody once, in the worst of their segments' states, and as the phones know it."""
        rows = list(queries.export(alert.id))
        if not alert.parent:
            insist(sorted(row.address for row in rows) == sorted(alert.numbers), f"{alert.id}: not everybody once")
        tally = queries.progress([alert.id])[alert.id]
        counted = Counter(row.state for row in rows)
        insist(
            {state: getattr(tally, state) for state in counted} == dict(counted), f"{alert.id}: {tally} and {counted}"
        )
        for row in rows:
            cells = [(alert.number, row.address, segment) for segment in range(alert.segments)]
            copies = [sum(one.copies[cell] for one in self.carriers.values()) for cell in cells]
            insist(not (row.state in ("unsent", "stopped", "expired") and min(copies)), f"{row}: {copies} copies")
            insist(max(copies) <= 1 + row.doubts, f"{row}: {copies} copies")
            insist(not (row.state == "delivered" and not min(copies)), f"{row}: {copies} copies")
            durable = [self.durable(name, cell) for cell in cells for name in self.disk]
            known = [one for one in durable if one is not None]
            if known and all(self.place.get(cell) in self.served for cell in cells):
                worst = max(code for code, _ in known)
                insist(NAMES[worst] == row.state, f"{row}: the senders wrote {NAMES[worst]}")
