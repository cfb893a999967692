"""What is held in no memory any more and yet asked about: by a receipt that comes again, late, or with an unknown id."""

from collections.abc import Sequence

from fenghuo.delivery.ledger.database import marks as _marks
from fenghuo.delivery.ledger.database import rows as _rows
from fenghuo.delivery.ledger.database import run_many as _run_many
from fenghuo.delivery.ledger.values import Heard, PastBlock

_PAST = (
    "SELECT b.id, b.broadcast_id, n.segments, b.count, b.recipients, o.states FROM delivery_block b "
    "JOIN delivery_broadcast n ON n.number = b.broadcast_id LEFT JOIN delivery_outcome o ON o.block_id = b.id "
)


def past_blocks(ids: Sequence[int]) -> list[PastBlock]:
    """Blocks by id, with what became of their recipients as of the last fold."""
    rows = []
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        rows += _rows(f"{_PAST} WHERE b.id IN ({_marks(part)})", part)
    return [_past(*row) for row in rows]


def doubtful_blocks(account: str, since: int) -> list[tuple[int, PastBlock]]:
    """(until when its texts could leave, block) of an account's closed broadcasts some of whose recipients were in doubt since."""
    rows = _rows(
        "SELECT n.expires_at, b.id, b.broadcast_id, n.segments, b.count, b.recipients, o.states FROM delivery_milestone m "
        "JOIN delivery_broadcast n ON n.number = m.broadcast_id JOIN delivery_block b ON b.broadcast_id = n.number "
        "JOIN delivery_outcome o ON o.block_id = b.id WHERE m.name = 'in_doubt' AND m.at >= %s AND n.closed AND b.account = %s",
        (since, account),
    )
    return [(int(expires), _past(*row)) for expires, *row in rows]


def _past(block: int, broadcast: int, segments: int, count: int, recipients: bytes, states: bytes | None) -> PastBlock:
    return PastBlock(block, broadcast, segments, count, bytes(recipients), None if states is None else bytes(states))


def orphans(account: str, since: int, limit: int) -> list[Heard]:
    """Receipts of an account that fitted nothing, heard since then; the newest of too many, oldest first."""
    rows = _rows(
        f"SELECT {', '.join(Heard._fields)} FROM delivery_inbound WHERE account = %s AND kind = 'orphan' AND at >= %s "
        "ORDER BY id DESC LIMIT %s",
        (account, since, limit),
    )
    return [Heard(*row) for row in reversed(rows)]


def last_messages(account: str, limit: int) -> list[Heard]:
    """What phones wrote last by way of an account, oldest first."""
    rows = _rows(
        f"SELECT {', '.join(Heard._fields)} FROM delivery_inbound WHERE account = %s AND kind = 'message' "
        "ORDER BY id DESC LIMIT %s",
        (account, limit),
    )
    return [Heard(*row) for row in reversed(rows)]


def place_orphans(found: Sequence[Heard]) -> None:
    """They were of a broadcast after all: kept as `matched`. One of the same words that was so before stays what it is."""
    same = "account = %s AND message_id = %s AND address = %s AND text = %s AND part = ''"
    _run_many(
        f"UPDATE delivery_inbound SET kind = 'matched', broadcast = %s WHERE kind = 'orphan' AND {same} AND NOT EXISTS "
        f"(SELECT 1 FROM delivery_inbound WHERE kind = 'matched' AND {same})",
        [(one.broadcast, *2 * (one.account, *one.key)) for one in found],
    )
