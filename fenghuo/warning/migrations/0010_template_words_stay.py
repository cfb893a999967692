"""A trigger: the words of a template's version never change."""

from typing import Any

from django.db import migrations

from fenghuo.warning.templates import triggers


def install(apps: Any, schema_editor: Any) -> None:
    triggers.install(schema_editor.connection)


def remove(apps: Any, schema_editor: Any) -> None:
    triggers.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("warning", "0002_daily_tool")]
    # The hint keeps it off the ledger's database.
    operations = [migrations.RunPython(install, remove, hints={"alias": "default"})]
