"""H1: every line of the sender killed once; and the harness catches senders that are wrong."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = 5  # each well within a test's time


def score(tmp_path, *arguments):
    command = [sys.executable, "-m", "benchmarks.house", str(tmp_path), "benchmarks.line_kills", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280)
    assert done.stdout, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.parametrize("part", range(1, PARTS + 1))
def test_a_kill_at_any_line_loses_nobody_and_lists_every_doubt(tmp_path, capsys, part):
    found = score(tmp_path, "--kills", "lines", "--part", f"{part}/{PARTS}")
    with capsys.disabled():
        print(f"\nH1: {found}")
    assert (found["lost"], found["unlisted"], found["stuck"]) == (0, 0, 0)
    assert 0 < found["most_in_doubt"] <= 16
    assert found["kills"] >= 0.9 * found["distinct_lines"] > 500 / PARTS


@pytest.mark.parametrize(
    "fault", ["mark_then_send", "send_then_mark", "acknowledge_then_commit", "window_early", "silent_resend"]
)
def test_a_planted_fault_is_caught(tmp_path, fault):
    assert not score(tmp_path, "--kills", "60", "--fault", fault)["good"]
