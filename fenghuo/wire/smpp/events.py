"""What a session tells its owner, in the order in which it happened."""

from dataclasses import dataclass, field
from typing import Final

from fenghuo.wire.smpp.pdus import Bind, Message
from fenghuo.wire.smpp.receipts import ReportLayout
from fenghuo.wire.smpp.shapes import Shape
from fenghuo.wire.smpp.statuses import status_words
from fenghuo.wire.stream import ProtocolError, Run
from fenghuo.wire.stream.events import LinkAlive, LinkTested, StrayResps, Unanswered, Unreadable

TERMINATED: Final = "terminated"
REFUSED: Final = "refused"
SILENCE: Final = "silence"
PROTOCOL: Final = "protocol"
LOST: Final = "lost"

REASONS: Final[dict[str, tuple[str, str]]] = {
    TERMINATED: ("the session was closed in good order", "会话已正常关闭"),
    REFUSED: ("the gateway refused the login", "网关拒绝登录"),
    SILENCE: ("the other side no longer answers", "对端不再应答"),
    PROTOCOL: ("the other side sent what is not SMPP", "对端发来的数据不符合 SMPP"),
    LOST: ("the connection was lost", "连接中断"),
}


@dataclass(frozen=True, slots=True)
class Bound:
    """The login was accepted. `version` is sc_interface_version, 0 where the gateway did not say."""

    system_id: str
    version: int


@dataclass(frozen=True, slots=True)
class SubmitResps:
    """Responses to submits in flight, each for the first time: submit_sm_resp, or the generic_nack that stands for one.

    command_status lies at 8 (u32), the sequence at 12 (u32), message_id from 16 to its zero byte. Their slots stay taken
    until the owner calls `release`, which it does once they are durable.
    """

    run: Run


@dataclass(frozen=True, slots=True)
class Reports:
    """Receipts, one per frame, at the places of `layout`. The owner calls `acknowledge(run)` once durable."""

    run: Run
    layout: ReportLayout


@dataclass(frozen=True, slots=True)
class Mo:
    """A message from a phone. The owner calls `acknowledge(run)` once durable."""

    run: Run
    message: Message


@dataclass(frozen=True, slots=True)
class Unserved:
    """Requests that nobody here serves, answered with generic_nack, or answers and notices that mean nothing to us."""

    run: Run


@dataclass(frozen=True, slots=True)
class BindAttempt:
    """For a gateway: an ESME asks to log in. The owner calls `accept` or `refuse`."""

    bind: Bind


@dataclass(frozen=True, slots=True)
class Submits:
    """For a gateway: submit_sm (or data_sm) of one shape. The owner calls `respond`."""

    run: Run
    shape: Shape


@dataclass(frozen=True, slots=True)
class DeliverResps:
    """For a gateway: responses to deliver_sm. Status at 8 (u32), sequence at 12 (u32)."""

    run: Run


@dataclass(frozen=True, slots=True)
class Closed:
    """The end of the session; flush `outgoing()` once more, then close the connection.

    `unanswered` were handed out as bytes without a response: they are in doubt. `unsent` were reserved and never handed out.
    `status` is that of the bind's answer where `reason` is "refused".
    """

    reason: str
    unanswered: tuple[int, ...] = ()
    unsent: tuple[int, ...] = ()
    status: int = 0
    error: ProtocolError | None = field(default=None, compare=False)

    @property
    def reason_en(self) -> str:
        """Why, in English."""
        return self._say(0)

    @property
    def reason_zh(self) -> str:
        """Why, in Chinese."""
        return self._say(1)

    def _say(self, language: int) -> str:
        said = REASONS[self.reason][language]
        if self.error:
            return f"{said}: {(self.error.reason_en, self.error.reason_zh)[language]}"
        if self.reason == REFUSED:
            return f"{said}: {self.status:#04x} {status_words(self.status)[language]}"
        return said


Event = (
    Bound
    | SubmitResps
    | StrayResps
    | Reports
    | Mo
    | Unreadable
    | Unanswered
    | LinkTested
    | LinkAlive
    | Unserved
    | BindAttempt
    | Submits
    | DeliverResps
    | Closed
)
