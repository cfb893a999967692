"""How many recipients are in each state: moved in the commit that moves them."""

from collections.abc import Iterable, Sequence

from fenghuo.delivery.ledger.database import database_clock as _clock
from fenghuo.delivery.ledger.database import marks as _marks
from fenghuo.delivery.ledger.database import rows as _rows
from fenghuo.delivery.ledger.database import run_many as _run_many


def move_tally(number: int, account: str, moves: Iterable[tuple[int, int]], at: int) -> None:
    """(state, change) of one broadcast in one account."""
    _run_many(
        "INSERT INTO delivery_tally (broadcast_id, account, state, n, at) VALUES (%s, %s, %s, %s, %s) "
        "ON CONFLICT (broadcast_id, account, state) DO UPDATE SET n = delivery_tally.n + excluded.n, at = excluded.at",
        [(number, account, state, change, at) for state, change in moves],
    )


def tallies(numbers: Sequence[int]) -> list[tuple[int, int, int, int]]:
    """(broadcast number, state, n, last moved at), summed over accounts."""
    if not numbers:
        return []
    rows = _rows(
        "SELECT broadcast_id, state, SUM(n), MAX(at) FROM delivery_tally "
        f"WHERE broadcast_id IN ({_marks(numbers)}) GROUP BY broadcast_id, state",
        numbers,
    )
    return [(int(number), int(state), int(n), int(at)) for number, state, n, at in rows]


def moving(numbers: Sequence[int], states: Sequence[int]) -> int:
    """How many recipients of some broadcasts are in these states in accounts that somebody writes for now.

    Where a lease has run out nothing leaves: whoever takes the account next first reads what was ordered.
    """
    if not numbers:
        return 0
    rows = _rows(
        "SELECT SUM(t.n) FROM delivery_tally t JOIN delivery_account a ON a.name = t.account WHERE t.n > 0 "
        f"AND t.broadcast_id IN ({_marks(numbers)}) AND t.state IN ({_marks(states)}) AND a.lease_until >= {_clock()}",
        (*numbers, *states),
    )
    return int(rows[0][0] or 0)


def standing(organisation: str, states: Sequence[int]) -> list[tuple[str, str, int, int]]:
    """(id, parent, recipients, last moved at) of what an organisation released and of which somebody is in one of these states.

    The newest first, whatever its age; what older versions froze without saying whose it is stands among them.
    """
    rows = _rows(
        "SELECT b.id, b.parent, SUM(t.n), MAX(t.at) FROM delivery_broadcast b JOIN delivery_tally t "
        "ON t.broadcast_id = b.number WHERE b.closed = %s AND b.released_at IS NOT NULL AND b.organisation IN (%s, '') "
        f"AND t.state IN ({_marks(states)}) AND t.n > 0 GROUP BY b.number, b.id, b.parent ORDER BY b.number DESC",
        (False, organisation, *states),
    )
    return [(id, parent, int(n), int(at)) for id, parent, n, at in rows]


def accounts_with(number: int, states: Sequence[int]) -> list[str]:
    """Accounts that keep recipients of a broadcast in any of these states."""
    return [
        row[0]
        for row in _rows(
            "SELECT DISTINCT account FROM delivery_tally WHERE broadcast_id = %s AND n > 0 "
            f"AND state IN ({_marks(states)}) ORDER BY account",
            (number, *states),
        )
    ]


def has_tally(number: int, account: str) -> bool:
    """Whether an account has written its part of a broadcast, be it empty."""
    return bool(
        _rows("SELECT 1 FROM delivery_tally WHERE broadcast_id = %s AND account = %s LIMIT 1", (number, account))
    )


def uncorrected(number: int) -> bool:
    """Whether some account has recipients of an alert and has yet to write its part of the correction; asked of either."""
    return bool(
        _rows(
            "SELECT 1 FROM delivery_broadcast c JOIN delivery_broadcast p ON p.id = c.parent "
            "JOIN delivery_tally t ON t.broadcast_id = p.number "
            "WHERE (c.number = %s OR p.number = %s) AND c.parent <> '' AND t.n > 0 AND NOT EXISTS "
            "(SELECT 1 FROM delivery_tally u WHERE u.broadcast_id = c.number AND u.account = t.account) LIMIT 1",
            (number, number),
        )
    )
