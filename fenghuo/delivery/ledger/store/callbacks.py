"""What HTTP gateways posted, until it is on the tape."""

from collections.abc import Sequence

from fenghuo.delivery.ledger.database import executed
from fenghuo.delivery.ledger.database import marks as _marks
from fenghuo.delivery.ledger.database import rows as _rows
from fenghuo.delivery.ledger.database import run as _run


def keep_callback(account: str, nonce: str, at: int, body: bytes) -> bool:
    """False, and nothing kept, where this account used the nonce before."""
    sql = (
        "INSERT INTO delivery_callback (account, nonce, at, body) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT (account, nonce) DO NOTHING"
    )
    with executed(sql, (account, nonce, at, body)) as cursor:
        return int(cursor.rowcount) == 1


def waiting_callbacks(account: str, limit: int) -> list[tuple[int, int, bytes]]:
    """(id, at, body) of what is not on the tape yet, oldest first."""
    sql = "SELECT id, at, body FROM delivery_callback WHERE account = %s AND body IS NOT NULL ORDER BY id LIMIT %s"
    return [(row[0], row[1], bytes(row[2])) for row in _rows(sql, (account, limit))]


def forget_callbacks(ids: Sequence[int]) -> None:
    """They are on the tape; their nonces stay."""
    if ids:
        _run(f"UPDATE delivery_callback SET body = NULL WHERE id IN ({_marks(ids)})", ids)


def forget_nonces(account: str, before: int) -> None:
    """A callback as old as that is refused for its age."""
    _run("DELETE FROM delivery_callback WHERE account = %s AND body IS NULL AND at < %s", (account, before))
