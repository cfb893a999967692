"""Which table lives in which database: the ledger's own tables under `ledger`, everything else under `default`."""

from typing import Any

from django.apps import apps
from django.db.models import Model

LEDGER = "ledger"


def alias_of(model: type[Model]) -> str:
    """A ledger table says so itself with `database = "ledger"`."""
    return getattr(model, "database", "default")


class Router:
    """Django's database router."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        return alias_of(model)

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        return alias_of(model)

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool:
        return alias_of(type(one)) == alias_of(type(other))

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **hints: Any) -> bool:
        if "alias" in hints:
            return bool(hints["alias"] == db)
        if model_name is None:
            return db == "default"
        return alias_of(apps.get_model(app_label, model_name)) == db
