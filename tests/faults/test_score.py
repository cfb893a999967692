"""The crash score in small: the real sender killed at random, acts killed at their lines, the power cut; planted faults are caught.

The big sizes are in docs/reference/figures.md; here each harness must hold, and must catch what is wrong on purpose.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.makers.instance import ROOT, initialised

pytestmark = [pytest.mark.slow, pytest.mark.strace]
KEYS = {"kills", "batch", "lost", "duplicates", "max_in_doubt_per_kill", "unlisted_duplicates"}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An exercise folder, made once."""
    found = tmp_path_factory.mktemp("template") / "data"
    initialised(found)
    return found


def score(template: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """The benchmark as a newcomer starts it, from a folder that is not the checkout's."""
    command = [sys.executable, str(ROOT / "benchmarks" / "crash.py"), "--template", str(template), *arguments]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ}, capture_output=True, text=True, timeout=280)
    assert done.stdout, done.stderr[-3000:]
    return done.returncode, json.loads(done.stdout.splitlines()[-1])


def test_killed_at_random_the_real_sender_loses_nobody_and_lists_every_doubt(template: Path) -> None:
    status, found = score(template, "--kills", "3", "--recipients", "3000", "--wait", "1", "--json")
    assert set(found) >= KEYS
    assert (status, found["kills"], found["batch"]) == (0, 3, 50), found
    assert (found["lost"], found["wrong_state"], found["unlisted_duplicates"], found["stuck"]) == (0, 0, 0, [])
    assert found["max_in_doubt_per_kill"] <= 16 * 50
    assert found["accepted"] - found["duplicates"] == found["recipients"] * found["releases"]


def test_a_sender_that_repeats_in_silence_is_caught(template: Path) -> None:
    status, found = score(
        template, "--kills", "2", "--recipients", "3000", "--wait", "1", "--fault", "silent_resend", "--json"
    )
    assert (status, found["good"]) == (1, False)
    assert found["unlisted_duplicates"] > 0


def test_acts_are_whole_or_not_at_all_wherever_they_are_killed_and_each_planted_fault_is_caught(template: Path) -> None:
    status, found = score(template, "--of", "acts", "--kills", "5", "--fault", "all")
    assert (status, found["broken"]) == (0, 0), found
    assert found["kills"] >= 5 * 5
    assert found["planted_faults"] == found["planted_faults_caught"] == 9


def test_a_fan_out_killed_at_any_row_leaves_nobody_out_and_one_said_to_be_whole_too_soon_is_caught(
    template: Path,
) -> None:
    status, found = score(template, "--of", "fan_out", "--people", "60", "--kills", "6", "--fault", "all")
    assert (status, found["broken"], found["planted_faults_caught"]) == (0, 0, 1), found
    assert found["acts"][0]["kills"] >= 6
    assert "missing" in found["acts"][1]["first_failures"][0]


def test_no_power_cut_takes_what_was_said_to_be_safe(template: Path) -> None:
    status, found = score(template, "--power", "25")
    assert (status, found["lost"], found["damaged"], found["cuts"]) == (0, 0, 0, 25), found
    assert found["acknowledged"] > 100


@pytest.mark.parametrize("fault", ["normal", "says_first"])
def test_commits_that_do_not_wait_for_the_disk_are_caught(template: Path, fault: str) -> None:
    status, found = score(template, "--power", "15", "--fault", fault)
    assert (status, found["good"]) == (1, False)
    assert found["lost"] > 0
