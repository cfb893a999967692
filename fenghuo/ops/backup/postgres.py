"""Both schemas of a PostgreSQL at one moment: a snapshot that pg_dump is given, so that what is counted is what is dumped.

Needs PostgreSQL's own client programs (Debian: postgresql-client), as new as the server. Writers wait for nothing. Where the
ledger has a database of its own there is no moment that both share: the ledger's is taken first, so that no order it obeyed is
missing in the other.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from fenghuo.ops import database
from fenghuo.ops.backup.manifest import FILES
from fenghuo.ops.backup.snapshot import SCRUB
from fenghuo.ops.config import ConfigError
from fenghuo.ops.installation import ALIASES
from fenghuo.ops.settings import SCHEMAS

_ENVIRONMENT = {name: f"PG{name.replace('_', '').upper()}" for name in database.OPTIONS}
_COUNTED = (
    "SELECT table_name FROM information_schema.tables WHERE table_schema = %s AND table_type = 'BASE TABLE' ORDER BY 1"
)


class Snapshot:
    """A transaction that sees one moment; `name` lets pg_dump see the same."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._connection = connection
        self._do("SET idle_in_transaction_session_timeout = 0")
        self._do("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        self.name = str(self.rows("SELECT pg_export_snapshot()")[0][0])

    def _do(self, sql: str) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(sql)

    def rows(self, sql: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """What a statement reads at that moment."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql, values)
            return list(cursor.fetchall())

    def counts(self, schema: str) -> dict[str, int]:
        """Rows of every table of a schema, sessions not counted because they are not dumped."""
        names = [str(row[0]) for row in self.rows(_COUNTED, (schema,))]
        return {
            name: 0 if name == SCRUB else int(self.rows(f'SELECT COUNT(*) FROM "{schema}"."{name}"')[0][0])
            for name in names
        }


@contextmanager
def taken() -> Iterator[dict[str, Snapshot]]:
    """A snapshot by alias; one and the same where one database holds both."""
    with ExitStack() as stack:
        found: dict[str, Snapshot] = {}
        for alias in ("ledger",) if together() else ("ledger", "default"):
            connection = connections.create_connection(alias)
            stack.callback(connection.close)
            found[alias] = Snapshot(connection)
        yield {alias: found.get(alias, found["ledger"]) for alias in ALIASES}


def together() -> bool:
    """Whether one database holds both aliases."""
    first, second = (connections[alias].settings_dict for alias in ALIASES)
    return all(first[key] == second[key] for key in ("HOST", "PORT", "NAME"))


def size() -> int:
    """Bytes of the databases."""
    found = 0
    for alias in ALIASES[: 1 if together() else 2]:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            found += int(cursor.fetchone()[0])
    return found


def dump(taken: dict[str, Snapshot], place: Path) -> list[Path]:
    """The dumps as files: one of both schemas, or one of each."""
    groups = [ALIASES] if together() else [(alias,) for alias in ALIASES]
    files = []
    for name, aliases in zip(FILES["postgresql"], groups, strict=False):
        schemas = [f"--schema={SCHEMAS[alias]}" for alias in aliases]
        command = [
            "pg_dump",
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--snapshot={taken[aliases[0]].name}",
        ]
        command += [f"--exclude-table-data={SCHEMAS['default']}.{SCRUB}", f"--file={place / name}", *schemas]
        _run(command, aliases[0])
        files.append(place / name)
    return files


def load(folder: Path, databases: int) -> None:
    """The dumps into the databases that the settings name, which must have none of our tables. Raises ConfigError."""
    if databases != (1 if together() else 2):
        raise ConfigError(
            "database_url ledger_url：备份与设置的数据库个数不同 / the archive is of one database and the settings name two, "
            "or the other way round; nothing was written"
        )
    for alias in ALIASES:
        with connections[alias].cursor() as cursor:
            cursor.execute(_COUNTED, [SCHEMAS[alias]])
            if cursor.fetchone() is not None:
                raise ConfigError(
                    f"database_url：数据库不空（{SCHEMAS[alias]}），恢复只写入空数据库，什么都没有改动 / the database is not "
                    f"empty (schema {SCHEMAS[alias]}): a restore goes into an empty one only; nothing was changed"
                )
            cursor.execute(f'CREATE SCHEMA IF NOT EXISTS "{SCHEMAS[alias]}"')
    for name, alias in zip(FILES["postgresql"][:databases], ALIASES, strict=False):
        _load_one(folder / name, alias)
        (folder / name).unlink()


def _load_one(file: Path, alias: str) -> None:
    listed = _run(["pg_restore", "--list", str(file)], alias)
    # The schemas are there already; everything else comes in one transaction or not at all.
    wanted = "\n".join(line for line in listed.splitlines() if " SCHEMA - " not in line)
    with tempfile.NamedTemporaryFile("w", suffix=".list") as chosen:
        chosen.write(wanted)
        chosen.flush()
        options = [
            "--single-transaction",
            "--exit-on-error",
            "--no-owner",
            "--no-privileges",
            f"--use-list={chosen.name}",
        ]
        _run(["pg_restore", *options, f"--dbname={connections[alias].settings_dict['NAME']}", str(file)], alias)


def counts() -> dict[str, dict[str, int]]:
    """Rows of every table, by alias, as they are now."""
    found = {}
    for alias in ALIASES:
        with connections[alias].cursor() as cursor:
            cursor.execute(_COUNTED, [SCHEMAS[alias]])
            names = [str(row[0]) for row in cursor.fetchall()]
            found[alias] = {name: _count(cursor, SCHEMAS[alias], name) for name in names}
    return found


def _count(cursor: Any, schema: str, name: str) -> int:
    cursor.execute(f'SELECT COUNT(*) FROM "{schema}"."{name}"')
    return int(cursor.fetchone()[0])


def _run(command: list[str], alias: str) -> str:
    """One of PostgreSQL's programs; the password goes by environment, never by command line. Raises ConfigError."""
    if shutil.which(command[0]) is None:
        raise ConfigError(
            f"缺少 {command[0]}（Debian：postgresql-client）/ {command[0]} is not installed (Debian: postgresql-client)"
        )
    told = connections[alias].settings_dict
    wanted = {"PGHOST": told["HOST"], "PGPORT": told["PORT"], "PGUSER": told["USER"], "PGPASSWORD": told["PASSWORD"]}
    wanted |= {"PGDATABASE": told["NAME"], "PGCONNECT_TIMEOUT": "10"}
    wanted |= {_ENVIRONMENT[name]: str(value) for name, value in told["OPTIONS"].items() if name in _ENVIRONMENT}
    environment = {**os.environ, **{name: value for name, value in wanted.items() if value}}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise ConfigError(f"{command[0]}：{done.stderr.strip()[-600:]}")
    return done.stdout
