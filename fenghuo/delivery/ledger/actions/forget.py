"""What gateways said that belongs to nothing is kept for more than a year, and then forgotten."""

from fenghuo.delivery.ledger import store

KEPT_DAYS = 400  # a yearly audit still finds what it asks about
AT_ONCE = 500


def forget_heard(*, now_ms: int) -> int:
    """Forget what came in more than KEPT_DAYS ago, so many at once; returns how many. What phones wrote was taken over long ago."""
    before = now_ms - KEPT_DAYS * 24 * 3600 * 1000
    old = [id for id, at in store.oldest_inbound(AT_ONCE) if at < before]
    if old:
        with store.writing():
            store.forget_inbound(old)
    return len(old)
