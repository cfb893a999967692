"""The tape and what folds make of it."""

from collections.abc import Sequence

from fenghuo.delivery.ledger.database import marks as _marks
from fenghuo.delivery.ledger.database import rows as _rows
from fenghuo.delivery.ledger.database import run as _run
from fenghuo.delivery.ledger.database import run_many as _run_many


def append(account: str, fence: int, at: int, events: bytes) -> None:
    """One group commit."""
    _run(
        "INSERT INTO delivery_entry (account, fence, at, events) VALUES (%s, %s, %s, %s)", (account, fence, at, events)
    )


def tape(accounts: Sequence[str]) -> list[tuple[int, int, bytes]]:
    """(seq, at, events) of the unfolded tail of some accounts, in order."""
    if not accounts:
        return []
    rows = _rows(
        f"SELECT seq, at, events FROM delivery_entry WHERE account IN ({_marks(accounts)}) ORDER BY seq", accounts
    )
    return [(seq, at, bytes(events)) for seq, at, events in rows]


def last_append() -> int:
    """When the newest entry that no fold has taken in was written; 0 without any."""
    rows = _rows("SELECT at FROM delivery_entry ORDER BY seq DESC LIMIT 1")
    return int(rows[0][0]) if rows else 0


def cut_tape(account: str) -> None:
    """Forgets an account's entries: a fold has taken all of them in."""
    _run("DELETE FROM delivery_entry WHERE account = %s", (account,))


def write_outcomes(rows: Sequence[tuple[int, bytes, bytes]]) -> None:
    """(block, counts, states)."""
    _run_many(
        "INSERT INTO delivery_outcome (block_id, counts, states) VALUES (%s, %s, %s) "
        "ON CONFLICT (block_id) DO UPDATE SET counts = excluded.counts, states = excluded.states",
        rows,
    )


def write_submissions(account: str, at: int, pdus: bytes) -> None:
    """One page of answered submits."""
    _run("INSERT INTO delivery_submission (account, last_at, pdus) VALUES (%s, %s, %s)", (account, at, pdus))


def submissions(account: str, since: int) -> list[bytes]:
    """Pages of an account that hold anything as young as `since`, oldest first."""
    rows = _rows(
        "SELECT pdus FROM delivery_submission WHERE account = %s AND last_at >= %s ORDER BY id", (account, since)
    )
    return [bytes(row[0]) for row in rows]
