"""The log of what goes wrong with an account again and again."""

from typing import Any

import structlog

from fenghuo.ground import clock

SAID_AGAIN = 600.0  # seconds between two lines of the log about the same failure
log = structlog.get_logger(__name__)


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
