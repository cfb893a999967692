"""How the ledger talks to its database: one statement at a time, by the driver itself. What is said is `store`'s."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import Any

from django.db import Error, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from fenghuo.delivery.ledger.models import LEDGER

_DATABASE_CLOCK = {
    "sqlite": "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
    "postgresql": "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
}


def writing() -> AbstractContextManager[Any]:
    """One durable transaction on the ledger."""
    return transaction.atomic(using=LEDGER)


@contextmanager
def snapshot() -> Iterator[None]:
    """What is read of the ledger within this is as of one moment; nobody is kept from writing. An open transaction will do."""
    database = connection()
    database.ensure_connection()
    if database.in_atomic_block:
        yield
        return
    run("BEGIN" if database.vendor == "sqlite" else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    try:
        yield
    finally:
        run("ROLLBACK")  # nothing was written


def connection() -> BaseDatabaseWrapper:
    """This thread's connection to the ledger."""
    return connections[LEDGER]


@cache
def _native(sql: str, vendor: str) -> str:
    return sql.replace("%s", "?") if vendor == "sqlite" else sql


@contextmanager
def executed(sql: str, parameters: Sequence[Any], alias: str = LEDGER) -> Iterator[Any]:
    """The driver's own cursor: Django's wrapper costs ten times the statement, and a sender runs thousands a second."""
    database = connections[alias]
    database.ensure_connection()
    with database.wrap_database_errors:
        cursor = database.connection.cursor()
        try:
            yield cursor.execute(_native(sql, database.vendor), parameters)
        finally:
            cursor.close()


class _Group(threading.local):
    """The database of the group commit that this thread is in: looked up once for all of its statements."""

    database: BaseDatabaseWrapper | None = None


_group = _Group()


def _open(alias: str) -> BaseDatabaseWrapper:
    database = _group.database if alias == LEDGER else None
    if database is not None:
        return database
    database = connections[alias]
    if database.connection is None:
        database.ensure_connection()
    return database


def rows(sql: str, parameters: Sequence[Any] = (), alias: str = LEDGER) -> list[tuple[Any, ...]]:
    """What a statement reads, all at once. By the driver itself, as all here: Django's cursor costs ten times the statement."""
    database = _open(alias)
    with database.wrap_database_errors:
        return list(database.connection.execute(_native(sql, database.vendor), parameters).fetchall())


def run(sql: str, parameters: Sequence[Any] = ()) -> int:
    """How many rows it touched."""
    database = _open(LEDGER)
    with database.wrap_database_errors:
        return int(database.connection.execute(_native(sql, database.vendor), parameters).rowcount)


@contextmanager
def group() -> Iterator[None]:
    """A group commit: as `writing`, without what Django adds around a transaction, which costs as much as its statements."""
    database = _open(LEDGER)
    if database.in_atomic_block:
        with writing():
            yield
        return
    run("BEGIN IMMEDIATE" if database.vendor == "sqlite" else "BEGIN")
    _group.database = database
    try:
        yield
        run("COMMIT")
    except BaseException:
        _undone(database)
        raise
    finally:
        _group.database = None


def _undone(database: BaseDatabaseWrapper) -> None:
    """Roll back; where that cannot be done the connection is given up, and the database does it."""
    try:
        run("ROLLBACK")
    except Error:
        database.close()


def run_many(sql: str, values: Sequence[Sequence[Any]]) -> None:
    """One statement with many values."""
    if values:
        database = _open(LEDGER)
        with database.wrap_database_errors:
            cursor = database.connection.cursor()
            cursor.executemany(_native(sql, database.vendor), values)
            cursor.close()


def lost() -> bool:
    """Whether the connection has gone: then nobody knows if what was just written is on disk; only reading it again tells."""
    database = connection()
    return database.connection is None or bool(getattr(database.connection, "closed", False))


def database_clock() -> str:
    """The database's own clock as SQL, in milliseconds since 1970: what every host agrees on."""
    return _DATABASE_CLOCK[_open(LEDGER).vendor]


def marks(values: Sequence[Any]) -> str:
    """As many places as there are values."""
    return ", ".join(["%s"] * len(values))
