"""All SQL of the delivery floor. Everything here runs on the alias `ledger`, except `orders_after`, which reads `default`.

Times are milliseconds since 1970 UTC. The functions that write must be called inside `writing()`.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from django.db import connections, transaction

from fenghuo.delivery.ledger.database import database_clock as _clock
from fenghuo.delivery.ledger.database import marks as _marks
from fenghuo.delivery.ledger.database import rows as _rows
from fenghuo.delivery.ledger.database import run as _run
from fenghuo.delivery.ledger.database import run_many as _run_many
from fenghuo.delivery.ledger.models import LEDGER
from fenghuo.delivery.ledger.sheet import StoredBlock
from fenghuo.delivery.ledger.values import Heard


def writing() -> AbstractContextManager[Any]:
    """One durable transaction on the ledger."""
    return transaction.atomic(using=LEDGER)


# --- Orders ---------------------------------------------------------------------------------------------------------
class StoredOrder(NamedTuple):
    """An order as read; `detail` is JSON text, or already read by the driver."""

    seq: int
    kind: str
    broadcast: str
    detail: Any
    organisation: str = ""


class Control(NamedTuple):
    """The last order obeyed, and whose sending is paused: everybody's, or that of some organisations."""

    applied: int = 0
    paused: bool = False
    organisations: frozenset[str] = frozenset()


def orders_after(seq: int) -> list[StoredOrder]:
    """Orders not yet obeyed, oldest first, from `default`."""
    sql = "SELECT seq, kind, broadcast, detail, organisation FROM delivery_order WHERE seq > %s ORDER BY seq LIMIT 100"
    return [StoredOrder(*row) for row in _rows(sql, (seq,), "default")]


def one_at_a_time(name: str) -> None:
    """On PostgreSQL `default`, makes writers of orders wait for each other, so that seq order is commit order."""
    if connections["default"].vendor == "postgresql":
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (name,))


def control() -> Control:
    """How far orders have been obeyed, and what is paused."""
    rows = _rows("SELECT applied, paused, organisations FROM delivery_control WHERE id = 1")
    return Control(int(rows[0][0]), bool(rows[0][1]), frozenset(rows[0][2].split())) if rows else Control()


def lock_control() -> Control:
    """As `control`, held until the transaction ends."""
    _run(
        "INSERT INTO delivery_control (id, applied, paused, organisations) VALUES (1, 0, %s, '') ON CONFLICT DO NOTHING",
        (False,),
    )
    _run("UPDATE delivery_control SET applied = applied WHERE id = 1")
    return control()


def set_control(now: Control) -> None:
    """The ledger has obeyed orders up to `now.applied`."""
    _run(
        "UPDATE delivery_control SET applied = %s, paused = %s, organisations = %s WHERE id = 1",
        (now.applied, now.paused, " ".join(sorted(now.organisations))),
    )


# --- Freezing -------------------------------------------------------------------------------------------------------
def insert_blocks(rows: Sequence[tuple[int, int, str, int, bytes, bytes]]) -> None:
    """(broadcast number, ordinal, account, count, sha256, recipients)."""
    _run_many(
        "INSERT INTO delivery_block (broadcast_id, ordinal, account, count, sha256, recipients) "
        "VALUES (%s, %s, %s, %s, %s, %s)",
        rows,
    )


def block_columns(number: int) -> Iterator[tuple[int, int, bytes]]:
    """(id, count, recipients) of each block in order, read 200 at a time."""
    place: tuple[int, str] = (-1, "")
    while True:
        rows = _rows(
            "SELECT ordinal, account, id, count, recipients FROM delivery_block "
            "WHERE broadcast_id = %s AND (ordinal > %s OR (ordinal = %s AND account > %s)) "
            "ORDER BY ordinal, account LIMIT 200",
            (number, place[0], place[0], place[1]),
        )
        for _, _, block, count, recipients in rows:
            yield block, count, recipients
        if not rows:
            return
        place = (rows[-1][0], rows[-1][1])


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


def delete_broadcasts(numbers: Sequence[int]) -> None:
    """Broadcasts that were never released, with all they hold."""
    for table in ("tally", "milestone", "decision", "block"):
        _run(f"DELETE FROM delivery_{table} WHERE broadcast_id IN ({_marks(numbers)})", numbers)
    _run(f"DELETE FROM delivery_broadcast WHERE number IN ({_marks(numbers)})", numbers)


# --- The lease ------------------------------------------------------------------------------------------------------
def take_lease(account: str, protocol: str, holder: str, dead: str, milliseconds: int) -> int | None:
    """The new fence when the account was free, its lease had run out by the database's clock or is `dead`'s; else None."""
    _run(
        "INSERT INTO delivery_account (name, protocol, fence, holder, lease_until, state, since, last_error, in_flight, "
        "seen_at, heard_at) VALUES (%s, %s, 0, '', 0, 'down', 0, '', 0, 0, 0) ON CONFLICT DO NOTHING",
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


def health() -> list[tuple[Any, ...]]:
    """(name, state, since, last_error, in_flight, heard_at, milliseconds since seen)."""
    return _rows(
        f"SELECT name, state, since, last_error, in_flight, heard_at, {_clock()} - seen_at FROM delivery_account"
    )


# --- The tape -------------------------------------------------------------------------------------------------------
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


def move_tally(number: int, account: str, moves: Iterable[tuple[int, int]], at: int) -> None:
    """(state, change) of one broadcast in one account."""
    for state, change in moves:
        _run(
            "INSERT INTO delivery_tally (broadcast_id, account, state, n, at) VALUES (%s, %s, %s, %s, %s) "
            "ON CONFLICT (broadcast_id, account, state) DO UPDATE SET n = delivery_tally.n + excluded.n, at = excluded.at",
            (number, account, state, change, at),
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


# --- What a sender loads, what a page reads --------------------------------------------------------------------------
def load_blocks(number: int, account: str) -> list[StoredBlock]:
    """An account's blocks of a broadcast with their outcomes, in order of sending."""
    rows = _rows(
        "SELECT b.id, b.count, b.recipients, o.states FROM delivery_block b LEFT JOIN delivery_outcome o "
        "ON o.block_id = b.id WHERE b.broadcast_id = %s AND b.account = %s ORDER BY b.id",
        (number, account),
    )
    return [StoredBlock(block, count, bytes(r), None if o is None else bytes(o)) for block, count, r, o in rows]


def some_blocks(ids: Sequence[int]) -> list[StoredBlock]:
    """Blocks by id, ascending."""
    rows: list[tuple[Any, ...]] = []
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        rows += _rows(
            "SELECT b.id, b.count, b.recipients, o.states FROM delivery_block b LEFT JOIN delivery_outcome o "
            f"ON o.block_id = b.id WHERE b.id IN ({_marks(part)}) ORDER BY b.id",
            part,
        )
    return [StoredBlock(block, count, bytes(r), None if o is None else bytes(o)) for block, count, r, o in rows]


def block_index(number: int) -> list[tuple[int, int, str, bytes | None]]:
    """(id, count, account, counts per state or None) of every block, in reading order."""
    return [
        (int(block), int(count), account, None if counts is None else bytes(counts))
        for block, count, account, counts in _rows(
            "SELECT b.id, b.count, b.account, o.counts FROM delivery_block b LEFT JOIN delivery_outcome o "
            "ON o.block_id = b.id WHERE b.broadcast_id = %s ORDER BY b.ordinal, b.account",
            (number,),
        )
    ]


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


def accounts_of(number: int) -> list[str]:
    """Accounts that keep blocks of a broadcast."""
    return [row[0] for row in _rows("SELECT DISTINCT account FROM delivery_tally WHERE broadcast_id = %s", (number,))]


def has_tally(number: int, account: str) -> bool:
    """Whether an account has written its part of a broadcast, be it empty."""
    return bool(
        _rows("SELECT 1 FROM delivery_tally WHERE broadcast_id = %s AND account = %s LIMIT 1", (number, account))
    )


def block_hashes(number: int) -> list[bytes]:
    """SHA-256 of each block in order."""
    rows = _rows("SELECT sha256 FROM delivery_block WHERE broadcast_id = %s ORDER BY ordinal, account", (number,))
    return [bytes(row[0]) for row in rows]


def forget_decisions(ids: Sequence[int]) -> None:
    """They are on the tape."""
    if ids:
        _run(f"DELETE FROM delivery_decision WHERE id IN ({_marks(ids)})", ids)


def word_number(text: str) -> int:
    """The number of a status word, made when new."""
    _run("INSERT INTO delivery_word (text) VALUES (%s) ON CONFLICT DO NOTHING", (text,))
    return int(_rows("SELECT id FROM delivery_word WHERE text = %s", (text,))[0][0])


def words() -> dict[int, str]:
    """Every status word by number."""
    return {int(number): text for number, text in _rows("SELECT id, text FROM delivery_word")}


def insert_inbound(rows: Sequence[Heard]) -> None:
    """One met before is passed over."""
    _run_many(
        "INSERT INTO delivery_inbound (kind, account, at, message_id, address, text, destination, part) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        rows,
    )


def insert_milestone(number: int, name: str, at: int, counts: str) -> None:
    """Once per broadcast and name."""
    _run(
        "INSERT INTO delivery_milestone (broadcast_id, name, at, counts) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (number, name, at, counts),
    )


def milestone_names(number: int) -> set[str]:
    """The milestones a broadcast has passed."""
    return {row[0] for row in _rows("SELECT name FROM delivery_milestone WHERE broadcast_id = %s", (number,))}
