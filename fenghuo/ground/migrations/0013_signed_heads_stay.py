"""Triggers: a signed head of the journal is never changed and never goes."""

from typing import Any

from django.db import migrations

from fenghuo.ground.journal import triggers


def install(apps: Any, schema_editor: Any) -> None:
    triggers.HEADS.install(schema_editor.connection)


def remove(apps: Any, schema_editor: Any) -> None:
    triggers.HEADS.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("ground", "0012_delivery_engine")]
    # The hint keeps it off the ledger's database.
    operations = [migrations.RunPython(install, remove, hints={"alias": "default"})]
