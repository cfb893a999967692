"""Who writes for an account: one sender at a time, by the database's clock, with a fence number that only rises."""

from fenghuo.delivery.ledger import database, store
from fenghuo.delivery.ledger.queries.times import this_minute, this_month
from fenghuo.delivery.ledger.values import LinkTest, Used
from fenghuo.ground import clock

KEPT_MINUTES = 62 * 24 * 60


def take_lease(account: str, protocol: str, *, holder: str, dead: str, lease_ms: int) -> int | None:
    """The new fence, or None while another holds the lease. `dead` is a holder known to have ended ("" for none).

    Whoever asks in vain is written down as waiting, so that a holder that cannot serve knows to give way.
    """
    with store.writing():
        fence = store.take_lease(account, protocol, holder, dead or holder, lease_ms)
        if fence is None:
            store.want_lease(account)
        return fence


def wanted(account: str, *, within_ms: int) -> bool:
    """Whether another sender waits for this account's lease, and did so within so long."""
    return store.wanted(account, within_ms)


def connection_lost() -> bool:
    """Whether the ledger's connection went with the last write, so that its fate is unknown until it is read again."""
    return database.lost()


def drop_lease(account: str, *, fence: int) -> None:
    """Give the account back in good order, so that the next sender need not wait."""
    with store.writing():
        store.drop_lease(account, fence)


def report_health(
    account: str,
    *,
    fence: int,
    lease_ms: int,
    state: str,
    since: int,
    error: str,
    in_flight: int,
    heard_at: int,
    used: Used | None = None,
    host: str = "",
    unwell_ms: int | None = None,
) -> bool:
    """Tell the desk how the session is, and keep the lease; False when it has passed to another.

    `unwell_ms` is for how long the gateway has not done its work, so that the next holder knows.
    `used`: what was done since it was last given, added to this minute and this month; None between two of these.
    """
    with store.writing():
        if not store.keep_lease(account, fence, lease_ms):
            return False
        store.report_health(account, fence, state, since, error, in_flight, heard_at)
        if unwell_ms is not None:
            store.report_well(account, fence, unwell_ms)
        if used is not None:
            store.report_use(account, fence, host, used.messages, used.busy_ms)
            if used:
                store.add_usage(account, used, minute=this_minute(), month=this_month())
        return True


def forget_usage() -> None:
    """Minutes of long ago go; the sums of the months stay."""
    with store.writing():
        store.forget_usage(this_minute() - KEPT_MINUTES)


def keep_link_test(account: str, *, fence: int, lease_ms: int, found: LinkTest) -> bool:
    """What this night's test of the link found; False when the account has passed to another sender."""
    with store.writing():
        if not store.keep_lease(account, fence, lease_ms):
            return False
        at = round(clock.now().timestamp() * 1000)
        store.put_link_test(account, found.day, at, found.kind, found.ok, found.ms, found.error)
        return True
