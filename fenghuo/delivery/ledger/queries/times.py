"""How stored times are read, and how the meters count them."""

from datetime import UTC, datetime

from django.utils import timezone

from fenghuo.ground import clock


def moment(milliseconds: int | None) -> datetime | None:
    """A stored time as UTC; None and 0 mean never."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC) if milliseconds else None


def this_minute() -> int:
    """Minutes since 1970."""
    return int(clock.now().timestamp()) // 60


def this_month() -> int:
    """The month of the installation's time zone, 202607."""
    here = timezone.localtime(clock.now())
    return here.year * 100 + here.month


def day_of(at: datetime) -> int:
    """A date as 20260701."""
    return at.year * 10_000 + at.month * 100 + at.day
