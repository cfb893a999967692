"""What a ledger weighs on disk, and a process in memory."""

import resource
from pathlib import Path

from django.db import connections


def peak_mb() -> float:
    """The most memory this process has had resident, in megabytes."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def bytes_on_disk() -> int:
    """The whole ledger, indexes and free pages included."""
    connection = connections["ledger"]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT SUM(pg_total_relation_size(oid)) FROM pg_class WHERE relname LIKE 'delivery_%%' AND relkind = 'r'"
            )
            return int(cursor.fetchone()[0])
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Path(connection.settings_dict["NAME"]).stat().st_size
