"""Who writes for an account: one sender at a time, by the database's clock, with a fence number that only rises."""

from fenghuo.delivery.ledger import store


def take_lease(account: str, protocol: str, *, holder: str, dead: str, lease_ms: int) -> int | None:
    """The new fence, or None while another holds the lease. `dead` is a holder known to have ended ("" for none)."""
    with store.writing():
        return store.take_lease(account, protocol, holder, dead or holder, lease_ms)


def drop_lease(account: str, *, fence: int) -> None:
    """Give the account back in good order, so that the next sender need not wait."""
    with store.writing():
        store.drop_lease(account, fence)


def report_health(
    account: str, *, fence: int, lease_ms: int, state: str, since: int, error: str, in_flight: int, heard_at: int
) -> bool:
    """Tell the desk how the session is, and keep the lease; False when it has passed to another."""
    with store.writing():
        if not store.keep_lease(account, fence, lease_ms):
            return False
        store.report_health(account, fence, state, since, error, in_flight, heard_at)
        return True
