"""B2 in small: eight browsers write at once while the database is held. The minute is in docs/reference/figures.md."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.makers.instance import ROOT, initialised


@pytest.mark.slow
def test_eight_who_write_through_the_web_at_once_never_read_that_something_is_locked(tmp_path: Path) -> None:
    data = tmp_path / "data"
    initialised(data)
    command = [sys.executable, "-m", "benchmarks.house", str(data), "benchmarks.writers", "--seconds", "4"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200)
    assert done.stdout, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert (found["locked"], found["said"]) == (0, ""), found
    assert found["made"] == found["written"] >= 8
    assert (done.returncode, found["writers"]) == (0, 8)
