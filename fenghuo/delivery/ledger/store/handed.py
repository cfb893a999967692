"""What one account hands over to another: the blocks that carry it, who could take it, and how much everybody still has to send."""

from collections.abc import Sequence
from typing import Any

from fenghuo.delivery.ledger.database import database_clock as _clock
from fenghuo.delivery.ledger.database import marks as _marks
from fenghuo.delivery.ledger.database import rows as _rows
from fenghuo.delivery.ledger.database import run as _run
from fenghuo.delivery.ledger.database import run_many as _run_many


def hold_sendable(number: int, now_ms: int) -> bool:
    """Holds a broadcast until the transaction ends, so that its hand-overs follow each other; False where nothing may leave."""
    return bool(
        _run(
            "UPDATE delivery_broadcast SET closed = closed "
            "WHERE number = %s AND recalled_at IS NULL AND expires_at > %s AND NOT closed",
            (number, now_ms),
        )
    )


def insert_handed(number: int, account: str, rows: Sequence[tuple[int, bytes, bytes, int]]) -> list[int]:
    """(count, sha256, recipients, origin): further blocks of an account; their ids. The broadcast must be held."""
    last = _rows("SELECT MAX(ordinal) FROM delivery_block WHERE broadcast_id = %s", (number,))[0][0]
    _run_many(
        "INSERT INTO delivery_block (broadcast_id, ordinal, account, count, sha256, recipients, origin) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s)",
        [(number, int(last) + 1 + at, account, *row) for at, row in enumerate(rows)],
    )
    sql = "SELECT id FROM delivery_block WHERE broadcast_id = %s AND ordinal > %s ORDER BY ordinal"
    return [int(row[0]) for row in _rows(sql, (number, last))]


def give_blocks(number: int, giver: str, taker: str) -> None:
    """All blocks of one account in a broadcast become another's, as they were frozen: each is its own origin.

    The taker must have no block of it, since its book takes in new ones behind those that it has.
    """
    _run(
        "UPDATE delivery_block SET account = %s, origin = id WHERE broadcast_id = %s AND account = %s",
        (taker, number, giver),
    )


def decided(number: int, account: str) -> bool:
    """Whether a decision on an account's recipients in doubt waits to be carried out."""
    sql = "SELECT 1 FROM delivery_decision WHERE broadcast_id = %s AND account = %s LIMIT 1"
    return bool(_rows(sql, (number, account)))


def keepers(number: int, states: Sequence[int]) -> list[str]:
    """Accounts that keep recipients of a broadcast in any of these states; none once it is over."""
    return [
        str(row[0])
        for row in _rows(
            "SELECT DISTINCT t.account FROM delivery_tally t JOIN delivery_broadcast n ON n.number = t.broadcast_id "
            f"WHERE t.broadcast_id = %s AND NOT n.closed AND t.n > 0 AND t.state IN ({_marks(states)}) ORDER BY t.account",
            (number, *states),
        )
    ]


def handed_blocks(account: str) -> list[tuple[int, int]]:
    """(id, broadcast number) of blocks that others handed over to an account, of broadcasts that are not closed."""
    return [
        (int(block), int(number))
        for block, number in _rows(
            "SELECT b.id, b.broadcast_id FROM delivery_block b JOIN delivery_broadcast n ON n.number = b.broadcast_id "
            "WHERE b.account = %s AND b.origin IS NOT NULL AND NOT n.closed ORDER BY b.id",
            (account,),
        )
    ]


def left_to_send(unsent: int, now_ms: int) -> list[tuple[str, int, int]]:
    """(account, lane, messages) that may leave and have not: a text of three segments counts three."""
    return [
        (account, int(lane), int(messages))
        for account, lane, messages in _rows(
            "SELECT t.account, n.lane, SUM(t.n * n.segments) FROM delivery_tally t "
            "JOIN delivery_broadcast n ON n.number = t.broadcast_id WHERE t.state = %s AND t.n > 0 AND NOT n.closed "
            "AND NOT n.paused AND n.released_at IS NOT NULL AND n.recalled_at IS NULL AND n.expires_at > %s "
            "GROUP BY t.account, n.lane",
            (unsent, now_ms),
        )
    ]


def able(names: Sequence[str], states: Sequence[str], seen_ms: int) -> dict[str, tuple[int, int, int]]:
    """Of some accounts those in these states, seen lately and served by somebody now: what they sent, in how many busy ms.

    And for how many milliseconds nothing had been taken when that was said.
    """
    rows: list[tuple[Any, ...]] = _rows(
        f"SELECT name, sent_now, busy_now, seen_at - well_at FROM delivery_account WHERE name IN ({_marks(names)}) "
        f"AND state IN ({_marks(states)}) AND lease_until >= {_clock()} AND seen_at >= {_clock()} - %s",
        (*names, *states, seen_ms),
    )
    return {name: (int(sent), int(busy), int(unwell)) for name, sent, busy, unwell in rows}


def unserved(accounts: Sequence[str], states: Sequence[int], doubt: int, now_ms: int) -> list[str]:
    """Accounts not among `accounts` that have something left to do in a broadcast that is released and not over.

    That is recipients in these states, or in `doubt` where they may still be sent to, a person's decision, or their part of a
    correction.
    """
    return [
        str(row[0])
        for row in _rows(
            "SELECT DISTINCT t.account FROM delivery_tally t JOIN delivery_broadcast n ON n.number = t.broadcast_id "
            "WHERE t.n > 0 AND NOT n.closed AND n.released_at IS NOT NULL "
            f"AND t.account NOT IN ({_marks(accounts)}) AND (t.state IN ({_marks(states)}) "
            "OR (t.state = %s AND n.recalled_at IS NULL AND n.expires_at > %s) "
            "OR EXISTS (SELECT 1 FROM delivery_decision d WHERE d.account = t.account) "
            "OR EXISTS (SELECT 1 FROM delivery_broadcast c WHERE c.parent = n.id AND NOT EXISTS "
            "(SELECT 1 FROM delivery_tally u WHERE u.broadcast_id = c.number AND u.account = t.account)))",
            (*accounts, *states, doubt, now_ms),
        )
    ]


def at_rest_since(states: Sequence[int], until_ms: int) -> list[int]:
    """Numbers of what was released before then and is not over, in which nothing moved since and nobody is in these states."""
    return [
        int(row[0])
        for row in _rows(
            "SELECT n.number FROM delivery_broadcast n WHERE NOT n.closed AND n.released_at < %s AND NOT EXISTS "
            "(SELECT 1 FROM delivery_tally t WHERE t.broadcast_id = n.number AND t.n > 0 "
            f"AND (t.at >= %s OR t.state IN ({_marks(states)})))",
            (until_ms, until_ms, *states),
        )
    ]
