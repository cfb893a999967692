"""The flow of an alert never changes: what four eyes must see is not made urgent afterwards. Run by a migration and by tests.

A CHECK sees one row as it is, not as it was; hence a trigger.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "warning_alert"
MESSAGE = "the flow of an alert never changes"

_NAME = "alert_flow_stays"
_POSTGRESQL_FUNCTION = f"""
CREATE OR REPLACE FUNCTION fenghuo_alert_flow_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.flow IS DISTINCT FROM OLD.flow THEN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'check_violation'; END IF;
  RETURN NEW;
END $$
"""


def install(connection: BaseDatabaseWrapper) -> None:
    """Put the trigger on the table of alerts, replacing an older one."""
    remove(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRESQL_FUNCTION)
            cursor.execute(
                f"CREATE TRIGGER {_NAME} BEFORE UPDATE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION fenghuo_alert_flow_stays()"
            )
        else:
            cursor.execute(
                f"CREATE TRIGGER {_NAME} BEFORE UPDATE ON {TABLE} WHEN NEW.flow IS NOT OLD.flow"
                f" BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
            )


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take it away: a migration undone."""
    on_table = f" ON {TABLE}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER IF EXISTS {_NAME}{on_table}")
