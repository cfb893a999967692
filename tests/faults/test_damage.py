"""B5: bytes of a database file are not what was written. Whatever is started on it says so and does not serve.

The 200 damages are in docs/reference/figures.md.
"""

import json
import random
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from fenghuo.ops.outcome import CONFIGURATION
from tests.makers.instance import ROOT, fenghuo, initialised

pytestmark = pytest.mark.slow
FLIPS = 24


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("template") / "data"
    initialised(found)
    return found


@pytest.fixture
def data(template: Path, tmp_path: Path) -> Path:
    shutil.copytree(template, tmp_path / "data")
    return tmp_path / "data"


def spoil(file: Path, seed: int = 1) -> None:
    """Random bytes over the head of a page that is in use."""
    content, chance = bytearray(file.read_bytes()), random.Random(seed)
    page = chance.randrange(1, len(content) // 4096) * 4096
    content[page : page + 64] = chance.randbytes(64)
    file.write_bytes(content)


@pytest.mark.parametrize(("command", "name"), [("sender", "ledger.db"), ("worker", "main.db"), ("web", "main.db")])
def test_a_damaged_file_is_not_served_and_the_way_out_is_said(data: Path, command: str, name: str) -> None:
    spoil(data / name)
    done = fenghuo(command, data=data, check=False)
    assert done.returncode == CONFIGURATION
    assert name in done.stderr
    assert "fenghuo restore" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0" + b"\xff" * 5000, b"not a database at all" * 400])
def test_a_file_that_is_no_database_is_not_served(data: Path, content: bytes) -> None:
    (data / "main.db").write_bytes(content)
    done = fenghuo("sender", data=data, check=False)
    assert done.returncode == CONFIGURATION
    assert "Traceback" not in done.stderr


def test_a_schema_that_is_no_text_any_more_is_damage_too(data: Path) -> None:
    """SQLite quotes what it cannot read, and Python cannot read that quotation."""
    file = data / "main.db"
    file.write_bytes(file.read_bytes().replace(b"CREATE TABLE", b"\x9e\xffEATE TABLE"))
    done = fenghuo("sender", data=data, check=False)
    assert done.returncode == CONFIGURATION
    assert "fenghuo restore" in done.stderr
    assert "Traceback" not in done.stderr


def test_wherever_a_page_is_damaged_it_is_found(data: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.house", str(data), "benchmarks.damage", "--flips", str(FLIPS)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200)
    assert done.stdout, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert (found["served"], found["said_badly"], found["flips"]) == (0, 0, FLIPS), "so many were served as healthy"
    assert done.returncode == 0


def test_a_sound_file_starts(data: Path) -> None:
    for name in ("main.db", "ledger.db"):
        with sqlite3.connect(data / name) as database:
            assert database.execute("PRAGMA quick_check").fetchone() == ("ok",)
    found = fenghuo("doctor", "--json", data=data, check=False).stdout
    assert '"whole:default", "colour": "green"' in found
