"""A task and an UPDATE per recipient: how most systems send, in its smallest honest form, as a measure.

The shape of GOV.UK Notify: a row for each notification, a row for the task that sends it; a worker claims a task, sends, updates
the notification and closes the task; a receipt updates the notification again. Here through Django's ORM on the same durable
SQLite (WAL, synchronous=FULL). What is left out favours it: no broker, no second process, no network, no gateway. Void unless
every row ends as told.

    python -m benchmarks.per_recipient --recipients 2000 --json
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.db import connection, models, transaction

PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
FAILING = 100  # one in so many


def configured(folder: Path) -> None:
    """Django with one durable database in `folder`."""
    options = {"transaction_mode": "IMMEDIATE", "init_command": PRAGMAS}
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "notify.db", "OPTIONS": options}
    settings.configure(DATABASES={"default": database}, USE_TZ=True, DEFAULT_AUTO_FIELD="django.db.models.BigAutoField")
    django.setup()


def tables() -> tuple[Any, Any]:
    """A notification per recipient, and the task that sends it."""

    class Notification(models.Model):
        number = models.BigIntegerField()
        status = models.CharField(max_length=20, default="created", db_index=True)
        reference = models.CharField(max_length=40, default="", db_index=True)

        class Meta:
            app_label = "notify"

    class Task(models.Model):
        notification = models.ForeignKey(Notification, on_delete=models.CASCADE)
        state = models.CharField(max_length=10, default="READY", db_index=True)

        class Meta:
            app_label = "notify"

    with connection.schema_editor() as editor:
        editor.create_model(Notification)
        editor.create_model(Task)
    return Notification, Task


def measure(recipients: int) -> dict[str, Any]:
    """Seconds from the first row to the last receipt."""
    notification, task = tables()
    began = time.perf_counter()
    with transaction.atomic():
        people = notification.objects.bulk_create(notification(number=10**10 + n) for n in range(recipients))
        task.objects.bulk_create(task(notification=one) for one in people)
    while True:
        with transaction.atomic():
            claimed = task.objects.filter(state="READY").order_by("id").first()
            if claimed is not None:
                task.objects.filter(pk=claimed.pk).update(state="RUNNING")
        if claimed is None:
            break
        notification.objects.filter(pk=claimed.notification_id).update(
            status="sending", reference=str(claimed.notification_id)
        )
        task.objects.filter(pk=claimed.pk).update(state="DONE")
    for one in people:
        status = "failed" if one.pk % FAILING == 0 else "delivered"
        notification.objects.filter(reference=str(one.pk)).update(status=status)
    seconds = time.perf_counter() - began
    failed = sum(one.pk % FAILING == 0 for one in people)
    told = (notification.objects.filter(status="failed").count(), task.objects.filter(state="DONE").count())
    delivered = notification.objects.filter(status="delivered").count()
    if told != (failed, recipients) or delivered != recipients - failed:
        raise SystemExit("void: not every recipient is as told")
    return {"recipients": recipients, "seconds": seconds, "recipients_per_s": round(recipients / seconds)}


def main() -> int:
    """One run with the arguments of the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.per_recipient", description=__doc__.splitlines()[0])
    parser.add_argument("--recipients", type=int, default=2_000)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fenghuo-task-") as folder:
        configured(Path(folder))
        found = measure(chosen.recipients)
    print(json.dumps(found) if chosen.json else f"{found['recipients_per_s']:,} recipients/s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
