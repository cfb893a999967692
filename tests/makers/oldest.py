"""Run as a program in an empty data folder: an installation with the tables of the version before backups, and an archive of it.

It has an organisation, areas, a journal, and a warning of which half the recipients were still to be reached.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import django
import numpy as np

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fenghuo.ops.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connections  # noqa: E402
from django.db.migrations.executor import MigrationExecutor  # noqa: E402
from django.db.transaction import atomic  # noqa: E402

from fenghuo.delivery.ledger import columns  # noqa: E402
from fenghuo.ground.accounts import actions as accounts  # noqa: E402
from fenghuo.ground.areas import actions as areas  # noqa: E402
from fenghuo.ground.areas.queries import DEMO_CSV  # noqa: E402
from fenghuo.ground.ids import new_id  # noqa: E402
from fenghuo.ground.journal import actions as journal  # noqa: E402
from fenghuo.ops.backup import making  # noqa: E402
from fenghuo.ops.installation import ALIASES, ONCE  # noqa: E402

BEFORE = [
    ("ground", "0011_areas_are_found"),
    ("delivery", "0002_daily_tool"),
    ("readiness", "0002_daily_tool"),
    ("warning", "0011_alert_flow_stays"),
    ("api", "0001_initial"),
]
UNSENT, DELIVERED, HALF = 4, 1, 30


def tables() -> None:
    own = {app for app, _ in BEFORE}
    for alias in ALIASES:
        executor = MigrationExecutor(connections[alias])
        others = [leaf for leaf in executor.loader.graph.leaf_nodes() if leaf[0] not in own]
        executor.migrate([*BEFORE, *others])


def insert(table: str, **values: Any) -> None:
    marks = ", ".join(["%s"] * len(values))
    with connections["ledger"].cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", list(values.values()))


def warning(organisation: str) -> None:
    """As the older version left it: raw rows, because today's models know more columns."""
    now = round(time.time() * 1000)
    insert(
        "delivery_broadcast", number=1, id=new_id(), parent="", mode="exercise", lane=1, text="x", correction="",
        src_id="12379", policy="urgent", segments=1, expires_at=now + 3_600_000, created_at=now, count=2 * HALF,
        audience_sha256="0" * 64, released_at=now, recalled_at=None, paused=False, closed=False, lifts="[]",
        organisation=organisation, superseded=False,
    )  # fmt: skip
    numbers = np.arange(10_000_000_001, 10_000_000_001 + 2 * HALF, dtype=np.uint64)
    packed = columns.pack_recipients(np.arange(1, 2 * HALF + 1, dtype=np.uint64), numbers)
    insert(
        "delivery_block",
        id=1,
        broadcast_id=1,
        ordinal=0,
        account="mobile",
        count=2 * HALF,
        sha256=b"",
        recipients=packed,
    )
    for state in (UNSENT, DELIVERED):
        insert("delivery_tally", broadcast_id=1, account="mobile", state=state, n=HALF, at=now)


def main(path: str) -> None:
    tables()
    with atomic():
        journal.record(act="system.install", by=None, detail={"mode": "exercise", "version": "0.1.0"}, once=ONCE)
    areas.import_csv(path=DEMO_CSV, by=None)
    organisation = accounts.create_organisation(area_code="120119111", name="下仓镇", profile="xiacang", by=None)
    warning(organisation.pk)
    made = making.make(Path(path), passphrase=None, progress=lambda _: None)
    print(json.dumps({"bytes": made.bytes, "data": str(settings.DATA)}))


main(sys.argv[1])
