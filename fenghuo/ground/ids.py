"""Identifiers that sort by time and cannot be guessed (ULID)."""

from ulid import ULID

from fenghuo.ground import clock

ID_LENGTH = 26


def new_id() -> str:
    """A new 26-character ULID in Crockford base 32."""
    return str(ULID.from_datetime(clock.now()))
