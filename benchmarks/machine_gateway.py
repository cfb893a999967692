"""A gateway in plain Python, as the random walk knows it: every copy it took, what it said about it, what it has yet to say."""

import random
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fenghuo.delivery.gateways import line
from fenghuo.delivery.gateways.line import REFUSED, RETRY, TAKEN, Answers, Receipts, Stated
from fenghuo.delivery.ledger.states import DELIVERED, FAILED

Cell = tuple[int, int, int]  # broadcast, number, segment
UNKNOWN = 9_000_000_000  # ids from here on were given to nobody
WORDS = {DELIVERED: b"DELIVRD", FAILED: b"UNDELIV"}
ON_THE_LINE = {DELIVERED: line.DELIVERED, FAILED: line.FAILED}


class Killed(Exception):
    """The process is gone."""


@dataclass(eq=False)
class Submit:
    """One PDU that left, and what the gateway made of it."""

    ticket: int
    cells: tuple[Cell, ...]
    verdict: int  # 0: it never came
    base: int
    answered: bool = False  # an answer is still to come, or came
    known: bool = False  # the sender has the answer, in memory at least
    durable: bool = False  # and on disk


@dataclass(eq=False)
class Report:
    """A status report about one copy; `submit` None: about nothing that was ever sent here."""

    id: int
    number: int
    code: int
    cell: Cell | None
    submit: Submit | None
    taken: int  # when the gateway says it took the message, seconds; 0 where it does not say


@dataclass(eq=False)
class Carrier:
    """An account at its gateway, over all sessions. `copies` counts what phones got."""

    name: str
    chance: random.Random
    window: int
    bad: frozenset[int]
    copies: Counter[Cell] = field(default_factory=Counter)
    reports: list[Report] = field(default_factory=list)  # to be said
    unacknowledged: dict[int, list[Report]] = field(default_factory=dict)  # said in this session, by token
    fresh: list[Submit] = field(default_factory=list)  # answers heard and not yet on disk
    _next: int = 70_000
    _tokens: int = 0

    def took(self, ticket: int, cells: tuple[Cell, ...], now: int) -> Submit:
        """A submit has arrived, or has not."""
        if any(number in self.bad for _, number, _ in cells):
            return Submit(ticket, cells, REFUSED, 0, answered=True)
        kind = self.chance.random()
        if kind < 0.05:
            return Submit(ticket, cells, 0, 0)
        if kind < 0.12:
            return Submit(ticket, cells, RETRY, 0, answered=True)
        submit = Submit(ticket, cells, TAKEN, self._ids(len(cells)), answered=kind > 0.2)
        self.copies.update(cells)
        for at, cell in enumerate(cells):
            if self.chance.random() < 0.9:
                self._report(submit, at, cell, now)
        return submit

    def _ids(self, count: int) -> int:
        base = self._next
        # The low half is a number that wraps by itself; now and then the wrap is near.
        self._next += count if self.chance.random() < 0.97 else 0x10000 - (base & 0xFFFF) - 1
        if (base & 0xFFFF) + count > 0xFFFF:
            # What wrapped has the lowest numbers of its own upper half, which is a time and the gateway's code: none is another's
            # neighbour, so what another gateway would have counted on into is given to nobody.
            self._next = (base | 0xFFFF) + 1 + 0x10100
        return base

    def _report(self, submit: Submit, at: int, cell: Cell, now: int) -> None:
        taken = now - now % 60 if self.chance.random() < 0.9 else 0  # whole minutes, as gateways say it
        number = (submit.base & ~0xFFFF) | ((submit.base + at) & 0xFFFF)
        code = self.chance.choice((DELIVERED, DELIVERED, DELIVERED, FAILED))
        self.reports.append(Report(number, cell[1], code, cell, submit, taken))
        if self.chance.random() < 0.15:  # said twice, now and then the opposite
            again = code if self.chance.random() < 0.6 else DELIVERED + FAILED - code
            self.reports.append(Report(number, cell[1], again, cell, submit, taken))

    def stray(self, number: int) -> None:
        """Something about a message that nobody sent."""
        self.reports.append(Report(UNKNOWN + self.chance.randrange(10**6), number, DELIVERED, None, None, 0))

    def said(self, reports: list[Report]) -> Receipts:
        """Reports on their way; they come again unless they are acknowledged."""
        self._tokens += 1
        self.unacknowledged[self._tokens] = reports
        return Receipts(
            np.array([one.id for one in reports], dtype=np.uint64),
            np.array([one.number for one in reports], dtype=np.uint64),
            np.array([ON_THE_LINE[one.code] for one in reports], dtype=np.uint8),
            np.array([WORDS[one.code] for one in reports], dtype="S7"),
            np.zeros(len(reports), dtype=np.uint32),
            self._tokens,
            Stated(np.array([one.taken for one in reports], dtype=np.uint32), lambda rows: rows),
        )

    def learned(self, submit: Submit) -> None:
        """The sender has heard this answer; it is not on disk yet."""
        submit.known = True
        self.fresh.append(submit)

    def kept(self) -> None:
        """All that the sender has heard is on disk."""
        for one in self.fresh:
            one.durable = True
        self.fresh.clear()

    def forgotten(self) -> None:
        """The sender died: what was not on disk, it never heard."""
        for one in self.fresh:
            one.known = one.durable
        self.fresh.clear()

    def ended(self) -> None:
        """The session is over: what was not acknowledged is said again, and no answer comes any more."""
        for reports in self.unacknowledged.values():
            self.reports += reports
        self.unacknowledged.clear()


class Session:
    """One login: what a `Talk` takes for its line. `hook` is told of every submit and every acknowledgement."""

    def __init__(
        self,
        carrier: Carrier,
        segments: Callable[[int], int],
        hook: Callable[[str, Any], None],
        now: Callable[[], int],
    ) -> None:
        self.flying: dict[int, Submit] = {}
        self.late: dict[int, Submit] = {}  # given up on, and perhaps answered after all
        self._carrier = carrier
        self._segments = segments
        self._hook = hook
        self._now = now
        self._tickets = 0
        self._places: deque[int] = deque()

    @property
    def room(self) -> int:
        """Places of the window."""
        return self._carrier.window - len(self._places)

    def message(self, text: str, *, reference: int, src_id: str) -> int:
        """Only whose text it is matters here."""
        return reference

    def reserve(self, count: int) -> Any:
        """So many places."""
        assert count <= self.room, "more than the window"
        tickets = range(self._tickets, self._tickets + count)
        self._tickets += count
        self._places.extend(tickets)
        return np.array(tickets, dtype=np.uint32)

    def send(self, message: int, tickets: Any, addresses: Any, batch: int, segment: int | None, now: float) -> None:
        """Bytes leave."""
        numbers, left = addresses.tolist(), tickets.tolist()
        for start in range(0, len(numbers), batch):
            part = numbers[start : start + batch]
            for one in range(self._segments(message)) if segment is None else (segment,):
                cells = tuple((message, number, one) for number in part)
                ticket = left.pop(0)
                self._hook("send", cells)
                self.flying[ticket] = self._carrier.took(ticket, cells, self._now())
        assert not left

    def beat(self, now: float) -> None:
        """Nobody asks here whether it lives."""

    def free(self, tickets: Any) -> None:
        """Places back."""
        for ticket in tickets.tolist():
            self._places.remove(ticket)

    def acknowledge(self, token: int) -> None:
        """The sender says that these are safe."""
        self._hook("acknowledge", self._carrier.unacknowledged.pop(token))

    def answers(self, submits: list[Submit], *, late: bool) -> Answers:
        """What the gateway says of these."""
        for one in submits:
            (self.late if late else self.flying).pop(one.ticket)
        columns = [(one.ticket, one.verdict, 0 if one.verdict == TAKEN else 8, one.base) for one in submits]
        tickets, verdicts, results, ids = (np.array(column) for column in zip(*columns, strict=True))
        return Answers(
            tickets.astype(np.uint32),
            verdicts.astype(np.uint8),
            results.astype(np.uint32),
            ids.astype(np.uint64),
            late,
            slower=False,
        )
