"""The worker's wake-up for attachments."""

from fenghuo.ground import clock
from fenghuo.ground.files import actions

_EVERY = 3600.0  # seconds
_swept: float | None = None


def tick() -> None:
    """Look for files that nobody names, once an hour. Called every second; costs nothing in between."""
    global _swept
    if _swept is None or clock.monotonic() - _swept >= _EVERY:
        actions.sweep()
        _swept = clock.monotonic()
