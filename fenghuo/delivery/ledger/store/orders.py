"""What people ordered, from `default`, and how far the ledger has obeyed."""

from typing import Any, NamedTuple

from django.db import connections

from fenghuo.delivery.ledger.database import rows as _rows
from fenghuo.delivery.ledger.database import run as _run


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
