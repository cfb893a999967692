"""The private PostgreSQL starts, keeps to itself and leaves nothing behind."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
import pytest

from tests.postgres import Cluster, running_cluster

pytestmark = pytest.mark.postgres


def connect(url: str) -> psycopg.Connection:
    """Connect by the parts of the address that fenghuo.ops.settings reads from it."""
    parts = urlsplit(url)
    return psycopg.connect(
        host=unquote(parts.hostname or ""),
        user=unquote(parts.username or ""),
        dbname=unquote(parts.path.lstrip("/")),
    )


def test_each_test_has_an_empty_database(postgres_url: str) -> None:
    with connect(postgres_url) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        connection.execute("CREATE TABLE left_behind (number int)")
    assert tables == (0,)


def test_the_next_test_sees_nothing_of_it(postgres_url: str) -> None:
    with connect(postgres_url) as connection:
        assert connection.execute("SELECT to_regclass('left_behind')").fetchone() == (None,)


def test_it_listens_on_no_port(postgres: Cluster) -> None:
    with postgres.connect() as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


@pytest.mark.slow
def test_it_ends_with_its_folder_and_its_processes() -> None:
    with running_cluster() as cluster:
        assert Path(f"/proc/{cluster.pid}").exists()
    assert not Path(f"/proc/{cluster.pid}").exists()
    assert not cluster.socket.exists()
