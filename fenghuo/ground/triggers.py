"""Rules that the database itself keeps, whoever writes: triggers, put on a table by a migration, taken off by tests that empty it.

A CHECK sees one row as it is now, not as it was and not its neighbours; where a rule needs either, it is a trigger.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

_ON_SQLITE = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s"
_ON_POSTGRESQL = (
    "SELECT t.tgname, '', t.tgenabled::text, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
    "WHERE t.tgrelid = to_regclass(%s) AND NOT t.tgisinternal"
)


@dataclass(frozen=True)
class Triggers:
    """The triggers of one table: by name, what stands behind CREATE TRIGGER in each database. `function`: what PostgreSQL calls."""

    table: str
    sqlite: Mapping[str, str]
    postgresql: Mapping[str, str]
    function: str

    def install(self, connection: BaseDatabaseWrapper) -> None:
        """Put them on the table, replacing older ones."""
        self.remove(connection)
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(self.function)
            for name, body in self._of(connection).items():
                cursor.execute(f"CREATE TRIGGER {name} {body}")

    def remove(self, connection: BaseDatabaseWrapper) -> None:
        """Take them away: a migration undone, or a test that plays the intruder."""
        on_table = f" ON {self.table}" if connection.vendor == "postgresql" else ""
        with connection.cursor() as cursor:
            for name in self._of(connection):
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table}")

    def faults(self, connection: BaseDatabaseWrapper) -> list[str]:
        """The names of those that are not there, say something else than they were given, or are switched off."""
        found = _ON_POSTGRESQL if connection.vendor == "postgresql" else _ON_SQLITE
        with connection.cursor() as cursor:
            cursor.execute(found, [self.table])
            there = {name: (body, rest) for name, body, *rest in cursor.fetchall()}
        return [name for name, body in self._of(connection).items() if not self._same(connection, name, body, there)]

    def _same(self, connection: BaseDatabaseWrapper, name: str, body: str, there: Mapping[str, Any]) -> bool:
        stored, rest = there.get(name, ("", []))
        if connection.vendor != "postgresql":
            return bool(stored == f"CREATE TRIGGER {name} {body}")
        enabled, source = rest or ("", "")
        # PostgreSQL writes the definition anew in its own words; what the trigger calls is kept to the letter.
        return enabled == "O" and bool(source) and source in self.function

    def _of(self, connection: BaseDatabaseWrapper) -> Mapping[str, str]:
        return self.postgresql if connection.vendor == "postgresql" else self.sqlite


def append_only(*, table: str, name: str, unique: Sequence[str], message: str) -> Triggers:
    """Rows are added and then neither changed nor forgotten. `unique`: the columns by which a REPLACE would push a row aside.

    REPLACE deletes without waking a DELETE trigger on SQLite, so the insert looks for what it would push aside.
    """
    same = " OR ".join(f"{column} = NEW.{column}" for column in unique)
    abort = f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
    call = f"EXECUTE FUNCTION fenghuo_{name}_stays()"
    return Triggers(
        table,
        {
            f"{name}_no_update": f"BEFORE UPDATE ON {table} {abort}",
            f"{name}_no_delete": f"BEFORE DELETE ON {table} {abort}",
            f"{name}_no_replace": f"BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) {abort}",
        },
        {
            f"{name}_no_change": f"BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {call}",
            f"{name}_no_truncate": f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {call}",
        },
        f"CREATE OR REPLACE FUNCTION fenghuo_{name}_stays() RETURNS trigger LANGUAGE plpgsql AS $$"
        f" BEGIN RAISE EXCEPTION '{message}'; END $$",
    )


def fixed(*, table: str, name: str, columns: Sequence[str], message: str) -> Triggers:
    """These columns keep what they were given; the others of the row may change."""
    on_sqlite = " OR ".join(f"NEW.{one} IS NOT OLD.{one}" for one in columns)
    on_postgresql = " OR ".join(f"NEW.{one} IS DISTINCT FROM OLD.{one}" for one in columns)
    return Triggers(
        table,
        {name: f"BEFORE UPDATE ON {table} WHEN {on_sqlite} BEGIN SELECT RAISE(ABORT, '{message}'); END"},
        {name: f"BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION fenghuo_{name}()"},
        f"CREATE OR REPLACE FUNCTION fenghuo_{name}() RETURNS trigger LANGUAGE plpgsql AS $$"
        f" BEGIN IF {on_postgresql} THEN RAISE EXCEPTION '{message}' USING ERRCODE = 'check_violation'; END IF;"
        " RETURN NEW; END $$",
    )
