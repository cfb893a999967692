"""S1, S2: three hundred rounds of six simultaneous signers on each engine, one release each."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
ROUNDS = 300
SIGNERS = 6


def run(data: Path, **variables: str) -> dict[str, Any]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("FENGHUO_")},
        "DJANGO_SETTINGS_MODULE": "fenghuo.ops.settings",
        "PYTHONPATH": str(ROOT),
        "FENGHUO_DATA": str(data),
        **variables,
    }
    command = [sys.executable, str(Path(__file__).with_name("six_signers.py")), str(ROUNDS)]
    done = subprocess.run(command, env=environment, cwd=data, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def one_release_each(found: dict[str, Any], engine: str) -> None:
    assert found["engine"] == engine
    # Whoever comes second is told that it is signed, by whom and when.
    assert found["told"] == {"signed": ROUNDS, "already_signed": ROUNDS * (SIGNERS - 1)}
    assert found["releases"] == found["alerts_released"] == found["orders"] == found["used_proofs"] == ROUNDS
    assert found["journal_ok"]


@pytest.mark.slow
def test_six_simultaneous_signers_on_sqlite(tmp_path: Path):
    one_release_each(run(tmp_path), "sqlite")


@pytest.mark.slow
@pytest.mark.postgres
def test_six_simultaneous_signers_on_postgresql(tmp_path: Path, postgres_url: str):
    one_release_each(run(tmp_path, FENGHUO_DATABASE_URL=postgres_url), "postgresql")
