"""What passes between the book, the sender and the orders: jobs, claims, receipts."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from fenghuo.delivery.gateways.line import Stated


@dataclass(frozen=True)
class Job:
    """What orders and the freeze say about a broadcast; times are milliseconds since 1970."""

    number: int
    id: str
    parent: str
    lane: int
    text: str
    src_id: str
    policy: str
    segments: int
    expires_at: int
    released_at: int
    recalled_at: int | None
    paused: bool
    superseded: bool = False  # stopped by a newer alert, not by a recall
    lifts: tuple[str, ...] = ()  # a lift: the broadcasts whose recipients alone are told of it
    organisation: str = ""  # whose it is; within a lane organisations take turns


@dataclass(frozen=True)
class Claim:
    """Recipients [start, start + count) of a block, to be sent `batch` to a submit: whole messages, or one `segment` alone."""

    broadcast: int
    slot: int
    start: int
    count: int
    batch: int
    segment: int | None = None


@dataclass(eq=False)
class Reports:
    """Receipts on their way into the book: parallel arrays; `words` are numbers of status words.

    Left out where there is none: `taken`, when the gateway took each message (seconds, 0 where it does not say); `names`, the
    ids as the carrier writes them; `untimed` (bool), where `done` is not the gateway's word but the time at which it was heard;
    `written`, the numbers as the carrier writes them, for those that cannot be read.
    """

    ids: Any
    addresses: Any
    codes: Any
    words: Any
    done: Any
    texts: Any
    taken: Stated | None = None
    names: Stated | None = None
    untimed: Any = None
    written: Stated | None = None

    def part(self, which: Any) -> "Reports":
        return Reports(*(None if column is None else column[which] for column in self._columns()))

    def stated(self) -> Any:
        """`taken`, read."""
        return np.zeros(len(self), dtype=np.uint32) if self.taken is None else self.taken.values()

    def _columns(self) -> tuple[Any, ...]:
        return (
            self.ids, self.addresses, self.codes, self.words, self.done, self.texts, self.taken, self.names, self.untimed,
            self.written,
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.ids)


class Heard(NamedTuple):
    """What came in and answers nothing known, as it is kept: see `models.Inbound`."""

    kind: str
    account: str
    at: int
    message_id: str
    address: str
    text: str
    destination: str = ""
    part: str = ""
    carrier_id: str = ""
    broadcast: int | None = None
    outcome: int = 0
    submitted_at: int = 0
    done_at: int = 0

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is known by among those of its kind and account."""
        return self.message_id, self.address, self.text


@dataclass(frozen=True, slots=True)
class PastBlock:
    """A block that is in the database and not in memory."""

    id: int
    broadcast: int
    segments: int
    count: int
    recipients: bytes
    outcome: bytes | None


@dataclass(frozen=True)
class Used:
    """What an account did since its last report, or in a minute; see `models.Usage`."""

    messages: int = 0
    recipients: int = 0
    submits: int = 0
    throttled: int = 0
    refused: int = 0
    busy_ms: int = 0
    answers: int = 0
    answered_ms: int = 0

    def __bool__(self) -> bool:
        return any((self.messages, self.throttled, self.refused, self.busy_ms, self.answers))


@dataclass(frozen=True)
class LinkTest:
    """What the test of one night found. `day` as 20260701; `kind` heartbeat or login; `ms` until the answer came."""

    day: int
    kind: str
    ok: bool
    ms: int = 0
    error: str = ""
