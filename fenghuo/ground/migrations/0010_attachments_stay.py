"""A trigger: an attachment is never changed and never goes."""

from typing import Any

from django.db import migrations

from fenghuo.ground.files import triggers


def install(apps: Any, schema_editor: Any) -> None:
    triggers.install(schema_editor.connection)


def remove(apps: Any, schema_editor: Any) -> None:
    triggers.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("ground", "0003_daily_tool")]
    # The hint keeps it off the ledger's database.
    operations = [migrations.RunPython(install, remove, hints={"alias": "default"})]
