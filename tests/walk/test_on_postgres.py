"""The same walk on PostgreSQL: what one engine compares loosely another may not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def named(url: str, database: str) -> str:
    """The same server, another database."""
    head, tail = url.rsplit("/", 1)
    return f"{head}/{database}" + (f"?{tail.split('?', 1)[1]}" if "?" in tail else "")


@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_walk_finds_nothing_on_postgresql(postgres_url: str) -> None:
    plugins = ["-p", "tests.ground.on_postgres", "-p", "no:cacheprovider"]
    places = {"POSTGRES_FOR_TESTS": postgres_url, "LEDGER_FOR_TESTS": named(postgres_url, "ledger")}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, "-q", "tests/walk/test_walk.py"],
        cwd=ROOT,
        env={**os.environ, **places},
        capture_output=True,
        text=True,
        timeout=1100,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-8000:] + ran.stderr[-2000:]
    assert "skipped" not in ran.stdout
