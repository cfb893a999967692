"""The worker's wake-up: look at the gateway accounts."""

from fenghuo.delivery.ledger import actions as ledger
from fenghuo.delivery.watch import actions
from fenghuo.ground import clock

PERIOD = 2.0  # seconds between two looks
FORGET = 60.0  # seconds between two looks for what has become too old to keep

_began = clock.monotonic()
_looked: float | None = None
_forgot: float | None = None


def tick() -> None:
    """Two small reads every other second while all is well."""
    global _looked, _forgot
    now = clock.monotonic()
    if _looked is not None and now - _looked < PERIOD:
        return
    _looked = now
    actions.watch(awake=now - _began)
    actions.record_link_tests()
    if _forgot is None or now - _forgot >= FORGET:
        _forgot = now
        ledger.forget_heard(now_ms=round(clock.now().timestamp() * 1000))
