"""The database itself refuses to change or forget what the journal holds (fault X17). Run by migration 0002 and by tests."""

from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "ground_journalentry"

# REPLACE deletes without waking a DELETE trigger on SQLite, so the insert looks for what it would push aside.
_SQLITE = {
    "journal_no_update": f"BEFORE UPDATE ON {TABLE} BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
    "journal_no_delete": f"BEFORE DELETE ON {TABLE} BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
    "journal_no_replace": f"BEFORE INSERT ON {TABLE} WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE seq = NEW.seq"
    " OR hash = NEW.hash OR once = NEW.once) BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
}
_POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION fenghuo_journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$
"""
_POSTGRESQL = {
    "journal_no_change": f"BEFORE UPDATE OR DELETE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION fenghuo_journal_is_append_only()",
    "journal_no_truncate": f"BEFORE TRUNCATE ON {TABLE} FOR EACH STATEMENT EXECUTE FUNCTION fenghuo_journal_is_append_only()",
}


def install(connection: BaseDatabaseWrapper) -> None:
    """Put the triggers on the journal's table, replacing older ones."""
    remove(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRESQL_FUNCTION)
        for name, body in _triggers(connection).items():
            cursor.execute(f"CREATE TRIGGER {name} {body}")


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take them away: a migration undone, or a test that plays the intruder."""
    on_table = f" ON {TABLE}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for name in _triggers(connection):
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table}")


def _triggers(connection: BaseDatabaseWrapper) -> dict[str, str]:
    return _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE
