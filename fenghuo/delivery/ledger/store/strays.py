"""What belongs to an account that nobody serves any more."""

from collections.abc import Sequence

from fenghuo.delivery.ledger.database import marks as _marks
from fenghuo.delivery.ledger.database import rows as _rows
from fenghuo.delivery.ledger.database import run as _run
from fenghuo.delivery.ledger.store.tallies import move_tally


def adopt_blocks(number: int, accounts: Sequence[str], into: str) -> None:
    """Blocks and tallies whose account is no longer configured go to `into`."""
    _run(
        f"UPDATE delivery_block SET account = %s WHERE broadcast_id = %s AND account NOT IN ({_marks(accounts)})",
        (into, number, *accounts),
    )
    stray = _rows(
        f"SELECT state, n, at FROM delivery_tally WHERE broadcast_id = %s AND account NOT IN ({_marks(accounts)})",
        (number, *accounts),
    )
    _run(
        f"DELETE FROM delivery_tally WHERE broadcast_id = %s AND account NOT IN ({_marks(accounts)})",
        (number, *accounts),
    )
    for state, n, at in stray:
        move_tally(number, into, [(state, n)], at)


def strays(accounts: Sequence[str], unsent: int) -> list[int]:
    """Released broadcasts that an account not among `accounts` keeps, all of whose recipients there are still unsent."""
    rows = _rows(
        "SELECT b.number FROM delivery_broadcast b JOIN delivery_tally t ON t.broadcast_id = b.number "
        f"WHERE NOT b.closed AND b.released_at IS NOT NULL AND t.account NOT IN ({_marks(accounts)}) "
        "GROUP BY b.number HAVING SUM(CASE WHEN t.state <> %s AND t.n <> 0 THEN 1 ELSE 0 END) = 0",
        (*accounts, unsent),
    )
    return [int(row[0]) for row in rows]
