"""What every session of a windowed protocol may say, whatever its PDUs look like."""

from dataclasses import dataclass

from fenghuo.wire.stream.columns import Run
from fenghuo.wire.stream.errors import ProtocolError


@dataclass(frozen=True, slots=True)
class StrayResps:
    """Responses to nothing in flight: a second one, one after `Unanswered`, or one to a number never used."""

    run: Run


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Whole frames whose body contradicts itself. The session goes on; answer with `acknowledge` or `respond`."""

    run: Run
    error: ProtocolError


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Requests without a response in time. Never repeated here; their slots stay taken."""

    sequences: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LinkTested:
    """The other side asked whether we are there, and was answered."""


@dataclass(frozen=True, slots=True)
class LinkAlive:
    """The other side answered our question whether it is there."""
