"""Of a lift, an update and a recall of the same alert at the same moment exactly one gets through, on each engine."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]


def run(data: Path, rounds: int, **variables: str) -> dict[str, Any]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("FENGHUO_")},
        "DJANGO_SETTINGS_MODULE": "fenghuo.ops.settings",
        "PYTHONPATH": str(ROOT),
        "FENGHUO_DATA": str(data),
        **variables,
    }
    command = [sys.executable, str(Path(__file__).with_name("two_successors.py")), str(rounds)]
    done = subprocess.run(command, env=environment, cwd=data, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def one_each(found: dict[str, Any], engine: str, rounds: int) -> None:
    assert (found["engine"], found["winners"]) == (engine, {"1": rounds}), found
    followed = found["told"].get("lift", 0) + found["told"].get("update", 0)
    assert found["superseded"] == found["orders"] == followed
    assert followed + found["told"].get("recall", 0) == rounds
    assert set(found["told"]) <= {
        "lift", "update", "recall", "lift: predecessor_not_live", "update: predecessor_not_live", "recall: superseded",
    }  # fmt: skip
    assert found["journal_ok"]


def test_at_the_same_moment_on_sqlite(tmp_path: Path):
    one_each(run(tmp_path, 6), "sqlite", 6)


@pytest.mark.postgres
def test_at_the_same_moment_on_postgresql(tmp_path: Path, postgres_url: str):
    one_each(run(tmp_path, 6, FENGHUO_DATABASE_URL=postgres_url), "postgresql", 6)


@pytest.mark.slow
def test_many_times_on_sqlite(tmp_path: Path):
    one_each(run(tmp_path, 60), "sqlite", 60)
