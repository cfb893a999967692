"""Who may write for an account, and how its session is."""

from typing import Any

from fenghuo.delivery.ledger.database import database_clock as _clock
from fenghuo.delivery.ledger.database import rows as _rows
from fenghuo.delivery.ledger.database import run as _run


def take_lease(account: str, protocol: str, holder: str, dead: str, milliseconds: int) -> int | None:
    """The new fence when the account was free, its lease had run out by the database's clock or is `dead`'s; else None."""
    _run(
        "INSERT INTO delivery_account (name, protocol, fence, holder, lease_until, state, since, last_error, in_flight, "
        "seen_at, heard_at, host, sent_now, busy_now, wanted_at, well_at) "
        "VALUES (%s, %s, 0, '', 0, 'down', 0, '', 0, 0, 0, '', 0, 0, 0, 0) ON CONFLICT DO NOTHING",
        (account, protocol),
    )
    taken = _run(
        f"UPDATE delivery_account SET fence = fence + 1, holder = %s, lease_until = {_clock()} + %s, protocol = %s "
        f"WHERE name = %s AND (lease_until < {_clock()} OR holder = %s)",
        (holder, milliseconds, protocol, account, dead),
    )
    if not taken:
        return None
    return int(_rows("SELECT fence FROM delivery_account WHERE name = %s", (account,))[0][0])


def want_lease(account: str) -> None:
    """Somebody is ready to serve this account and waits; by the database's clock."""
    _run(f"UPDATE delivery_account SET wanted_at = {_clock()} WHERE name = %s", (account,))


def wanted(account: str, milliseconds: int) -> bool:
    """Whether somebody has waited for this account within so long."""
    sql = f"SELECT 1 FROM delivery_account WHERE name = %s AND wanted_at > {_clock()} - %s"
    return bool(_rows(sql, (account, milliseconds)))


def holder_of(account: str) -> str:
    """Who held the account last, "" for nobody."""
    rows = _rows("SELECT holder FROM delivery_account WHERE name = %s", (account,))
    return str(rows[0][0]) if rows else ""


def keep_lease(account: str, fence: int, milliseconds: int) -> bool:
    """Extends the lease; False when another fence has been given out."""
    return bool(
        _run(
            f"UPDATE delivery_account SET lease_until = {_clock()} + %s WHERE name = %s AND fence = %s",
            (milliseconds, account, fence),
        )
    )


def drop_lease(account: str, fence: int) -> None:
    """Gives the account back in good order."""
    _run("UPDATE delivery_account SET lease_until = 0 WHERE name = %s AND fence = %s", (account, fence))


def report_health(account: str, fence: int, state: str, since: int, error: str, in_flight: int, heard_at: int) -> None:
    """How the session is; `seen_at` is the database's clock, so that staleness needs no agreement of clocks."""
    _run(
        "UPDATE delivery_account SET state = %s, since = %s, last_error = %s, in_flight = %s, heard_at = %s, "
        f"seen_at = {_clock()} WHERE name = %s AND fence = %s",
        (state, since, error[:80], in_flight, heard_at, account, fence),
    )


def report_well(account: str, fence: int, milliseconds: int) -> None:
    """The gateway did its work so many milliseconds ago, or has done since; by the database's clock."""
    _run(
        f"UPDATE delivery_account SET well_at = {_clock()} - %s WHERE name = %s AND fence = %s AND well_at < {_clock()} - %s",
        (milliseconds, account, fence, milliseconds),
    )


def unwell(account: str, seen_ms: int) -> int:
    """For how many milliseconds an account's gateway has not done its work, as its last sender said lately; 0: nobody said."""
    rows = _rows(
        f"SELECT {_clock()} - well_at FROM delivery_account WHERE name = %s AND well_at > 0 AND seen_at > {_clock()} - %s",
        (account, seen_ms),
    )
    return max(0, int(rows[0][0])) if rows else 0


def health() -> list[tuple[Any, ...]]:
    """(name, state, since, last_error, in_flight, heard_at, milliseconds since seen, for how many nothing was taken then)."""
    return _rows(
        f"SELECT name, state, since, last_error, in_flight, heard_at, {_clock()} - seen_at, "
        "CASE WHEN well_at > 0 THEN seen_at - well_at ELSE 0 END FROM delivery_account"
    )


def report_use(account: str, fence: int, host: str, sent: int, busy_ms: int) -> None:
    """On which machine the account is served, and what it did since the report before."""
    _run(
        "UPDATE delivery_account SET host = %s, sent_now = %s, busy_now = %s WHERE name = %s AND fence = %s",
        (host[:60], sent, busy_ms, account, fence),
    )


def holders() -> list[tuple[Any, ...]]:
    """(name, machine, fence, lease runs for so many milliseconds, messages and busy milliseconds lately)."""
    return _rows(
        f"SELECT name, host, fence, lease_until - {_clock()}, sent_now, busy_now FROM delivery_account ORDER BY name"
    )
