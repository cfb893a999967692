"""Django's SQLite, with an ear for every error of the driver: the first fault of the disk is noticed wherever it comes.

`wrap_database_errors` is what Django, and the ledger's own statements, put around every call of the driver, COMMIT included.
"""

import sqlite3
from functools import cached_property
from types import TracebackType
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.utils import DatabaseErrorWrapper

from fenghuo.ground.disk import actions as disk


class Listening(DatabaseErrorWrapper):
    """Tells the disk's room of an error before it becomes Django's."""

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if isinstance(exc_value, UnicodeDecodeError):
            exc_type, exc_value = sqlite3.DatabaseError, unreadable()
        if exc_value is not None:
            disk.met(exc_value)
        super().__exit__(exc_type, exc_value, traceback)


def unreadable() -> sqlite3.DatabaseError:
    """A damaged schema is quoted in SQLite's own complaint, and the driver stumbles over bytes there that are no text."""
    damage = sqlite3.DatabaseError("malformed database schema")
    damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return damage


class DatabaseWrapper(base.DatabaseWrapper):
    """See the module."""

    @cached_property
    def wrap_database_errors(self) -> Any:
        """The context manager around every call of the driver."""
        return Listening(self)
