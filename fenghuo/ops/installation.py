"""One installation: its tables, the mode it has for ever, and whether it is fit to start."""

import sqlite3
from threading import Event

import structlog
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, OperationalError, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.transaction import atomic

from fenghuo import __version__
from fenghuo.ground.journal import actions as journal
from fenghuo.ground.journal.models import JournalEntry
from fenghuo.ops.config import CONFIG_FILE, ConfigError
from fenghuo.ops.preparation import REHEARSAL
from fenghuo.ops.router import LEDGER, alias_of
from fenghuo.ops.settings import SCHEMAS
from fenghuo.warning.templates import actions as templates

ALIASES = ("default", LEDGER)
ONCE = "installation"
AGAIN = 1.0  # seconds until a database that does not answer is asked again
log = structlog.get_logger(__name__)


class Unreachable(ConfigError):
    """A database does not answer: its address is wrong, or it is away for now."""


def migrate() -> None:
    """Bring both databases to the shape this version needs; nothing happens where they have it."""
    for alias in ALIASES:
        connection = connections[alias]
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f'CREATE SCHEMA IF NOT EXISTS "{SCHEMAS[alias]}"')
        if not _outstanding(alias):
            continue  # Django would draw every table's model twice to find that out
        if alias == LEDGER:
            for app in _with_tables_in(alias):
                call_command("migrate", app, database=alias, interactive=False, verbosity=0)
        # The history of apps without a table in the ledger is only noted: to walk it there changes nothing and takes seconds.
        call_command("migrate", database=alias, interactive=False, verbosity=0, fake=alias == LEDGER)


def _outstanding(alias: str) -> bool:
    """Whether this version has a step in its history that the database has not taken."""
    executor = MigrationExecutor(connections[alias])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _with_tables_in(alias: str) -> list[str]:
    return sorted({model._meta.app_label for model in apps.get_models() if alias_of(model) == alias})


def install() -> None:
    """Write the mode into the journal, where neither an edited file nor an UPDATE can change it, and bring the templates along."""
    with atomic():
        detail = {"mode": settings.FENGHUO.mode, "version": __version__}
        journal.record(act="system.install", by=None, detail=detail, once=ONCE)
        templates.ship()
    check()


def remove() -> None:
    """Drop the schemas that a rehearsal made on PostgreSQL, with all that is in them; no others, and no file."""
    for alias in ALIASES:
        if connections[alias].vendor == "postgresql" and SCHEMAS[alias].startswith(REHEARSAL):
            with connections[alias].cursor() as cursor:
                cursor.execute(f'DROP SCHEMA IF EXISTS "{SCHEMAS[alias]}" CASCADE')


def installed_mode() -> str | None:
    """live or exercise as the database knows it; None where `init` has not finished."""
    entry = JournalEntry.objects.filter(once=ONCE).first()
    return None if entry is None else str(entry.detail.get("mode"))


def check(*, wait: bool = False) -> None:
    """Raise ConfigError when this installation must not start: no database, old tables, or another mode than it was made with.

    With `wait`, a database that does not answer is waited for: `up` has seen it, so it is away and not misspelt.
    """
    while True:
        try:
            tables()
            break
        except Unreachable as away:
            if not wait:
                raise
            log.warning("database_away", reason=str(away))
            connections.close_all()
            Event().wait(AGAIN)
    file = settings.DATA / CONFIG_FILE
    try:
        mode = installed_mode()
    except DatabaseError:
        mode = None
    if mode is None:
        raise ConfigError("数据库尚未初始化，请运行 / the database is not initialised; run: fenghuo init")
    if mode != settings.FENGHUO.mode:
        raise ConfigError(
            f"{file}：mode：此处为 {settings.FENGHUO.mode}，数据库为 {mode}；模式永不改变 / "
            f"says {settings.FENGHUO.mode}, the database was made {mode}; a mode is for ever"
        )


def whole() -> None:
    """Raise ConfigError where a database file is damaged (fault B5): what cannot be read for certain is not served."""
    for alias in ALIASES:
        connection = connections[alias]
        if connection.vendor != "sqlite":
            continue
        try:
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA quick_check(1)")
                answer = str(cursor.fetchone()[0])
        except DatabaseError as error:
            if not _is_damage(error):
                raise
            answer = str(error)
        if answer != "ok":
            file = connection.settings_dict["NAME"]
            raise ConfigError(
                f"{file}：数据库文件已损坏，没有启动，也没有改动任何内容。请保留此文件，用最近的备份恢复：fenghuo restore\n"
                f"{file}: the database file is damaged ({answer}). Nothing was started and nothing was changed. "
                "Keep the file, and restore the newest backup: fenghuo restore"
            )


def _is_damage(error: DatabaseError) -> bool:
    """Whether SQLite says that what lies in the file is not a sound database, or cannot be read."""
    code = int(getattr(error.__cause__, "sqlite_errorcode", 0) or 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR)


def tables() -> None:
    """Raise ConfigError where a database cannot be reached or its tables are not this version's."""
    file = settings.DATA / CONFIG_FILE
    for alias in ALIASES:
        try:
            outstanding = _outstanding(alias)
        except OperationalError as error:
            raise Unreachable(
                f"{file}：database_url：数据库无法连接 / the database cannot be reached ({alias}): {error}"
            ) from None
        if outstanding:
            raise ConfigError(
                f"{alias}：数据库表不是本版本的，请运行 / tables are not this version's; run: fenghuo init"
            )
