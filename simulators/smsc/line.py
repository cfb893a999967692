"""One connection of the simulated SMS centre: login, deliveries, timers, and the faults of the line itself."""

import asyncio
from typing import cast

from fenghuo.wire.cmpp import (
    Answered,
    CancelResp,
    Closed,
    Connect,
    DeliverResps,
    Event,
    Limits,
    LinkTested,
    LoginAttempt,
    Query,
    QueryResp,
    Run,
    ServerSession,
    Submits,
    Unreadable,
)
from fenghuo.wire.cmpp.authentication import connect_is_authentic
from fenghuo.wire.cmpp.layout import SUBMIT
from fenghuo.wire.smpp import Bind, BindAttempt
from simulators.smsc import smpp
from simulators.smsc.counter import Counter, Outcome
from simulators.smsc.desk import RESULTS, Desk
from simulators.smsc.outbox import Flight
from simulators.smsc.state import State

BATCH = 1024  # reports built and written at a time
HIGH_WATER = 1 << 20


class Line(asyncio.Protocol):
    """The gateway's end of one TCP connection."""

    def __init__(self, state: State, number: int, loop: asyncio.AbstractEventLoop) -> None:
        self.state = state
        self.number = number
        self.desk: Desk | None = None
        self.muted = False
        self.over = False
        self._loop = loop
        self._flight = Flight()
        self._paused = False
        self._gathered = bytearray()
        self._timer: asyncio.TimerHandle | None = None
        plan = state.plan
        limits = Limits(0, plan.idle, plan.answer, plan.tries)
        self.session: ServerSession | smpp.Session
        if plan.protocol == "smpp":
            self.session = smpp.Session(limits, state, now=loop.time())
        else:
            self.session = ServerSession(limits, now=loop.time())

    def silent(self) -> bool:
        """Whether nothing may be said on this connection any more."""
        return self.muted or self.state.plan.deaf or self._transport.is_closing()

    # --- asyncio's calls -----------------------------------------------------------------------------------------
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there; nothing is said before it logs in."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=HIGH_WATER)
        self.state.figures.connections += 1

    def data_received(self, data: bytes) -> None:
        """Bytes from the client."""
        if self.silent():
            return
        for event in self.session.receive(data, self._loop.time()):
            self._handle(event)
            if self.silent():
                return
        self.work()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone, perhaps killed: what it did not acknowledge waits for its next connection."""
        self.session.lost()
        self.over = True
        if self._timer:
            self._timer.cancel()
        left = self._flight.abandon()
        if self.desk:
            self.desk.lines -= 1
            if self.work in self.desk.receivers:
                self.desk.receivers.remove(self.work)
            if self.state.plan.redeliver:
                self.desk.outbox.give_back(left)
                self.state.figures.reports_again += sum(piece.stop - piece.start for piece in left)

    def pause_writing(self) -> None:
        """The client reads more slowly than we write."""
        self._paused = True

    def resume_writing(self) -> None:
        """It has caught up."""
        self._paused = False
        self.work()

    def drop(self) -> None:
        """Breaks the connection without a word."""
        self._transport.abort()

    # --- what the session says -----------------------------------------------------------------------------------
    def _handle(self, event: Event | BindAttempt) -> None:
        figures = self.state.figures
        match event:
            case Submits() if self.desk:
                self._submitted(event, self.desk)
            case DeliverResps():
                self._acknowledged(event.run)
            case LoginAttempt():
                self._login(event.connect)
            case BindAttempt():
                self._bind(event.bind)
            case LinkTested():
                figures.link_tests += 1
            case Unreadable() if event.run.command == SUBMIT:
                figures.unreadable += event.run.frames
                self.session.respond(event.run, bytes(8 * event.run.frames), RESULTS[self.state.plan.protocol].length)
            case Answered():
                self._question(event)
            case Closed():
                self.flush()
                self._transport.close()
            case _:
                pass

    def _login(self, connect: Connect) -> None:
        assert isinstance(self.session, ServerSession)
        figures, plan = self.state.figures, self.state.plan
        desk = self.state.desks.get(connect.sp_id)
        status = self._verdict(connect, desk)
        if status or desk is None:
            figures.logins_refused[status] += 1
            self.session.refuse(connect, status, max(plan.versions))
            self.flush()
            self._transport.close()
            return
        self._enter(desk)
        self.session.accept(connect, (desk.account.secret + ("?" if plan.false_proof else "")).encode())
        desk.receivers.append(self.work)

    def _bind(self, bind: Bind) -> None:
        assert isinstance(self.session, smpp.Session)
        desk = self.state.desks.get(bind.system_id)
        status = self.state.plan.login_status
        if not status:
            status = smpp.INVALID_SYSTEM_ID if desk is None else self._bind_status(bind, desk)
        if status or desk is None:
            self.state.figures.logins_refused[status] += 1
            self.session.refuse(bind, status)
            self.flush()
            self._transport.close()
            return
        self._enter(desk)
        self.session.accept(bind)
        if self.session.receives:
            desk.receivers.append(self.work)

    @staticmethod
    def _bind_status(bind: Bind, desk: Desk) -> int:
        if bind.password != desk.account.secret:
            return smpp.INVALID_PASSWORD
        most = desk.account.connections
        return smpp.ALREADY_BOUND if most and desk.lines >= most else 0

    def _enter(self, desk: Desk) -> None:
        self.state.figures.logins += 1
        desk.lines += 1
        self.desk = desk

    def _verdict(self, connect: Connect, desk: Desk | None) -> int:
        if self.state.plan.login_status:
            return self.state.plan.login_status
        if desk is None:
            return 2
        if connect.version not in self.state.plan.versions:
            return 4
        if not connect_is_authentic(connect, desk.account.secret.encode()):
            return 3
        most = desk.account.connections
        return 5 if most and desk.lines >= most else 0

    def _submitted(self, event: Submits, desk: Desk) -> None:
        counter = Counter(self.state, desk, self.number, self._loop.time())
        for outcome in counter.outcomes(event, self.session.layout):
            if outcome.fault:
                self.state.figures.faults[outcome.fault] += 1
                self.flush()  # what was said before the fault was said
            if outcome.fault in ("drop_before", "drop_after"):
                self._transport.abort()
                return
            if outcome.fault == "mute":
                self.muted = True
                return
            if self.state.plan.early_reports:
                self.deliver()
            self._respond(outcome, desk)
            self.flush()  # the client can go on while its reports are being written
            if outcome.fault == "terminate":
                self.session.terminate(self._loop.time())

    def _respond(self, outcome: Outcome, desk: Desk) -> None:
        figures = self.state.figures
        desk.unanswered += outcome.run.frames
        figures.peak_unanswered = max(figures.peak_unanswered, desk.unanswered)
        if outcome.delay > 0:
            self._loop.call_later(outcome.delay, self._answer, outcome, desk)
        else:
            self._answer(outcome, desk)

    def _answer(self, outcome: Outcome, desk: Desk) -> None:
        desk.unanswered -= outcome.run.frames
        if self.silent():
            return
        if outcome.fault in ("bad_length", "garbage"):
            self.flush()
            self._transport.write(NOISE[outcome.fault])
            return
        for _ in range(outcome.times):
            self.session.respond(outcome.run, outcome.msg_ids, outcome.result)
        if outcome.delay > 0:
            self.work()

    def _acknowledged(self, run: Run) -> None:
        figures = self.state.figures
        strays = self._flight.answered(run)
        figures.stray_acknowledgements += strays
        figures.reports_acknowledged += run.frames - strays
        results = run.column(20, self.session.layout.result)
        if results.strip(b"\0"):
            width = self.session.layout.result
            figures.reports_refused += sum(any(results[k : k + width]) for k in range(0, len(results), width))

    def _question(self, event: Answered) -> None:
        assert isinstance(self.session, ServerSession)
        pdu, figures = event.pdu, self.state.figures
        if isinstance(pdu, Query):
            accepted = figures.accepted
            failed = sum(figures.refused.values())
            totals = (accepted + failed, accepted + failed, accepted, 0, failed, figures.messages_sent, 0, 0)
            self.session.answer(QueryResp(pdu.sequence, pdu.time, pdu.query_type, pdu.query_code, *totals))
        else:
            self.session.answer(CancelResp(pdu.sequence, 1, self.session.layout.result))  # too late: it has left

    # --- output --------------------------------------------------------------------------------------------------
    def work(self) -> None:
        """Sends what is due and asks to be woken when more is."""
        for event in self.session.tick(self._loop.time()):
            self._handle(event)
        self.deliver()
        self.flush()
        self._arm()
        if self.desk and self.session.state == "bound" and not self.session.receives:
            for wake in list(self.desk.receivers):
                wake()

    def deliver(self) -> None:
        """Writes due reports and messages until the client's buffer or the report window is full."""
        figures, window = self.state.figures, self.state.plan.report_window
        while self.desk and self.session.receives and not self._paused and not self.muted:
            room = min(BATCH, window - self._flight.unanswered) if window else BATCH
            piece = self.desk.outbox.take(room, self._loop.time())
            if piece is None:
                return
            size = piece.stop - piece.start
            first = self.session.reserve(size)
            frames = piece.mail.build(piece.start, piece.stop, first, self.session.layout, self.state.moment())
            self.session.send(first, size, frames, self._loop.time())
            self._flight.sent(first, piece)
            figures.reports_sent += size
            figures.peak_reports_unanswered = max(figures.peak_reports_unanswered, self._flight.unanswered)
            self.flush()

    def flush(self) -> None:
        """Writes what the session has to say, chopped or gathered as the plan wants."""
        data = self.session.outgoing()
        if not data or self.silent():
            return
        if self.state.plan.coalesce:
            if not self._gathered:
                self._loop.call_later(self.state.plan.coalesce, self._spill)
            self._gathered += data
        else:
            self._write(data)

    def _spill(self) -> None:
        data = bytes(self._gathered)
        self._gathered.clear()
        if not self.silent():
            self._write(data)

    def _write(self, data: bytes) -> None:
        chop = self.state.plan.chop
        if not chop:
            self._transport.write(data)
            return
        at = 0
        while at < len(data):
            step = self.state.random.randint(1, chop)
            self._transport.write(data[at : at + step])
            at += step

    def _arm(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        dues = [self.session.deadline(), self.desk.outbox.deadline() if self.desk and self.session.receives else None]
        wake = min((due for due in dues if due is not None), default=None)
        if wake is not None and not self._transport.is_closing():
            self._timer = self._loop.call_at(wake, self.work)


NOISE = {
    "bad_length": bytes.fromhex("00000007800000040000000100"),
    "garbage": bytes.fromhex("deadbeefcafef00d0123456789abcdef"),
}
