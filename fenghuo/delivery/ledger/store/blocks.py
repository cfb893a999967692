"""Blocks: written when an audience is frozen, loaded by senders, read by pages.

The audience is the blocks as they were frozen: those without an origin, or with themselves as it where a gone account's were given
on whole. A block with another origin holds recipients that were handed over; it stands in the order of risk where that stands.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from fenghuo.delivery.ledger.database import marks as _marks
from fenghuo.delivery.ledger.database import rows as _rows
from fenghuo.delivery.ledger.database import run as _run
from fenghuo.delivery.ledger.database import run_many as _run_many
from fenghuo.delivery.ledger.sheet import StoredBlock

_LOADED = (
    "SELECT b.id, b.count, b.recipients, o.states, COALESCE(f.ordinal, b.ordinal), COALESCE(b.origin, b.id) "
    "FROM delivery_block b LEFT JOIN delivery_outcome o ON o.block_id = b.id LEFT JOIN delivery_block f ON f.id = b.origin "
)


def hold(number: int) -> None:
    """Holds a broadcast until the transaction ends."""
    _run("UPDATE delivery_broadcast SET closed = closed WHERE number = %s", (number,))


def insert_blocks(rows: Sequence[tuple[int, int, str, int, bytes, bytes]]) -> None:
    """(broadcast number, ordinal, account, count, sha256, recipients)."""
    _run_many(
        "INSERT INTO delivery_block (broadcast_id, ordinal, account, count, sha256, recipients) "
        "VALUES (%s, %s, %s, %s, %s, %s)",
        rows,
    )


def delete_broadcasts(numbers: Sequence[int]) -> None:
    """Broadcasts that were never released, with all they hold."""
    for table in ("tally", "milestone", "decision", "block"):
        _run(f"DELETE FROM delivery_{table} WHERE broadcast_id IN ({_marks(numbers)})", numbers)
    _run(f"DELETE FROM delivery_broadcast WHERE number IN ({_marks(numbers)})", numbers)


def block_columns(number: int) -> Iterator[tuple[int, int, bytes]]:
    """(id, count, recipients) of each block of the audience in order, read 200 at a time."""
    place: tuple[int, str] = (-1, "")
    while True:
        rows = _rows(
            "SELECT ordinal, account, id, count, recipients FROM delivery_block "
            "WHERE broadcast_id = %s AND (origin IS NULL OR origin = id) AND (ordinal > %s OR (ordinal = %s AND account > %s)) "
            "ORDER BY ordinal, account LIMIT 200",
            (number, place[0], place[0], place[1]),
        )
        for _, _, block, count, recipients in rows:
            yield block, count, recipients
        if not rows:
            return
        place = (rows[-1][0], rows[-1][1])


def block_hashes(number: int) -> list[bytes]:
    """SHA-256 of each block of the audience in order."""
    rows = _rows(
        "SELECT sha256 FROM delivery_block WHERE broadcast_id = %s AND (origin IS NULL OR origin = id) ORDER BY ordinal, account",
        (number,),
    )
    return [bytes(row[0]) for row in rows]


def count_blocks(number: int, account: str) -> int:
    """How many blocks of a broadcast an account has, those that were handed over to it among them."""
    sql = "SELECT COUNT(*) FROM delivery_block WHERE broadcast_id = %s AND account = %s"
    return int(_rows(sql, (number, account))[0][0])


def load_blocks(number: int, account: str) -> list[StoredBlock]:
    """An account's blocks of a broadcast with their outcomes, in order of sending."""
    return [
        _loaded(row)
        for row in _rows(f"{_LOADED} WHERE b.broadcast_id = %s AND b.account = %s ORDER BY b.id", (number, account))
    ]


def some_blocks(ids: Sequence[int]) -> list[StoredBlock]:
    """Blocks by id, ascending."""
    rows: list[tuple[Any, ...]] = []
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        rows += _rows(f"{_LOADED} WHERE b.id IN ({_marks(part)}) ORDER BY b.id", part)
    return [_loaded(row) for row in rows]


def _loaded(row: tuple[Any, ...]) -> StoredBlock:
    block, count, recipients, states, rank, origin = row
    return StoredBlock(block, count, bytes(recipients), None if states is None else bytes(states), rank, origin)


def broadcasts_of(ids: Sequence[int], account: str) -> list[int]:
    """The numbers of the broadcasts to which some blocks belong, of those that are this account's."""
    found = set[int]()
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        sql = f"SELECT DISTINCT broadcast_id FROM delivery_block WHERE account = %s AND id IN ({_marks(part)})"
        found.update(int(row[0]) for row in _rows(sql, (account, *part)))
    return sorted(found)


def block_index(number: int) -> list[tuple[int, int, str, bytes | None]]:
    """(id, count, account, counts per state or None) of every block, in reading order."""
    return [
        (int(block), int(count), account, None if counts is None else bytes(counts))
        for block, count, account, counts in _rows(
            "SELECT b.id, b.count, b.account, o.counts FROM delivery_block b LEFT JOIN delivery_outcome o "
            "ON o.block_id = b.id LEFT JOIN delivery_block f ON f.id = b.origin WHERE b.broadcast_id = %s "
            "ORDER BY COALESCE(f.ordinal, b.ordinal), COALESCE(f.account, b.account), b.id",
            (number,),
        )
    ]
