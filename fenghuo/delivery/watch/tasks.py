"""The worker's wake-up: look at the gateway accounts."""

from fenghuo.delivery.watch import actions
from fenghuo.ground import clock

PERIOD = 2.0  # seconds between two looks

_began = clock.monotonic()
_looked: float | None = None


def tick() -> None:
    """Two small reads every other second while all is well."""
    global _looked
    now = clock.monotonic()
    if _looked is not None and now - _looked < PERIOD:
        return
    _looked = now
    actions.watch(awake=now - _began)
    actions.record_link_tests()
