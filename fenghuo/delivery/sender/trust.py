"""What a gateway is believed after what its last connections have shown, and how long is waited before the next.

A login proves nothing: a gateway may answer it and nothing else. Whoever did so is asked for a heartbeat first, and then for a
single number; it counts as well, and gets its window, when it has answered.
"""

import random
from dataclasses import dataclass, field
from typing import Any

import structlog

from fenghuo.delivery.sender.brake import Brake
from fenghuo.ground import clock

SAID_AGAIN = 600.0  # seconds between two lines of the log about the same failure
log = structlog.get_logger(__name__)


@dataclass
class Trust:
    """One account's, from one connection to the next."""

    doubted: bool = False  # the last connection ended without an answer to anything but the login
    mute: bool = False  # and submits were among what it left unanswered
    beats: bool = False  # it has answered a heartbeat before: one that does not come means something
    failures: int = 0  # connections in a row that came to nothing
    brake: Brake = field(default_factory=lambda: Brake(""))

    def ended(self, *, proved: bool, mute: bool, well: bool) -> None:
        """A connection is over. `proved`: more than the login was answered; `well`: it did some good, or stood for long."""
        if well:
            self.failures = 0
        self.failures += 1
        self.mute = mute
        self.doubted = mute or not proved

    def pause(self, backoff: tuple[float, ...]) -> float:
        """Seconds until the next attempt: longer each time. Jitter keeps many senders apart."""
        longest = backoff[min(max(self.failures, 1), len(backoff)) - 1]
        return longest * random.uniform(0.5, 1.0)


class Failures:
    """The log of one account's failures: one that repeats itself is counted, and said now and then."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._last: tuple[str, dict[str, Any]] | None = None
        self._times = 0
        self._said_at = 0.0

    def say(self, event: str, **detail: Any) -> None:
        """At once when it is another than the last, else with how often it has happened since it was said."""
        now = clock.monotonic()
        if (event, detail) == self._last and now - self._said_at < SAID_AGAIN:
            self._times += 1
            return
        if self._last and self._times:
            self._write(*self._last, times=self._times + ((event, detail) == self._last))
        if (event, detail) != self._last or not self._times:
            self._write(event, detail)
        self._last, self._times, self._said_at = (event, detail), 0, now

    def _write(self, event: str, detail: dict[str, Any], **more: int) -> None:
        log.warning(event, account=self._account, **detail, **more)
