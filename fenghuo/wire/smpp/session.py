"""What both ends of a line have in common: framing, sequence numbers, window, timers, link test, good-bye.

Sans-IO: bytes in through `receive`, bytes out through `outgoing`, time as an argument (monotonic seconds). A session belongs
to one connection and ends with it.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from fenghuo.wire.smpp import layout as at
from fenghuo.wire.smpp.batch import encode_nacks
from fenghuo.wire.smpp.encoder import encode
from fenghuo.wire.smpp.events import (
    LOST,
    PROTOCOL,
    SILENCE,
    TERMINATED,
    Closed,
    Event,
    LinkAlive,
    LinkTested,
    Unanswered,
    Unserved,
)
from fenghuo.wire.smpp.framing import Framer
from fenghuo.wire.smpp.layout import COMMANDS, FIRST_SEQUENCE, HEADER, LAST_SEQUENCE, RESPONSE, SEQUENCE_AT
from fenghuo.wire.smpp.pdus import Bare, Pdu
from fenghuo.wire.stream import ProtocolError, Run, Window, transfer

NEW, BINDING, BOUND, UNBINDING, CLOSED = "new", "binding", "bound", "unbinding", "closed"


@dataclass(frozen=True, slots=True)
class Limits:
    """Window, idle time before a link test, time for an answer (seconds), tries: all of them are agreed per account."""

    window: int = 16
    idle: float = 30.0
    answer: float = 60.0
    tries: int = 3


@dataclass(slots=True)
class _Asked:
    frame: bytes
    due: float
    left: int


class Session(ABC):
    """One connection. Not thread-safe; every method returns at once.

    Only enquire_link and unbind are ever repeated. A submit never is: whether to send again is a decision about people's
    phones, and the ledger's.
    """

    def __init__(self, limits: Limits, now: float, first_sequence: int) -> None:
        self.limits = limits
        self.state = NEW
        self.window = Window(limits.window, FIRST_SEQUENCE, LAST_SEQUENCE)
        self._framer = Framer()
        self._next = first_sequence
        self._out: list[bytes] = []
        self._asked: dict[int, _Asked] = {}
        self._heard = now

    # --- bytes ---------------------------------------------------------------------------------------------------
    def outgoing(self) -> bytes:
        """Everything to write to the connection now. Handing it out empties it."""
        data = b"".join(self._out)
        self._out.clear()
        return data

    def receive(self, data: bytes, now: float) -> list[Event]:
        """What `data` from the connection means. Raises nothing: a broken stream ends in `Closed`."""
        if self.state == CLOSED:
            return []
        events: list[Event] = []
        runs = self._framer.feed(data)
        if runs:
            self._heard = now
            self._asked.pop(at.ENQUIRE_LINK, None)
        for run in runs:
            try:
                self._common(run, events)
            except ProtocolError as wrong:
                events.append(self._close(PROTOCOL, error=wrong))
            if self.state == CLOSED:
                return events
        if self._framer.fault:
            self._put(Bare(self._framer.fault_sequence, at.GENERIC_NACK, at.INVALID_LENGTH))
            events.append(self._close(PROTOCOL, error=self._framer.fault))
        return events

    def lost(self) -> list[Event]:
        """The connection is gone. Says what it takes with it; nothing where the session had ended already."""
        return [] if self.state == CLOSED else [self._close(LOST)]

    # --- time ----------------------------------------------------------------------------------------------------
    def deadline(self) -> float | None:
        """When `tick` must be called next, in the same seconds as `now`; None once closed."""
        if self.state == CLOSED:
            return None
        dues = [asked.due for asked in self._asked.values()]
        if at.ENQUIRE_LINK not in self._asked and self.state == BOUND:
            dues.append(self._heard + self.limits.idle)
        late = self.window.deadline()
        if late is not None:
            dues.append(late)
        return min(dues, default=None)

    def tick(self, now: float) -> list[Event]:
        """What time alone brings: repeats, link tests, answers that are late, the end of a dead line."""
        if self.state == CLOSED:
            return []
        events: list[Event] = []
        late = self.window.overdue(now)
        if late:
            events.append(Unanswered(late))
        for asked in list(self._asked.values()):
            if asked.due > now:
                continue
            if asked.left <= 0:
                events.append(self._close(SILENCE))
                return events
            self._out.append(asked.frame)
            asked.left -= 1
            asked.due = now + self.limits.answer
        if self.state == BOUND and at.ENQUIRE_LINK not in self._asked and now >= self._heard + self.limits.idle:
            self.test_link(now)
        return events

    def test_link(self, now: float) -> None:
        """Asks the other side whether it is there, unless that is being asked already."""
        if self.state == BOUND and at.ENQUIRE_LINK not in self._asked:
            self._ask(Bare(self._sequence(), at.ENQUIRE_LINK), now, self.limits.tries)

    # --- requests with a window ----------------------------------------------------------------------------------
    @property
    def room(self) -> int:
        """How many requests may be reserved now."""
        return self.window.room if self.state == BOUND else 0

    def reserve(self, count: int) -> int:
        """Takes `count` slots and their consecutive sequence numbers (after 0x7FFFFFFF comes 1); returns the first.

        Nothing leaves yet: record the intent first, then `send`. Raises ProtocolError where there is no room.
        """
        if self.state != BOUND:
            raise self._not_bound()
        first = self._next
        self.window.reserve(first, count)
        self._next = _after(first, count)
        return first

    def send(self, first: int, count: int, frames: bytes, now: float) -> None:
        """Hands out the encoded frames of `count` reserved slots from `first` on."""
        if self.state != BOUND:
            raise self._not_bound()
        self.window.sent(first, count, now + self.limits.answer)
        self._out.append(frames)

    def release(self, run: Run) -> None:
        """Frees the slots of answered requests: call it once their responses are durable."""
        self.window.release(run.sequences())

    # --- good-bye ------------------------------------------------------------------------------------------------
    def terminate(self, now: float) -> None:
        """Says good-bye; `Closed` follows with the answer or after the last try. Answers are still taken meanwhile."""
        if self.state in (BOUND, BINDING):
            self.state = UNBINDING
            self._asked.clear()
            self._ask(Bare(self._sequence(), at.UNBIND), now, self.limits.tries)

    # --- inside --------------------------------------------------------------------------------------------------
    @abstractmethod
    def _special(self, run: Run, events: list[Event]) -> None:
        """What only this role may receive; `_unserved` for anything else."""

    def _common(self, run: Run, events: list[Event]) -> None:
        if run.command == at.ENQUIRE_LINK:
            frames = bytearray(HEADER.pack(at.HEADER_SIZE, at.ENQUIRE_LINK_RESP, at.OK, 0) * run.frames)
            transfer(frames, at.HEADER_SIZE, SEQUENCE_AT, run, SEQUENCE_AT, 4)
            self._out.append(bytes(frames))
            events.append(LinkTested())
        elif run.command == at.ENQUIRE_LINK_RESP:
            events.append(LinkAlive())
        elif run.command == at.UNBIND:
            self._put(Bare(run.sequences()[0], at.UNBIND_RESP))
            events.append(self._close(TERMINATED))
        elif run.command == at.UNBIND_RESP:
            if self.state != UNBINDING:
                raise self._unexpected(run)
            events.append(self._close(TERMINATED))
        else:
            self._special(run, events)

    def _unserved(self, run: Run, events: list[Event]) -> None:
        """A request nobody serves is answered so; an answer or a notice that means nothing to us is passed over."""
        if not run.command & RESPONSE and run.command not in (at.ALERT_NOTIFICATION, at.OUTBIND):
            self._out.append(encode_nacks(run, at.INVALID_COMMAND))
        events.append(Unserved(run))

    def _unexpected(self, run: Run) -> ProtocolError:
        name = COMMANDS.get(run.command, f"{run.command:#x}")
        return ProtocolError(
            "unexpected", f"{name} while the session is {self.state}", f"会话处于 {self.state} 状态时收到 {name}", at=4
        )

    def _not_bound(self) -> ProtocolError:
        return ProtocolError("state", f"the session is {self.state}, not bound", "会话未建立或已关闭")

    @property
    def _logged_in(self) -> bool:
        return self.state in (BOUND, UNBINDING)

    def _sequence(self) -> int:
        sequence = self._next
        self._next = _after(sequence, 1)
        return sequence

    def _put(self, pdu: Pdu) -> None:
        self._out.append(encode(pdu))

    def _ask(self, pdu: Pdu, now: float, tries: int) -> None:
        frame = encode(pdu)
        self._out.append(frame)
        self._asked[pdu.command] = _Asked(frame, now + self.limits.answer, tries - 1)

    def _close(self, reason: str, *, status: int = 0, error: ProtocolError | None = None) -> Closed:
        self.state = CLOSED
        self._asked.clear()
        return Closed(reason, self.window.unanswered, self.window.unsent, status, error)


def _after(sequence: int, count: int) -> int:
    """The sequence number `count` steps on."""
    span = LAST_SEQUENCE + 1 - FIRST_SEQUENCE
    return FIRST_SEQUENCE + (sequence - FIRST_SEQUENCE + count) % span
