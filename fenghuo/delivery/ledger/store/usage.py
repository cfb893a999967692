"""What accounts did by the minute and by the month, what waits for them, and what their link tests found."""

from collections.abc import Sequence
from typing import Any

from fenghuo.delivery.ledger.database import marks as _marks
from fenghuo.delivery.ledger.database import rows as _rows
from fenghuo.delivery.ledger.database import run as _run
from fenghuo.delivery.ledger.values import Used

_MINUTE = ("messages", "recipients", "submits", "throttled", "refused", "busy_ms", "answers", "answered_ms")
_MONTH = ("messages", "recipients", "throttled", "refused")


def _adding(table: str, period: str, columns: Sequence[str]) -> str:
    sums = ", ".join(f"{one} = {table}.{one} + excluded.{one}" for one in columns)
    return (
        f"INSERT INTO {table} (account, {period}, {', '.join(columns)}) VALUES ({_marks([0, 0, *columns])}) "
        f"ON CONFLICT (account, {period}) DO UPDATE SET {sums}"
    )


def add_usage(account: str, used: Used, *, minute: int, month: int) -> None:
    """Add what was done since the last report to its minute and its month."""
    _run(
        _adding("delivery_usage", "minute", _MINUTE),
        (account, minute, *(getattr(used, name) for name in _MINUTE)),
    )
    _run(
        _adding("delivery_monthusage", "month", _MONTH),
        (account, month, *(getattr(used, name) for name in _MONTH)),
    )


def forget_usage(before: int) -> None:
    """Minutes older than this go; the months stay."""
    _run("DELETE FROM delivery_usage WHERE minute < %s", (before,))


def minutes(since: int) -> list[tuple[Any, ...]]:
    """(account, minute, Used) of all accounts from a minute on, in order."""
    found = _rows(
        f"SELECT account, minute, {', '.join(_MINUTE)} FROM delivery_usage WHERE minute >= %s ORDER BY account, minute",
        (since,),
    )
    return [(row[0], int(row[1]), Used(*(int(one) for one in row[2:]))) for row in found]


def first_minute(account: str) -> int | None:
    """The first minute that an account has a report of; None while it has none."""
    found = _rows("SELECT MIN(minute) FROM delivery_usage WHERE account = %s", (account,))[0][0]
    return None if found is None else int(found)


def months(month: int) -> dict[str, tuple[int, int, int, int]]:
    """(messages, recipients, throttled, refused) of each account in a month."""
    found = _rows(f"SELECT account, {', '.join(_MONTH)} FROM delivery_monthusage WHERE month = %s", (month,))
    return {row[0]: (int(row[1]), int(row[2]), int(row[3]), int(row[4])) for row in found}


def backlog(states: Sequence[int]) -> list[tuple[str, int, int, int]]:
    """(account, lane, recipients, messages) of what is released and in these states: what still has to leave."""
    found = _rows(
        "SELECT t.account, b.lane, SUM(t.n), SUM(t.n * b.segments) FROM delivery_tally t "
        "JOIN delivery_broadcast b ON b.number = t.broadcast_id "
        "WHERE b.closed = %s AND b.released_at IS NOT NULL AND b.recalled_at IS NULL AND t.n > 0 "
        f"AND t.state IN ({_marks(states)}) GROUP BY t.account, b.lane ORDER BY t.account, b.lane",
        (False, *states),
    )
    return [(row[0], int(row[1]), int(row[2]), int(row[3])) for row in found]


def shares(broadcast: str) -> list[tuple[str, int]]:
    """(account, messages) of one broadcast's whole audience: what its release costs each account."""
    found = _rows(
        "SELECT t.account, SUM(t.n * b.segments) FROM delivery_tally t JOIN delivery_broadcast b "
        "ON b.number = t.broadcast_id WHERE b.id = %s GROUP BY t.account ORDER BY t.account",
        (broadcast,),
    )
    return [(row[0], int(row[1])) for row in found]


def put_link_test(account: str, day: int, at: int, kind: str, ok: bool, ms: int, error: str) -> None:
    """What the test of one night found; the first finding of a night stays."""
    _run(
        "INSERT INTO delivery_linktest (account, day, at, kind, ok, ms, error) VALUES (%s, %s, %s, %s, %s, %s, %s) "
        "ON CONFLICT (account, day) DO NOTHING",
        (account, day, at, kind, ok, ms, error[:80]),
    )


def last_link_test(account: str) -> int:
    """The newest night an account was tested in, 20260701; 0 for never."""
    return int(_rows("SELECT MAX(day) FROM delivery_linktest WHERE account = %s", (account,))[0][0] or 0)


def link_tests(since: int) -> list[tuple[Any, ...]]:
    """(account, day, at, kind, ok, ms, error) of every account from a day on, the newest first."""
    return _rows(
        "SELECT account, day, at, kind, ok, ms, error FROM delivery_linktest WHERE day >= %s ORDER BY day DESC, account",
        (since,),
    )
