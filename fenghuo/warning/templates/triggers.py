"""The words of a template's version never change: refused by the database itself. Run by a migration and by tests."""

from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "warning_templateversion"
MESSAGE = "the words of a template version never change"
FIXED = ("template_id", "number", "headline", "body", "caution", "measures", "correction", "hours", "author_person_id")

_SQLITE_CHANGED = " OR ".join(f"NEW.{one} IS NOT OLD.{one}" for one in FIXED)
_POSTGRESQL_CHANGED = " OR ".join(f"NEW.{one} IS DISTINCT FROM OLD.{one}" for one in FIXED)
_POSTGRESQL_FUNCTION = f"""
CREATE OR REPLACE FUNCTION fenghuo_template_words_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF {_POSTGRESQL_CHANGED} THEN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'check_violation'; END IF;
  RETURN NEW;
END $$
"""
_NAME = "template_words_stay"


def install(connection: BaseDatabaseWrapper) -> None:
    """Put the trigger on the table of versions, replacing an older one."""
    remove(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRESQL_FUNCTION)
            cursor.execute(
                f"CREATE TRIGGER {_NAME} BEFORE UPDATE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION fenghuo_template_words_stay()"
            )
        else:
            cursor.execute(
                f"CREATE TRIGGER {_NAME} BEFORE UPDATE ON {TABLE} WHEN {_SQLITE_CHANGED}"
                f" BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
            )


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take it away: a migration undone."""
    on_table = f" ON {TABLE}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER IF EXISTS {_NAME}{on_table}")
