"""The same tests of journal, accounts, attachments and templates on PostgreSQL: triggers, constraints and races are its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ["tests/ground/journal", "tests/ground/accounts", "tests/ground/files", "tests/warning/templates"]


@pytest.mark.postgres
@pytest.mark.slow
def test_what_the_database_itself_keeps_holds_on_postgresql(postgres_url: str) -> None:
    command = [sys.executable, "-m", "pytest", "-p", "tests.ground.on_postgres", "-p", "no:cacheprovider", "-q", *ROOMS]
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
    assert "skipped" not in ran.stdout
