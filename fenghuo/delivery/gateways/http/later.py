"""Retry-After (RFC 9110, 10.2.3): for how long a gateway wants nothing."""

from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

MOST_DIGITS: Final = 9  # more seconds than that are as good as these


def asked_for(said: str, date: str, now: float) -> float:
    """Seconds from now on; 0 where it says nothing that can be read, or a moment that has passed.

    `said` is a number of seconds or a moment, `date` the gateway's own time as the answer states it, by which that moment is
    reckoned where it can be read; `now` is ours (seconds since 1970).
    """
    text = said.strip()
    if text.isascii() and text.isdigit():
        return float(text.lstrip("0")[:MOST_DIGITS] or 0)
    until = _moment(text)
    if until is None:
        return 0.0
    theirs = _moment(date.strip())
    return max(0.0, until - (now if theirs is None else theirs))


def _moment(text: str) -> float | None:
    try:
        found = parsedate_to_datetime(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
