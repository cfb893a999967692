"""The same tests of imports, of taking them back and of choosing people, on PostgreSQL: locks, order and aggregates are its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
HERE = "tests/readiness/contacts"
TESTS = [
    [f"{HERE}/test_undo.py", f"{HERE}/test_import.py"],
    [f"{HERE}/test_audience.py", f"{HERE}/test_roster.py", "tests/ground/areas/test_boundaries.py"],
]


@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.parametrize("tests", TESTS, ids=["imports", "choosing"])
def test_contacts_hold_on_postgresql(postgres_url: str, tests: list[str]) -> None:
    command = [sys.executable, "-m", "pytest", "-p", "tests.ground.on_postgres", "-p", "no:cacheprovider", "-q", *tests]
    ran = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "POSTGRES_FOR_TESTS": postgres_url},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-8000:] + ran.stderr[-2000:]
    assert "passed" in ran.stdout
    assert "skipped" not in ran.stdout
