"""The worker's wake-up for accounts."""

from fenghuo.ground import clock
from fenghuo.ground.accounts import actions

_EVERY = 3600.0  # seconds
_swept: float | None = None


def tick() -> None:
    """Forget what has expired, once an hour. Called every second; costs nothing in between."""
    global _swept
    if _swept is None or clock.monotonic() - _swept >= _EVERY:
        actions.forget_expired()
        _swept = clock.monotonic()
