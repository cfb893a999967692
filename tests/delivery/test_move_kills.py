"""H1 over hand-overs: killed at every line of one, nobody is lost and nobody told twice; hand-overs that are wrong are caught."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def score(tmp_path, *arguments, harness="move_kills"):
    command = [sys.executable, "-m", "benchmarks.house", str(tmp_path), f"benchmarks.{harness}", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280)
    assert done.stdout, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_a_kill_at_any_line_of_a_hand_over_loses_nobody_and_tells_nobody_twice(tmp_path, capsys):
    found = score(tmp_path, "--kills", "moves")
    with capsys.disabled():
        print(f"\nH1 over hand-overs: {found}")
    assert (found["lost"], found["twice"], found["strayed"], found["stuck"]) == (0, 0, 0, 0)
    assert found["kills"] > 40


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["lets_go_first", "takes_first", "doubts_too", "takes_twice"])
def test_a_planted_fault_is_caught(tmp_path, fault):
    assert not score(tmp_path, "--kills", "moves", "--fault", fault)["good"]


@pytest.mark.slow
def test_a_kill_while_those_in_doubt_are_taken_over_loses_nobody_and_nobody_is_told_twice_unlisted(tmp_path, capsys):
    found = score(tmp_path, "--kills", "moves", harness="doubt_moves")
    with capsys.disabled():
        print(f"\nH1 over those in doubt: {found}")
    assert (found["lost"], found["unlisted"], found["unheard"], found["stuck"]) == (0, 0, 0, 0)
    assert found["kills"] > 40


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["lets_go_first", "takes_first", "forgets_doubts", "acknowledges_first"])
def test_a_planted_fault_among_those_in_doubt_is_caught(tmp_path, fault):
    assert not score(tmp_path, "--kills", "moves", "--fault", fault, harness="doubt_moves")["good"]
