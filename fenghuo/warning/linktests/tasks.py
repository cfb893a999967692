"""The worker's wake-up: is the month's test due?"""

from fenghuo.ground import clock
from fenghuo.warning.linktests import actions

PERIOD = 20.0  # seconds between two looks

_looked: float | None = None


def tick() -> None:
    """One read every twenty seconds where no duty group is chosen."""
    global _looked
    now = clock.monotonic()
    if _looked is not None and now - _looked < PERIOD:
        return
    _looked = now
    actions.send_due()
