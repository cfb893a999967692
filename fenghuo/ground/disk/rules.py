"""Why nothing new is taken on: the disk is nearly full, or it has failed."""

from django.utils.translation import gettext_noop as _

from fenghuo.ground.disk.queries import MB, disk
from fenghuo.ground.refusal import Refused

# An urgent release is a few kilobytes and may save lives: it goes on until nearly nothing is left.
URGENT_LEAST = 16 * MB
NO_ROOM = ("database or disk is full", "No space left on device")  # SQLite; PostgreSQL, which quotes the system


def fit(*, urgent: bool = False) -> Refused | None:
    """Why nothing may be signed or uploaded now; None when all is well."""
    found = disk()
    if found.trouble:
        return Refused(
            "disk_failed",
            _(
                "The server's disk reported a fault, so nothing is signed or uploaded now: what cannot be kept for certain "
                "must not be sent. What you typed is kept. Have the server checked; the command fenghuo doctor says more."
            ),
            kind="unavailable",
        )
    least = min(found.least, URGENT_LEAST) if urgent else found.least
    if found.free < least:
        return Refused(
            "disk_low",
            _(
                "Only %(free)s MB are free on the server's disk. Below %(least)s MB nothing new is signed or uploaded, so that "
                "what has left can still be recorded. What you typed is kept. Free some space on the server, then try again."
            ),
            kind="unavailable",
            params={"free": found.free // MB, "least": least // MB},
        )
    return None


def require(*, urgent: bool = False) -> None:
    """Raise Refused (unavailable) where `fit` has a reason."""
    refused = fit(urgent=urgent)
    if refused is not None:
        raise refused


def behind(error: Exception) -> Refused | None:
    """The reason for people where a database found no room for what it was to keep; None where the disk was not it."""
    return fit() if any(words in str(error) for words in NO_ROOM) else None
