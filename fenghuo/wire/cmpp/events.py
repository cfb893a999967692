"""What a session tells its owner, in the order in which it happened."""

from dataclasses import dataclass, field
from typing import Final

from fenghuo.wire.cmpp.layout import ReportLayout
from fenghuo.wire.cmpp.pdus import CancelResp, Connect, Deliver, Pdu, QueryResp
from fenghuo.wire.stream import ProtocolError, Run
from fenghuo.wire.stream.events import LinkAlive, LinkTested, StrayResps, Unanswered, Unreadable

TERMINATED: Final = "terminated"
REFUSED: Final = "refused"
UNPROVEN: Final = "unproven"
SILENCE: Final = "silence"
VERSION: Final = "version"
PROTOCOL: Final = "protocol"
LOST: Final = "lost"

REASONS: Final[dict[str, tuple[str, str]]] = {
    TERMINATED: ("the session was closed in good order", "会话已正常关闭"),
    REFUSED: ("the gateway refused the login", "网关拒绝登录"),
    UNPROVEN: ("the gateway did not prove that it knows the shared secret", "网关未能证明其知晓共享密钥"),
    VERSION: (
        "the gateway answers in another version of CMPP than was asked for",
        "网关以另一版本的 CMPP 应答，与请求的版本不符",
    ),
    SILENCE: ("the other side no longer answers", "对端不再应答"),
    PROTOCOL: ("the other side sent what is not CMPP", "对端发来的数据不符合 CMPP"),
    LOST: ("the connection was lost", "连接中断"),
}

STATUSES: Final[dict[int, tuple[str, str]]] = {
    0: ("accepted", "正确"),
    1: ("message structure", "消息结构错"),
    2: ("unknown source address", "非法源地址"),
    3: ("authentication failed", "认证错"),
    4: ("version too high", "版本太高"),
}


@dataclass(frozen=True, slots=True)
class Bound:
    """The login was accepted. `authentic`: the gateway proved the secret too; `version` is the highest it speaks."""

    version: int
    authentic: bool


@dataclass(frozen=True, slots=True)
class SubmitResps:
    """Responses to SUBMITs in flight, each for the first time. Sequence at 8 (u32), Msg_Id at 12 (u64), Result at 20.

    Their slots stay taken until the owner calls `release`, which it does once they are durable.
    """

    run: Run


@dataclass(frozen=True, slots=True)
class Reports:
    """Status reports, one per frame, at the offsets of `layout`. The owner calls `acknowledge(run)` once durable."""

    run: Run
    layout: ReportLayout


@dataclass(frozen=True, slots=True)
class Mo:
    """A message from a phone. The owner calls `acknowledge(run)` once durable."""

    run: Run
    deliver: Deliver


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to a QUERY or CANCEL, or for a gateway the question itself."""

    pdu: Pdu | QueryResp | CancelResp


@dataclass(frozen=True, slots=True)
class LoginAttempt:
    """For a gateway: an SP asks to log in. The owner calls `accept` or `refuse`."""

    connect: Connect


@dataclass(frozen=True, slots=True)
class Submits:
    """For a gateway: SUBMITs with `destinations` numbers and `content` bytes each. The owner calls `respond`."""

    run: Run
    destinations: int
    content: int


@dataclass(frozen=True, slots=True)
class DeliverResps:
    """For a gateway: responses to DELIVERs. Sequence at 8 (u32), Msg_Id at 12 (u64), Result at 20."""

    run: Run


@dataclass(frozen=True, slots=True)
class Closed:
    """The end of the session; flush `outgoing()` once more, then close the connection.

    `unanswered` were handed out as bytes without a response: they are in doubt. `unsent` were reserved and never handed out.
    `status` is CONNECT_RESP's where `reason` is "refused".
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
            return f"{said}: {self.status} {STATUSES.get(self.status, ('other error', '其他错误'))[language]}"
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
    | Answered
    | LoginAttempt
    | Submits
    | DeliverResps
    | Closed
)
