"""Triggers: the journal only grows; an administrator or auditor holds no other post."""

from typing import Any

from django.db import migrations

from fenghuo.ground.accounts import triggers as accounts
from fenghuo.ground.journal import triggers as journal


def install(apps: Any, schema_editor: Any) -> None:
    journal.install(schema_editor.connection)
    accounts.install(schema_editor.connection)


def remove(apps: Any, schema_editor: Any) -> None:
    journal.remove(schema_editor.connection)
    accounts.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("ground", "0001_initial")]
    # The hint keeps these off the ledger's database.
    operations = [migrations.RunPython(install, remove, hints={"alias": "default"})]
