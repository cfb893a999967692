"""An archive with the tables of an earlier version comes back as an installation of this one."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.makers.instance import ROOT, fenghuo
from tests.ops.backup.hostile import parts_of

pytestmark = pytest.mark.slow
OURS = ("ground_", "delivery_", "readiness_", "warning_", "api_")


@pytest.fixture(scope="module")
def oldest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("oldest")
    (folder / "data").mkdir(mode=0o700)
    (folder / "data" / "secret.key").write_text("an old key\n")
    archive = folder / "oldest.zip"
    done = subprocess.run(
        [sys.executable, "-m", "tests.makers.oldest", str(archive)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "FENGHUO_DATA": str(folder / "data")},
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return archive


def test_it_is_brought_to_this_version_with_every_row_and_paused(oldest: Path, tmp_path: Path) -> None:
    told = json.loads(parts_of(oldest)["manifest.json"])
    assert "ground_chore" not in told["tables"]["default"], "these are today's tables: this test proves nothing"
    done = fenghuo("restore", str(oldest), "--into", str(tmp_path / "data"), "--json")
    found = json.loads(done.stdout.splitlines()[-1])
    assert (found["unsent"], found["in_doubt"], found["expired"]) == (30, 0, 0)
    with closing(sqlite3.connect(tmp_path / "data" / "main.db")) as database:
        for table, rows in told["tables"]["default"].items():
            grown = {"ground_journalentry": 2, "delivery_order": 1}.get(table, 0)
            if table.startswith(OURS):
                assert database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] == rows + grown, table
    with closing(sqlite3.connect(tmp_path / "data" / "ledger.db")) as database:
        assert database.execute("SELECT paused FROM delivery_control").fetchone()[0] == 1
    assert json.loads(fenghuo("journal", "verify", "--json", data=tmp_path / "data").stdout.splitlines()[-1])["ok"]


def shape(file: Path) -> tuple[dict[str, set[str]], dict[str, str]]:
    """The columns of every table, and every trigger."""
    with closing(sqlite3.connect(file)) as database:
        found = database.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE type IN ('table', 'trigger')"
        ).fetchall()
        tables = [name for kind, name, _ in found if kind == "table"]
        columns = {one: {row[1] for row in database.execute(f'PRAGMA table_info("{one}")')} for one in tables}
    return columns, {name: text for kind, name, text in found if kind == "trigger"}


def test_a_folder_of_an_earlier_version_is_refused_until_init_and_then_whole(oldest: Path, tmp_path: Path) -> None:
    """As whoever upgrades meets it: `up` says what to do, `init` does it, and not a row or a guard is missing."""
    data, fresh = tmp_path / "data", tmp_path / "fresh"
    shutil.copytree(oldest.parent / "data", data)
    told = json.loads(parts_of(oldest)["manifest.json"])["tables"]
    refused = fenghuo("up", data=data, check=False)
    assert refused.returncode == 3
    assert "fenghuo init" in refused.stderr
    fenghuo("init", data=data)
    fenghuo("init", data=fresh)
    for alias, name in (("default", "main.db"), ("ledger", "ledger.db")):
        assert shape(data / name) == shape(fresh / name), f"{name} is not what a new installation has"
        with closing(sqlite3.connect(data / name)) as database:
            for table, rows in told[alias].items():
                if table != "django_migrations":
                    assert database.execute(f'SELECT COUNT(*) FROM "{table}"').fetchone()[0] >= rows, table
    with closing(sqlite3.connect(data / "ledger.db")) as database:
        assert database.execute("SELECT state, n FROM delivery_tally ORDER BY state").fetchall() == [(1, 30), (4, 30)]
        with (
            pytest.raises(sqlite3.DatabaseError, match="append-only"),
            closing(sqlite3.connect(data / "main.db")) as main,
        ):
            main.execute("UPDATE ground_journalentry SET act = 'x'")
    done = fenghuo("doctor", "--json", data=data, check=False)
    found = {one["name"]: one["colour"] for one in json.loads(done.stdout.splitlines()[-1])["checks"]}
    assert (found["journal"], found["whole:default"], found["whole:ledger"]) == ("green",) * 3
    assert "journal_guards" not in found, "it is named only where a trigger is missing or altered"
