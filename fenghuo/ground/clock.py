"""The one clock: wall time (UTC) and monotonic time; tests move it, everything else asks it.

Durations and leases use `monotonic`; what is stored and shown uses `now`. A lint rule forbids any other clock.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

_shift = timedelta(0)


def now() -> datetime:
    """Wall time, timezone-aware, UTC."""
    return datetime.now(UTC) + _shift


def monotonic() -> float:
    """Seconds that never run backwards; only differences mean anything."""
    return time.monotonic()


def elapsed() -> float:
    """Seconds since the machine started, those that it slept included; unlike wall time nobody sets it."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@contextmanager
def moved(by: timedelta) -> Iterator[None]:
    """Shift the wall clock of this process, as a wrong NTP server or an operator would."""
    global _shift
    before = _shift
    _shift = before + by
    try:
        yield
    finally:
        _shift = before
