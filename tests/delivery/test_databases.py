"""The same life on SQLite and on PostgreSQL, each in a process with the settings an operator would have."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXPECTED = {
    "missing": 0,
    "bad": "failed",
    "unlisted": 0,
    "in_doubt_at_most": True,
    "corrected_are_the_alerted": True,
    "audience": True,
    "metered": [True, True, True, True],
    "milestones": ["all_accepted", "all_final", "first_intent", "in_doubt"],
}


def live(folder: Path, url: str = "") -> dict:
    environment = {**os.environ, **({"FENGHUO_DATABASE_URL": url} if url else {})}
    command = [sys.executable, "-m", "benchmarks.house", str(folder), "tests.delivery.scenario"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_on_sqlite(tmp_path):
    life = live(tmp_path)
    assert life.pop("fences") >= 3
    assert life == {"vendor": "sqlite", **EXPECTED}


@pytest.mark.postgres
def test_on_postgresql(tmp_path, postgres_url):
    life = live(tmp_path, postgres_url)
    assert life.pop("fences") >= 3
    assert life == {"vendor": "postgresql", **EXPECTED}


def correct(folder: Path, rounds: int, url: str = "") -> dict:
    environment = {**os.environ, **({"FENGHUO_DATABASE_URL": url} if url else {})}
    command = [sys.executable, "-m", "benchmarks.house", str(folder), "tests.delivery.correcting", str(rounds)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def corrected(vendor: str, rounds: int) -> dict:
    kept = dict.fromkeys(("left_out", "never_told", "twice", "wrong_hash", "open"), 0)
    return {"vendor": vendor, **kept, "delivered": 3_600 * rounds}


def test_accounts_that_write_a_correction_at_once_or_late_reach_everybody_under_one_hash(tmp_path):
    assert correct(tmp_path, 2) == corrected("sqlite", 2)


@pytest.mark.postgres
def test_the_same_on_postgresql(tmp_path, postgres_url):
    assert correct(tmp_path, 6, postgres_url) == corrected("postgresql", 6)
