"""A private PostgreSQL for the tests: its own cluster in a temporary folder, reached by a socket there and by nothing else.

A pytest plugin with the fixtures `postgres` (one cluster per test process) and, for each test, `postgres_url` (a fresh, empty
database) and `migrated_url` (a fresh one with the tables that `fenghuo init` makes, and nothing in them).
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql

from tests.templates import migrate, once

START_SECONDS = 60
MIGRATED = "migrated"  # the database of `postgres` that others are made of
NOBODY = 65534  # PostgreSQL refuses to run as root


@dataclass(frozen=True)
class Cluster:
    """A running server. `pid` is its own process; `socket` the folder of its socket, which only its owner and root may enter."""

    socket: Path
    pid: int
    listen: str = ""

    def url(self, database: str) -> str:
        """The address as FENGHUO_DATABASE_URL takes it."""
        return f"postgres://fenghuo@{quote(str(self.socket), safe='')}/{database}"

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """An autocommit connection as the cluster's owner."""
        return psycopg.connect(host=str(self.socket), user="fenghuo", dbname=database, autocommit=True)


def programs() -> Path:
    """The folder of initdb and postgres: Debian's newest, else wherever PATH finds them. FileNotFoundError when absent."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name))
    found = shutil.which("initdb")
    if folders:
        return folders[-1]
    if found:
        return Path(found).resolve().parent
    raise FileNotFoundError("PostgreSQL's server programs are not installed; as root: apt-get install postgresql")


def unprivileged() -> list[str]:
    """The words before a command that make it run as an ordinary user, and end when this process does."""
    words = ["setpriv", "--pdeathsig", "INT"]
    if os.geteuid() == 0:
        words += [f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    return [*words, "--"]


@contextmanager
def running_cluster(
    *, listen: str = "", fsync: bool = False, like: Path | None = None, leave: Path | None = None
) -> Iterator[Cluster]:
    """Make a cluster, start it, yield it, stop it by its process id and delete its folder.

    `listen`: an address of a network of our own at which others may reach it, by password. `fsync`: as durable as in production.
    `like`: the files of another to begin with; `leave`: where to leave a copy of its own.
    """
    # Lower case only: the folder is the host part of an address, and hosts have no capital letters.
    folder = Path(tempfile.mkdtemp(prefix="fenghuo-postgres-", dir="/tmp"))
    try:
        data = folder / "data"
        if like:
            shutil.copytree(like, data)
        _give_away(folder)
        if not like:
            _initialise(data)
        if listen:
            with (data / "pg_hba.conf").open("a", encoding="ascii") as rules:
                rules.write("host all all 10.77.0.0/16 scram-sha-256\n")
        yield from _serve(folder, data, listen, fsync)
        if leave:
            shutil.copytree(data, leave)
    finally:
        shutil.rmtree(folder)


def _give_away(folder: Path) -> None:
    """To whom the server runs as."""
    if os.geteuid() == 0:
        for one in (folder, *folder.rglob("*")):
            os.chown(one, NOBODY, NOBODY)


def _initialise(data: Path) -> None:
    initdb = [str(programs() / "initdb"), "-D", str(data), "-U", "fenghuo", "-A", "trust", "-E", "UTF8"]
    subprocess.run(
        [*unprivileged(), *initdb, "--locale=C.UTF-8", "--no-sync"],
        check=True,
        capture_output=True,
        cwd=data.parent,
        timeout=START_SECONDS,
    )


def _serve(folder: Path, data: Path, listen: str, fsync: bool) -> Iterator[Cluster]:
    # Nothing here outlives a test, so the disk need not be asked; and no port: the socket in our folder is the only door.
    settings = {
        "listen_addresses": listen,
        "unix_socket_directories": str(folder),
        "fsync": "on" if fsync else "off",
        "max_connections": "60",
    }
    words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    log = folder / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [*unprivileged(), str(programs() / "postgres"), "-D", str(data), *words],
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
        )
    try:
        _wait_until_ready(server, folder, log)
        yield Cluster(folder, server.pid, listen)
    finally:
        server.send_signal(signal.SIGINT)  # "fast": ends sessions, leaves no process behind
        server.wait(timeout=START_SECONDS)


def _wait_until_ready(server: subprocess.Popen[bytes], folder: Path, log: Path) -> None:
    asking = [str(programs() / "pg_isready"), "-q", "-h", str(folder), "-t", "1"]
    for _ in range(START_SECONDS * 20):
        if server.poll() is not None:
            break
        if subprocess.run(asking, check=False, timeout=START_SECONDS).returncode == 0:
            return
        # pg_isready answers at once while there is no socket yet
        try:
            server.wait(timeout=0.05)
        except subprocess.TimeoutExpired:
            continue
    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")


def _make_migrated(files: Path) -> None:
    with running_cluster(leave=files) as cluster, tempfile.TemporaryDirectory(prefix="fenghuo-migrating-") as folder:
        with cluster.connect() as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(MIGRATED)))
        migrate(Path(folder), FENGHUO_DATABASE_URL=cluster.url(MIGRATED))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """One PostgreSQL cluster for this test process; mark its tests with `@pytest.mark.postgres`."""
    with running_cluster(like=once("cluster", _make_migrated)) as cluster:
        yield cluster


_numbers = count(1)


@contextmanager
def _database(cluster: Cluster, template: str) -> Iterator[str]:
    name = f"test_{next(_numbers)}"
    with cluster.connect() as connection:
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        connection.execute(made)
    yield cluster.url(name)
    with cluster.connect() as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def postgres_url(postgres: Cluster) -> Iterator[str]:
    """The address of a fresh, empty database, for FENGHUO_DATABASE_URL; dropped afterwards with whoever is still connected."""
    with _database(postgres, "template1") as url:
        yield url


@pytest.fixture
def migrated_url(postgres: Cluster) -> Iterator[str]:
    """The address of a fresh database that has its tables; for tests of something else than how they come about."""
    with _database(postgres, MIGRATED) as url:
        yield url
