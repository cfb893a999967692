"""What came in, what was reached and what was decided."""

from collections.abc import Sequence
from typing import Any

from fenghuo.delivery.ledger.database import marks as _marks
from fenghuo.delivery.ledger.database import rows as _rows
from fenghuo.delivery.ledger.database import run as _run
from fenghuo.delivery.ledger.database import run_many as _run_many
from fenghuo.delivery.ledger.values import Heard


def insert_inbound(rows: Sequence[Heard]) -> None:
    """One met before is passed over."""
    _run_many(
        f"INSERT INTO delivery_inbound ({', '.join(Heard._fields)}) VALUES ({_marks(Heard._fields)}) ON CONFLICT DO NOTHING",
        rows,
    )


def inbound_of(
    kinds: Sequence[str], columns: Sequence[str], *, account: str, after: int, before: int, limit: int
) -> list[tuple[Any, ...]]:
    """Of each kind the newest whose id lies between two, one read of the index for each; the newest of all come first."""
    where = "kind = %s AND id > %s AND id < %s" + (" AND account = %s" if account else "")
    newest = f"SELECT {', '.join(columns)} FROM delivery_inbound WHERE {where} ORDER BY id DESC LIMIT %s"
    values = [one for kind in kinds for one in (kind, after, before, *([account] if account else []), limit)]
    parts = " UNION ALL ".join(f"SELECT * FROM ({newest}) AS part{at}" for at in range(len(kinds)))
    return _rows(f"SELECT * FROM ({parts}) AS found ORDER BY id DESC LIMIT %s", (*values, limit))


def oldest_inbound(limit: int) -> list[tuple[int, int]]:
    """(id, at) of what came in first."""
    rows = _rows("SELECT id, at FROM delivery_inbound ORDER BY id LIMIT %s", (limit,))
    return [(int(row[0]), int(row[1])) for row in rows]


def forget_inbound(ids: Sequence[int]) -> None:
    """They are older than what is kept."""
    _run(f"DELETE FROM delivery_inbound WHERE id IN ({_marks(ids)})", ids)


def insert_milestone(number: int, name: str, at: int, counts: str) -> None:
    """Once per broadcast and name."""
    _run(
        "INSERT INTO delivery_milestone (broadcast_id, name, at, counts) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (number, name, at, counts),
    )


def milestone_names(number: int) -> set[str]:
    """The milestones a broadcast has passed."""
    return {row[0] for row in _rows("SELECT name FROM delivery_milestone WHERE broadcast_id = %s", (number,))}


def insert_decisions(number: int, accounts: Sequence[str], detail: str) -> None:
    """The same for each of these accounts, to be entered by them; `detail` is JSON."""
    _run_many(
        "INSERT INTO delivery_decision (account, broadcast_id, detail) VALUES (%s, %s, %s)",
        [(account, number, detail) for account in accounts],
    )


def decisions_wait(account: str) -> bool:
    """Whether anything of this kind waits for an account."""
    return bool(_rows("SELECT 1 FROM delivery_decision WHERE account = %s LIMIT 1", (account,)))


def forget_decisions(ids: Sequence[int]) -> None:
    """They are on the tape."""
    if ids:
        _run(f"DELETE FROM delivery_decision WHERE id IN ({_marks(ids)})", ids)
