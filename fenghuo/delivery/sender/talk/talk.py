"""One connection's conversation: what the gateway says goes into the book, what the book has claimed goes to the gateway."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from fenghuo.delivery.gateways.line import (
    RETRY,
    TAKEN,
    Alive,
    Answers,
    Ended,
    Line,
    Pause,
    Ready,
    Receipts,
    Said,
    Unanswered,
    Value,
)
from fenghuo.delivery.ledger.values import Claim, Reports
from fenghuo.delivery.sender.desk import Desk, reading
from fenghuo.delivery.sender.talk.flight import Flight
from fenghuo.delivery.sender.talk.late import Late
from fenghuo.delivery.sender.talk.trust import Trust
from fenghuo.ground import clock

CALM = 60.0  # seconds after the last throttling before a line without work counts as well again


@dataclass(eq=False)
class _Held:
    """Receipts that came before the answer to their submit, and what acknowledges them."""

    reports: Reports
    token: Any


class Talk:
    """See the module. `turn` is one round: enter what came, claim, commit, then free, acknowledge and send."""

    def __init__(
        self, desk: Desk, connection: Line, *, trust: Trust, write: Callable[[Line], None] = lambda line: None
    ) -> None:
        self._desk = desk
        desk.meter.untimed()
        self._line = connection
        self._write = write
        self._trust = trust
        self._brake = trust.brake
        self.probing = trust.doubted  # a heartbeat, then a single number, until a submit is answered
        self.flight = Flight()
        self.ready = False
        self.alive = False  # an answer to a heartbeat came since this was last made false
        self.proved = False  # more than the login was answered
        self.moved = False  # the gateway took or refused something
        self._began_at = clock.monotonic()
        self._ready_at: float | None = None
        self._beaten_at: float | None = None  # when it last answered a heartbeat, or could not be asked for one
        desk.book.renumbered()  # nothing of what was is handed out here
        desk.replies.begin(desk.now_ms())
        self.ended: Ended | None = None
        self.heard_at = clock.monotonic()
        self._late = Late()
        self._moved_at = 0.0  # the gateway took or refused something, or was given something while it owed nothing
        self._held: list[_Held] = []
        self._tokens: list[Any] = []
        self._unsent: list[Any] = []  # intended, and never given to the line
        self._answered = False  # a submit
        self._messages: dict[int, Any] = {}

    @property
    def over(self) -> bool:
        """Whether the line has ended."""
        return self.ended is not None

    @property
    def age(self) -> float:
        """Seconds since it began."""
        return clock.monotonic() - self._began_at

    @property
    def trusted(self) -> bool:
        """Whether the gateway counts as there: a login is enough where the last connection did not end in doubt of it.

        One that left submits unanswered must answer one; where nobody waits, go on answering heartbeats for as long as a
        submit may take.
        """
        if not self.ready or not self._trust.doubted or self._answered:
            return self.ready
        if not self.proved or not self._trust.mute:
            return self.proved
        since = (self._beaten_at or 0.0) - (self._ready_at or 0.0)
        return since >= self._desk.timing.timers.answer and not len(self.flight) and not self._desk.waits

    @property
    def refused(self) -> str:
        """What the gateway refuses everybody with, "" while it does not."""
        return self._brake.told

    def well_at(self, now: float) -> float:
        """When this line was last known to do its work: now, if the gateway owes no answer and keeps nobody waiting."""
        if not self.trusted:
            return 0.0
        if self._brake.code:
            return self._brake.since
        pace = self._desk.pace
        # One that only throttles is not handed back at once what it was just relieved of.
        calm = pace.throttled_at is None or now - pace.throttled_at > CALM
        owes = len(self.flight) or (pace.refused and (self._desk.waits or not calm))
        return self._moved_at if owes else now

    # --- hearing ---------------------------------------------------------------------------------------------------------------
    def hear(self, values: list[Value]) -> None:
        """Enter what the gateway said into the book. Nothing is acknowledged and no place is free before the next commit."""
        self._renumber()
        for value in values:
            match value:
                case Receipts():
                    self._receipts(value)
                case Answers():
                    self._answers(value)
                case Unanswered(tickets, heard):
                    self._unanswered(tickets, heard)
                case Said():
                    self._said(value)
                case Ready():
                    self._let_in()
                case Alive(asked):
                    self._beaten(asked)
                case Pause(seconds):
                    self._desk.pace.throttled(clock.monotonic(), seconds)
                case Ended():
                    self.ended = value

    def _let_in(self) -> None:
        self.ready, self._ready_at = True, clock.monotonic()
        if self._trust.doubted:
            self._line.beat(self._ready_at)

    def _beaten(self, asked: bool) -> None:
        self._beaten_at, self.alive = clock.monotonic(), True
        if asked:
            self.proved = self._trust.beats = True
            self.heard_at = self._beaten_at

    def _answers(self, answers: Answers) -> None:
        book, now = self._desk.book, self._desk.now()
        if answers.late:
            # A late "not taken" changes nothing: a further copy may be on the line already.
            known, pdus = self._late.take(answers.tickets, answers.verdicts == TAKEN)
            columns = tuple(column[known] for column in (answers.verdicts, answers.results, answers.ids))
            book.account_for(pdus)
        else:
            tickets, pdus = self.flight.take(answers.tickets)
            self.flight.recipients -= book.destinations(pdus)
            self._desk.meter.answered(answers.tickets, answers.verdicts, clock.monotonic())
            self._line.free(
                tickets
            )  # taken again only by an intent of the same commit, so never before this is durable
            columns = (answers.verdicts, answers.results, answers.ids)
            self._answered, self.proved, self.probing = True, True, False
            if not len(self.flight):
                self._desk.pace.arrived(clock.monotonic())
            if (answers.verdicts != RETRY).any():
                self._moved_at, self.moved = clock.monotonic(), True
        verdicts, results, ids = columns
        judged = self._brake.judge(
            lambda at: book.single(int(pdus[at])), verdicts, results, answers.word, clock.monotonic()
        )
        words = self._words_of(judged, results, answers.word)
        for claim in book.answer(pdus, judged, results, ids, words, now):
            queue = self._desk.lanes.queues[claim.broadcast]
            if self._brake.keeps(claim):
                queue.set_aside(claim)
            else:
                queue.again([claim])
        if answers.late:
            book.answered_late(pdus, now)
        if (verdicts == RETRY).any():
            if answers.slower:
                self._desk.pace.throttled(clock.monotonic())
        elif len(verdicts):
            self._desk.pace.taken()
        self._enter_held()

    def _enter_held(self) -> None:
        held, self._held = self._held, []
        for one in held:
            self._enter(one.reports, one.token)

    def _renumber(self) -> None:
        """The book has cleared away what it no longer holds: submits have other numbers there."""
        book = self._desk.book
        table = book.renumbered()
        if table is None:
            return
        self.flight.pdus = table[self.flight.pdus]
        self.flight.recipients = book.destinations(self.flight.pdus)
        self._unsent = [table[pdus] for pdus in self._unsent]
        self._late.renumber(table)

    def _words_of(self, verdicts: Any, results: Any, word: bytes) -> Any:
        words = np.zeros(len(verdicts), dtype=np.uint16)
        for at in np.flatnonzero((verdicts != TAKEN) & (verdicts != RETRY)).tolist():
            words[at] = self._desk.words.number(b"R:" + (word or str(int(results[at])).encode()))
        return words

    def _receipts(self, receipts: Receipts) -> None:
        found = reading.reports(receipts, self._desk.words, self._desk.now())
        if found is None:
            self._tokens.append(receipts.token)
        else:
            self._enter(found, receipts.token)

    def _enter(self, reports: Reports, token: Any) -> None:
        held = self._desk.book.receive(reports, self._desk.now_ms(), hold=len(self.flight) > 0)
        if held is None:
            self._tokens.append(token)
        else:
            self._held.append(_Held(held, token))

    def _unanswered(self, tickets: Any, heard: bool) -> None:
        silent = clock.monotonic() - self.heard_at >= self._desk.timing.timers.answer
        if self.probing or (not heard and (silent or not self._answered)):
            # A second window is not risked on a gateway that answers nothing, nor a second number.
            self.ended = Ended("silence", False)
            return
        tickets, pdus = self.flight.take(tickets)
        self.flight.recipients -= self._desk.book.destinations(pdus)
        self._desk.book.doubt(pdus, self._desk.now())
        self._desk.meter.untimed()
        self._line.free(tickets)
        self._late.add(tickets, pdus)
        self._enter_held()

    def _said(self, said: Said) -> None:
        self._desk.book.inbound.append(self._desk.replies.said(said, self._desk.now_ms()))
        if said.token is not None:
            self._tokens.append(said.token)

    # --- speaking ----------------------------------------------------------------------------------------------------------------
    def turn(self) -> None:
        """Claim, commit, and only then acknowledge and send."""
        self._renumber()
        desk = self._desk
        room = self._room()
        desk.read_orders(always=room > 0)
        claims = desk.claim(room, self.flight.recipients, self._window, single=self._single) if room > 0 else []
        self._kept_back(room, claims)
        prepared = self._prepare(claims)
        desk.commit()
        for token in self._tokens:
            self._line.acknowledge(token)
        self._tokens.clear()
        early = desk.due - clock.monotonic() if prepared else 0.0
        if early > 0:
            self._write(self._line)
            time.sleep(early)  # milliseconds, and to the point: the contract lets them leave then and not before
        for claim, tickets, pdus in prepared:
            self._send(claim, tickets, pdus)
        self._write(self._line)
        if prepared:
            desk.pace.left(clock.monotonic())

    @property
    def full(self) -> bool:
        """Nothing can leave before something is heard."""
        return self._desk.usable(self._room(), self._window) <= 0

    def _room(self) -> int:
        if not self.ready or self.ended is not None:
            return 0
        if self._brake.waits(clock.monotonic()):
            return 0
        if self._single:
            return 0 if len(self.flight) or (self.probing and not self._may_probe) else 1
        return self._line.room

    @property
    def _single(self) -> bool:
        """Whether a single number at a time is tried."""
        return self.probing or bool(self._brake.code)

    def _kept_back(self, room: int, claims: list[Claim]) -> None:
        """Those whom the gateway refused, perhaps for no reason of theirs, come again when it is known what became of others."""
        now = clock.monotonic()
        if claims and self._brake.code:
            self._brake.probed(now)
        kept = [queue for queue in self._desk.lanes.queues.values() if queue.kept]
        if kept and self._brake.releases(now, idle=room > 0 and not claims and not len(self.flight)):
            for queue in kept:
                queue.take_back()

    @property
    def _may_probe(self) -> bool:
        """Whether a single number may be risked: the gateway answered a heartbeat, or has never answered any and had time to."""
        if self._beaten_at is not None:
            return True
        ready_at = self._ready_at or clock.monotonic()
        return not self._trust.beats and clock.monotonic() - ready_at >= self._desk.timing.timers.answer

    @property
    def _window(self) -> int:
        return 1 if self._single else self._desk.gateway.places

    def _prepare(self, claims: list[Claim]) -> list[tuple[Claim, Any, Any]]:
        """Enter the intents and take their places; nothing leaves."""
        if claims and not len(self.flight) and not self._desk.pace.refused:
            self._moved_at = clock.monotonic()
        prepared = []
        for claim, pdus in zip(claims, self._desk.book.intend(claims, self._desk.now()), strict=True):
            tickets = self._line.reserve(len(pdus))
            messages = self._desk.book.destinations(pdus)
            self.flight.add(tickets, pdus, messages)
            self._desk.meter.left(submits=len(pdus), messages=messages, recipients=0 if claim.segment else claim.count)
            prepared.append((claim, tickets, pdus))
        return prepared

    def _send(self, claim: Claim, tickets: Any, pdus: Any) -> None:
        if not self._desk.leased:
            self._unsent.append(pdus)
            self.ended = Ended("lease", False)
            return
        message = self._message(claim.broadcast)
        numbers = self._desk.book.addresses(claim)
        now = clock.monotonic()
        self._desk.meter.time(int(tickets[0]), now)
        self._line.send(message, tickets, numbers, claim.batch, claim.segment, now)

    def _message(self, broadcast: int) -> Any:
        known = self._messages.get(broadcast)
        if known is None:
            job = self._desk.book.jobs[broadcast]
            known = self._line.message(job.text, reference=job.number, src_id=job.src_id)
            self._messages = {number: one for number, one in self._messages.items() if number in self._desk.book.jobs}
            self._messages[broadcast] = known
        return known

    def finish(self) -> None:
        """This side has said good-bye."""
        self.ended = Ended("stopped", False)

    # --- the end -----------------------------------------------------------------------------------------------------------------
    def close(self) -> bool:
        """The line is gone: whatever is on it is in doubt, and that is durable. True when it answered no submit at all."""
        self._renumber()
        book, now = self._desk.book, self._desk.now()
        mute = len(self.flight) > 0 and not self._answered
        for pdus in self._unsent:
            book.withdraw(pdus, now)
            self.flight.pdus = np.setdiff1d(self.flight.pdus, pdus)
        book.doubt(self.flight.pdus, now)
        self.flight = Flight()
        for one in self._held:
            book.receive(one.reports, self._desk.now_ms(), hold=False)
        self._held.clear()
        self._desk.replies.end(self._desk.now_ms())
        self._desk.commit()
        if self._unsent:
            self._desk.requeue()
        return mute
