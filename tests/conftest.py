"""What every test shares. The data folder, PostgreSQL and the browser come from plugins beside this file (see pyproject.toml)."""

import os
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection, connections
from pytest_django import DjangoDbBlocker

from fenghuo.ground.areas import actions as areas
from fenghuo.ground.areas.queries import DEMO_CSV
from fenghuo.ground.files import triggers as attachments
from fenghuo.ground.journal import triggers
from fenghuo.ground.journal.models import JournalEntry
from fenghuo.ground.keyring import actions as keyring
from fenghuo.ground.keyring import queries as keys
from fenghuo.warning.templates import actions as templates
from tests.makers.standing import standing
from tests.postgres import MIGRATED
from tests.templates import FILES, tables

# Two busy cores are no reason for a property to fail. In CI the examples are the same on every run of the same code, so that
# a red run speaks of the change that it was for; on a desk they are new each time.
hypothesis.settings.register_profile("fenghuo", deadline=None, print_blob=True, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("fenghuo")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fast tests first, for their answer is wanted first; then the files that take longest before the others: a worker that comes
    last to one works on alone while the other has nothing left."""
    allowed: dict[Path, float] = {}
    long: Counter[Path] = Counter()
    for item in items:
        mark = item.get_closest_marker("timeout")
        allowed[item.path] = max(allowed.get(item.path, 0.0), float(mark.args[0]) if mark else 0.0)
        long[item.path] += item.get_closest_marker("slow") is not None
    items.sort(key=lambda item: (long[item.path] > 0, -allowed[item.path], -long[item.path]))


@pytest.fixture(scope="session", autouse=True)
def signing_key() -> None:
    """Releases are signed, so the data folder of this test process has a key, as `fenghuo init` leaves one."""
    if not keys.exists():
        keyring.make(organisation="下仓镇人民政府", installation="localhost")


@pytest.fixture(autouse=True)
def unchanged_settings() -> Iterator[None]:
    """The settings are one object for the whole process: whoever leaves a gateway in them fails here, not a stranger later."""
    before = list(settings.FENGHUO.gateway)
    yield
    left = list(settings.FENGHUO.gateway)
    settings.FENGHUO.gateway[:] = before
    assert left == before, "this test left gateways in the settings"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Databases are made of the run's templates, those in memory below: Django need not walk through the migrations."""
    for one in connections.all():
        if one.vendor == "sqlite":
            one.settings_dict["TEST"]["MIGRATE"] = False
        else:
            one.settings_dict["TEST"]["TEMPLATE"] = MIGRATED
            # A test is a transaction in each database, and may leave one of them alone for longer than a real one may.
            one.settings_dict["OPTIONS"]["options"] += " -c idle_in_transaction_session_timeout=0"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Between tests the tables are emptied, which the journal's triggers rightly refuse; tests of the triggers put them back.

    The areas are there once and for all: two thousand rows a test were a quarter of the time of all tests. Whoever empties them
    (a test with transactions of its own) has them imported again by the next town that is made.
    """
    with django_db_blocker.unblock():
        for alias, file in FILES.items():
            if connections[alias].vendor == "sqlite":
                connections[alias].ensure_connection()
                with closing(sqlite3.connect(tables() / file)) as migrated:
                    migrated.backup(connections[alias].connection)
        ContentType.objects.clear_cache()
        triggers.remove(connection)
        triggers.HEADS.remove(connection)
        attachments.remove(connection)
        areas.import_csv(path=DEMO_CSV, by=None)
        JournalEntry.objects.all().delete()


@pytest.fixture(scope="module")
def shipped_templates(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The templates that the program brings, there for all tests of a file."""
    with standing(django_db_blocker, templates.ship):
        yield
