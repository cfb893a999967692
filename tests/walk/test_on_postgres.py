"""The same walk on PostgreSQL: what one engine compares loosely another may not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_walk_finds_nothing_on_postgresql(postgres_url: str) -> None:
    plugins = ["-p", "tests.ground.on_postgres", "-p", "no:cacheprovider"]
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            *plugins,
            "-q",
            "tests/walk/test_walk.py",
            "tests/ground/accounts/test_hosting.py",
        ],
        cwd=ROOT,
        env={**os.environ, "POSTGRES_FOR_TESTS": postgres_url},
        capture_output=True,
        text=True,
        timeout=1100,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-8000:] + ran.stderr[-2000:]
    assert "skipped" not in ran.stdout
