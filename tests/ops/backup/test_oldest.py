"""An archive with the tables of an earlier version comes back as an installation of this one."""

import json
import os
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
