"""How a signal ends a process.

A handler runs between two instructions of the main thread, which may hold the very lock that `Event.set` asks for: then neither it
nor any thread that waits for the event ever moves again. So a handler only notes the wish, and the main thread, at its next look,
sets the event.
"""

import signal
import threading
from collections.abc import Iterable
from typing import Any

from fenghuo.ground import clock

LOOK = 0.2  # seconds: a handler wakes nobody who waits
USUAL = (signal.SIGTERM, signal.SIGINT)


class Ending:
    """The wish to end, for the main thread; `stop` is what the other threads look at."""

    def __init__(self, stop: threading.Event | None = None) -> None:
        self.stop = stop or threading.Event()
        self._wished = False

    def heed(self, signals: Iterable[int] = USUAL) -> dict[int, Any]:
        """From now on these signals are such a wish; returns who handled them before. In the main thread only."""
        return {one: signal.signal(one, self._wish) for one in signals}

    def _wish(self, _number: int, _frame: Any) -> None:
        self._wished = True  # nothing that takes a lock

    def wait(self, seconds: float) -> bool:
        """At most so long; whether to end."""
        until = clock.monotonic() + seconds
        while not self._wished and not self.stop.wait(min(LOOK, max(0.0, until - clock.monotonic()))):
            if clock.monotonic() >= until:
                break
        if self._wished:
            self.stop.set()
        return self.stop.is_set()
