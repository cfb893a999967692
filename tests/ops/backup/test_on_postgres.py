"""The same on PostgreSQL: one dump of both schemas at one moment, into an empty database and no other."""

import json
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.makers.instance import fenghuo
from tests.ops.backup.hostile import parts_of
from tests.postgres import Cluster

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


def test_a_backup_comes_back_in_another_database(postgres: Cluster, postgres_url: str, tmp_path: Path) -> None:
    first, archive = tmp_path / "first", tmp_path / "archive.zip"
    fenghuo("init", data=first, FENGHUO_DATABASE_URL=postgres_url)
    fenghuo("backup", "--to", str(archive), data=first, FENGHUO_DATABASE_URL=postgres_url)
    told = json.loads(parts_of(archive)["manifest.json"])
    assert (told["engine"], told["databases"]) == ("postgresql", 1)
    done = fenghuo("restore", str(archive), "--into", str(tmp_path / "a"), "--database-url", postgres_url, check=False)
    assert done.returncode == 3
    assert "not empty" in done.stderr
    assert not (tmp_path / "a").exists()
    drill = ("restore", str(archive), "--drill")
    done = fenghuo(*drill, data=first, FENGHUO_DATABASE_URL=postgres_url, check=False)
    assert done.returncode == 2
    assert "needs an empty database" in done.stderr
    with postgres.connect() as connection:
        connection.execute(sql.SQL("CREATE DATABASE second_machine"))
    try:
        url = postgres.url("second_machine")
        options = ("--into", str(tmp_path / "b"), "--database-url", url, "--secrets", str(first), "--json")
        found = json.loads(fenghuo("restore", str(archive), *options).stdout.splitlines()[-1])
        assert found["rows"] == sum(sum(one.values()) for one in told["tables"].values())
        verdict = fenghuo("journal", "verify", "--json", data=tmp_path / "b", FENGHUO_DATABASE_URL=url)
        assert json.loads(verdict.stdout.splitlines()[-1])["ok"]
        with psycopg.connect(host=str(postgres.socket), user="fenghuo", dbname="second_machine") as connection:
            row = connection.execute("SELECT paused FROM fenghuo_ledger.delivery_control").fetchone()
            assert row == (True,)
    finally:
        with postgres.connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE second_machine WITH (FORCE)"))
