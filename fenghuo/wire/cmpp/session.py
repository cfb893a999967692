"""What both ends of a line have in common: framing, sequence numbers, window, timers, link test, good-bye.

Sans-IO: bytes in through `receive`, bytes out through `outgoing`, time as an argument (monotonic seconds). A session belongs
to one connection and ends with it.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from fenghuo.wire.cmpp import layout as at
from fenghuo.wire.cmpp.encoder import encode
from fenghuo.wire.cmpp.events import LOST as LOST_REASON
from fenghuo.wire.cmpp.events import PROTOCOL, SILENCE, TERMINATED, Closed, Event, LinkAlive, LinkTested, Unanswered
from fenghuo.wire.cmpp.framing import Framer
from fenghuo.wire.cmpp.layout import COMMANDS, HEADER, Layout
from fenghuo.wire.cmpp.pdus import ActiveTest, Pdu, Terminate, TerminateResp
from fenghuo.wire.stream import ProtocolError, Run, Window, transfer

NEW, CONNECTING, BOUND, TERMINATING, CLOSED = "new", "connecting", "bound", "terminating", "closed"


@dataclass(frozen=True, slots=True)
class Limits:
    """QB-GF-028-2003 chapter 7.1: window W, idle C, answer T (seconds), tries N; all of them are agreed per account."""

    window: int = 16
    idle: float = 180.0
    answer: float = 60.0
    tries: int = 3


@dataclass(slots=True)
class _Asked:
    frame: bytes
    due: float
    left: int


class Session(ABC):
    """One connection. Not thread-safe; every method returns at once.

    Only CONNECT, ACTIVE_TEST and TERMINATE are ever repeated. A SUBMIT never is: whether to send again is a decision about
    people's phones, and the ledger's.
    """

    def __init__(self, layout: Layout, limits: Limits, now: float, first_sequence: int) -> None:
        self.layout = layout
        self.limits = limits
        self.state = NEW
        self.window = Window(limits.window)
        self._framer = Framer(layout)
        self._next = first_sequence & 0xFFFF_FFFF
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
            self._asked.pop(at.ACTIVE_TEST, None)
        for run in runs:
            try:
                self._common(run, events)
            except ProtocolError as wrong:
                events.append(self._close(PROTOCOL, error=wrong))
            if self.state == CLOSED:
                return events
        if self._framer.fault:
            events.append(self._close(PROTOCOL, error=self._framer.fault))
        return events

    def lost(self) -> list[Event]:
        """The connection is gone. Says what it takes with it; nothing where the session had ended already."""
        return [] if self.state == CLOSED else [self._close(LOST_REASON)]

    # --- time ----------------------------------------------------------------------------------------------------
    def deadline(self) -> float | None:
        """When `tick` must be called next, in the same seconds as `now`; None once closed."""
        if self.state == CLOSED:
            return None
        dues = [asked.due for asked in self._asked.values()]
        if at.ACTIVE_TEST not in self._asked and self.state == BOUND:
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
        if self.state == BOUND and at.ACTIVE_TEST not in self._asked and now >= self._heard + self.limits.idle:
            self.test_link(now)
        return events

    def test_link(self, now: float) -> None:
        """Asks the other side whether it is there, unless that is being asked already."""
        if self.state == BOUND and at.ACTIVE_TEST not in self._asked:
            self._ask(at.ACTIVE_TEST, ActiveTest(self._sequence()), now)

    # --- requests with a window ----------------------------------------------------------------------------------
    @property
    def room(self) -> int:
        """How many requests may be reserved now."""
        return self.window.room if self.state == BOUND else 0

    def reserve(self, count: int) -> int:
        """Takes `count` slots and their consecutive Sequence_Ids (they wrap after 0xFFFFFFFF); returns the first.

        Nothing leaves yet: record the intent first, then `send`. Raises ProtocolError where there is no room.
        """
        if self.state != BOUND:
            raise ProtocolError("state", f"the session is {self.state}, not bound", "会话未建立或已关闭")
        first = self._next
        self.window.reserve(first, count)
        self._next = first + count & 0xFFFF_FFFF
        return first

    def send(self, first: int, count: int, frames: bytes, now: float) -> None:
        """Hands out the encoded frames of `count` reserved slots from `first` on."""
        if self.state != BOUND:
            raise ProtocolError("state", f"the session is {self.state}, not bound", "会话未建立或已关闭")
        self.window.sent(first, count, now + self.limits.answer)
        self._out.append(frames)

    def release(self, run: Run) -> None:
        """Frees the slots of answered requests: call it once their responses are durable."""
        self.window.release(run.sequences())

    # --- good-bye ------------------------------------------------------------------------------------------------
    def terminate(self, now: float) -> None:
        """Says good-bye; `Closed` follows with the answer or after the last try. Answers are still taken meanwhile."""
        if self.state in (BOUND, CONNECTING):
            self.state = TERMINATING
            self._asked.clear()
            self._ask(at.TERMINATE, Terminate(self._sequence()), now)

    # --- inside --------------------------------------------------------------------------------------------------
    @abstractmethod
    def _special(self, run: Run, events: list[Event]) -> None:
        """What only this role may receive; raises ProtocolError for anything else."""

    def _common(self, run: Run, events: list[Event]) -> None:
        if run.command == at.ACTIVE_TEST:
            frames = bytearray(HEADER.pack(13, at.ACTIVE_TEST_RESP, 0) + b"\0") * run.frames
            transfer(frames, 13, 8, run, 8, 4)
            self._out.append(bytes(frames))
            events.append(LinkTested())
        elif run.command == at.ACTIVE_TEST_RESP:
            events.append(LinkAlive())
        elif run.command == at.TERMINATE:
            self._put(TerminateResp(run.sequences()[0]))
            events.append(self._close(TERMINATED))
        elif run.command == at.TERMINATE_RESP:
            if self.state != TERMINATING:
                raise self._unexpected(run)
            events.append(self._close(TERMINATED))
        else:
            self._special(run, events)

    def _unexpected(self, run: Run) -> ProtocolError:
        name = COMMANDS[run.command]
        return ProtocolError(
            "unexpected", f"{name} while the session is {self.state}", f"会话处于 {self.state} 状态时收到 {name}", at=4
        )

    def _require_login(self, run: Run) -> None:
        if self.state not in (BOUND, TERMINATING):
            raise self._unexpected(run)

    def _sequence(self) -> int:
        sequence = self._next
        self._next = sequence + 1 & 0xFFFF_FFFF
        return sequence

    def _put(self, pdu: Pdu) -> None:
        self._out.append(encode(pdu, self.layout))

    def _ask(self, command: int, pdu: Pdu, now: float) -> None:
        frame = encode(pdu, self.layout)
        self._out.append(frame)
        self._asked[command] = _Asked(frame, now + self.limits.answer, self.limits.tries - 1)

    def _close(self, reason: str, *, status: int = 0, error: ProtocolError | None = None) -> Closed:
        self.state = CLOSED
        self._asked.clear()
        return Closed(reason, self.window.unanswered, self.window.unsent, status, error)
