"""A data folder of one's own with the delivery floor's tables, for programs that measure or kill a sender.

python -m benchmarks.house DATA_FOLDER MODULE [argument …]     runs MODULE in that house, Django ready before it is imported
"""

import os
import runpy
import sys
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings
from django.db import connections

from benchmarks import children
from fenghuo.ops.config import SECRET_FILE


def open_house(data: Path) -> None:
    """Point this process at `data`, or at FENGHUO_DATABASE_URL; the first to come also makes the tables."""
    data.mkdir(parents=True, exist_ok=True)
    os.environ["FENGHUO_DATA"] = str(data)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fenghuo.ops.settings")
    django.setup()
    made = data / "tables-made"
    # A folder that `fenghuo init` made has its tables, with all their history.
    if not made.exists() and not (data / SECRET_FILE).exists():
        _make_tables()
        made.touch()


def _make_tables() -> None:
    """The tables as the models say, without the history of how they came about."""
    for alias in settings.DATABASES:
        connection = connections[alias]
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("CREATE SCHEMA IF NOT EXISTS fenghuo_ledger")
        with connection.schema_editor() as editor:
            for model in apps.get_app_config("delivery").get_models():
                # The watch's tables name people and organisations, which this house has none of.
                ours = model.__module__ == "fenghuo.delivery.ledger.models"
                if ours and getattr(model, "database", "default") == alias:
                    editor.create_model(model)


if __name__ == "__main__":
    children.tidy()
    open_house(Path(sys.argv[1]))
    sys.argv = sys.argv[2:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
