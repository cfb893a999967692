"""A trigger: the flow of an alert never changes."""

from typing import Any

from django.db import migrations

from fenghuo.warning.alerts import triggers


def install(apps: Any, schema_editor: Any) -> None:
    triggers.install(schema_editor.connection)


def remove(apps: Any, schema_editor: Any) -> None:
    triggers.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("warning", "0010_template_words_stay")]
    # The hint keeps it off the ledger's database.
    operations = [migrations.RunPython(install, remove, hints={"alias": "default"})]
