"""What an account does, counted on the way: whole numbers per submit or per turn, never per recipient."""

from typing import Any

import numpy as np

from fenghuo.delivery.gateways.line import REFUSED, RETRY
from fenghuo.delivery.ledger.values import Used

QUICK = 0.5  # seconds: an answer that takes longer keeps a correction waiting
SOON = 1.5  # seconds: an answer that takes longer keeps it waiting beyond its two seconds
PAUSE = 0.1  # seconds without an answer, beyond what one takes: the gateway may be slow by now


class Meter:
    """Gathers until `take`. The time of an answer is taken of one submit at a time: enough to know how the gateway answers."""

    def __init__(self) -> None:
        self._messages = self._recipients = self._submits = 0
        self._throttled = self._refused = 0
        self._busy = 0.0
        self._answers = 0
        self._answered = 0.0
        self._timed: tuple[int, float] | None = None
        self._took: float | None = None  # seconds that the last answer took
        self._heard_at = 0.0  # when any answer came last
        self._busy_since: float | None = None

    def left(self, *, submits: int, messages: int, recipients: int) -> None:
        """These were handed to the line; `recipients` counts each once, however many segments."""
        self._submits += submits
        self._messages += messages
        self._recipients += recipients

    def time(self, ticket: int, now: float) -> None:
        """A submit leaves: its answer is timed unless another's is being timed."""
        if self._timed is None:
            self._timed = (ticket, now)

    def answered(self, tickets: Any, verdicts: Any, now: float) -> None:
        """What the gateway said to submits."""
        self._throttled += int(np.count_nonzero(verdicts == RETRY))
        self._refused += int(np.count_nonzero(verdicts == REFUSED))
        self._heard_at = now
        if self._timed is not None and (tickets == self._timed[0]).any():
            self._answers += 1
            self._took = now - self._timed[1]
            self._answered += self._took
            self._timed = None

    def quick(self, now: float, within: float) -> bool:
        """Whether answers come within so many seconds: they do now, not only before the last pause, after which nobody knows."""
        if self._took is None or now - self._heard_at > self._took + PAUSE:
            return False
        waited = now - self._timed[1] if self._timed else 0.0
        return max(self._took, waited) < within

    def untimed(self) -> None:
        """The submit that was being timed has no answer: tickets mean nothing on the next line."""
        self._timed = None

    def look(self, now: float, busy: bool) -> None:
        """Whether something waits to leave; asked every now and then."""
        if self._busy_since is not None:
            self._busy += now - self._busy_since
        self._busy_since = now if busy else None

    def take(self) -> Used:
        """What was gathered; counting begins anew."""
        used = Used(
            messages=self._messages,
            recipients=self._recipients,
            submits=self._submits,
            throttled=self._throttled,
            refused=self._refused,
            busy_ms=round(self._busy * 1000),
            answers=self._answers,
            answered_ms=round(self._answered * 1000),
        )
        self._messages = self._recipients = self._submits = 0
        self._throttled = self._refused = self._answers = 0
        self._busy = self._answered = 0.0
        return used
