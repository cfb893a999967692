"""What the sender asks of a gateway, and the values a gateway hands back: arrays, never a value per recipient.

A line is one login: bytes in, bytes out, no socket, no clock, no ledger. It has one connection or, numbered from 0, several.
Tickets name submits within the line.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

TAKEN, RETRY, REFUSED = 1, 2, 3  # verdicts on a submit: taken; nothing taken, try later; nothing taken, never will be

DELIVERED, FAILED, UNDER_WAY = 1, 2, 0  # what a receipt says


@dataclass(frozen=True, slots=True)
class Ready:
    """The login was accepted. `authentic`: the gateway proved that it knows the secret too."""

    authentic: bool


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Answers to submits: parallel arrays. `late`: nobody waits for them any more, but they still tell what became of it.

    `slower`: those that are to be tried later were too many, so that less should leave. `word`: what the gateway called it where
    a number does not say it all.
    """

    tickets: Any  # uint32
    verdicts: Any  # uint8
    results: Any  # uint32, the gateway's own code
    ids: Any  # uint64, the first message id
    late: bool
    slower: bool = True
    word: bytes = b""


@dataclass(frozen=True, slots=True, eq=False)
class Stated:
    """A column that is read only where it is asked for: `rows` as they came, and what they mean."""

    rows: Any
    read: Callable[[Any], Any]

    def __getitem__(self, which: Any) -> "Stated":
        return Stated(self.rows[which], self.read)

    def values(self) -> Any:
        """What the rows mean, parallel to them."""
        return self.read(self.rows)


@dataclass(frozen=True, slots=True, eq=False)
class Receipts:
    """Status reports: parallel arrays. `token` acknowledges them all, once they are durable.

    `taken`: when the gateway says it took each message (uint32 seconds since 1970, 0 where that cannot be read). `names`: the ids
    as it writes them, where they are texts. Either is None where the gateway does not say. `written`: the numbers as it writes
    them, where one cannot be read.
    """

    ids: Any  # uint64
    addresses: Any  # uint64; 0 where what was reported is not a mobile number
    codes: Any  # uint8: DELIVERED, FAILED or UNDER_WAY
    words: Any  # bytes of fixed width, verbatim
    done: Any  # uint32 seconds since 1970; 0 where the gateway's time cannot be read
    token: Any
    taken: Stated | None = None
    names: Stated | None = None
    written: Stated | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A message from a phone, or something delivered that cannot be read (`address` empty then).

    `to` is the number that was written to. `part` is "reference/total/number" of a message in several parts, each of which
    comes by itself, and empty for a whole one. `name` is the id as the gateway writes it; where it gives none (`id` 0), `sequence`
    numbers what came on one connection.
    """

    id: int
    address: str
    text: str
    token: Any
    to: str = ""
    part: str = ""
    name: str = ""
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Submits that were not answered in time. Their places stay taken until `free`.

    `heard`: something came, so the gateway is there, but it does not say what became of them.
    """

    tickets: Any  # uint32
    heard: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """The line is over. `code` is for the desk (lost, silence, login_3, protocol …); `permanent` needs a person at the gateway."""

    code: str
    permanent: bool


@dataclass(frozen=True, slots=True)
class Alive:
    """The other side answered `beat`. Not `asked`: there was no way to ask it, so that this proves nothing."""

    asked: bool = True


@dataclass(frozen=True, slots=True)
class Pause:
    """The gateway wants nothing for so many seconds; 0: for a while, it does not say how long."""

    seconds: float = 0.0


Value = Ready | Answers | Receipts | Said | Unanswered | Alive | Pause | Ended


class Line(Protocol):
    """See the module. `now` is monotonic seconds, `pipe` the number of a connection."""

    @property
    def pipes(self) -> int:
        """How many connections there are to be."""

    def login(self, stamp: str, now: float) -> None:
        """Ask to be let in; `stamp` is the local time as MMDDHHMMSS."""

    def receive(self, data: bytes, now: float, pipe: int = 0) -> list[Value]:
        """What these bytes mean."""

    @property
    def keeps(self) -> bool:
        """Whether something that came was kept back, to be taken together with what follows it."""

    def kept(self) -> list[Value]:
        """What was kept back. Whoever receives asks for it within milliseconds; the end of the line brings it by itself."""

    def tick(self, now: float) -> list[Value]:
        """What time alone brings."""

    def beat(self, now: float) -> None:
        """Ask whether the other side is there; `Alive` follows, or the line ends in silence. No SMS leaves."""

    def deadline(self) -> float | None:
        """When `tick` may next have something to say."""

    def outgoing(self, pipe: int = 0) -> bytes:
        """Everything to be written now; handing it out empties it."""

    def finished(self) -> Sequence[int]:
        """Connections that this side is done with; handing them out empties it. What is written to one later opens it anew."""

    def lost(self, pipe: int = 0, left: bool = True, error: str = "") -> list[Value]:
        """The connection is gone; unless the line can do without it, `Ended` is among the values.

        `left`: whether any byte was ever written to it. `error`: why it did not come about, where it did not.
        """

    def close(self, now: float) -> None:
        """Say good-bye."""

    @property
    def room(self) -> int:
        """Submits that may be reserved now."""

    def message(self, text: str, *, reference: int, src_id: str) -> Any:
        """A text ready to be addressed: the same bytes whenever it is asked for with the same reference."""

    def reserve(self, count: int) -> Any:
        """Take `count` places; their tickets, uint32. Nothing leaves."""

    def send(self, message: Any, tickets: Any, addresses: Any, batch: int, segment: int | None, now: float) -> None:
        """Hand out submits to `addresses`, `batch` to each, every segment of a batch in turn or one (0-based) alone."""

    def free(self, tickets: Any) -> None:
        """Their answers, or doubts, are durable: the places may be taken again."""

    def acknowledge(self, token: Any) -> None:
        """What came with this token is durable."""
