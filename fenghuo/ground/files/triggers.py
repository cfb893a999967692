"""The database itself refuses to change or forget an attachment: it may be the proof of an approval."""

from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "ground_attachment"
MESSAGE = "an attachment is never changed"

_SQLITE = {
    "attachment_no_update": f"BEFORE UPDATE ON {TABLE} BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END",
    "attachment_no_delete": f"BEFORE DELETE ON {TABLE} BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END",
    "attachment_no_replace": f"BEFORE INSERT ON {TABLE} WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id"
    f" OR place = NEW.place) BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END",
}
_POSTGRESQL_FUNCTION = f"""
CREATE OR REPLACE FUNCTION fenghuo_attachment_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{MESSAGE}'; END $$
"""
_POSTGRESQL = {
    "attachment_no_change": f"BEFORE UPDATE OR DELETE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION fenghuo_attachment_stays()",
    "attachment_no_truncate": f"BEFORE TRUNCATE ON {TABLE} FOR EACH STATEMENT EXECUTE FUNCTION fenghuo_attachment_stays()",
}


def install(connection: BaseDatabaseWrapper) -> None:
    """Put the triggers on the table, replacing older ones."""
    remove(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRESQL_FUNCTION)
        for name, body in _triggers(connection).items():
            cursor.execute(f"CREATE TRIGGER {name} {body}")


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take them away: a migration undone, or tests that empty the tables."""
    on_table = f" ON {TABLE}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for name in _triggers(connection):
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table}")


def _triggers(connection: BaseDatabaseWrapper) -> dict[str, str]:
    return _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE
