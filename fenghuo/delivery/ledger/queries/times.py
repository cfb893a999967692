"""How stored times are read."""

from datetime import UTC, datetime


def moment(milliseconds: int | None) -> datetime | None:
    """A stored time as UTC; None and 0 mean never."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC) if milliseconds else None
