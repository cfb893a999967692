"""G3 in small: responses are lost after the gateway took the message. The 10,000 messages are in docs/reference/figures.md."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.makers.instance import ROOT


def doubted(*arguments: str) -> tuple[int, dict[str, Any]]:
    """The benchmark as an operator starts it."""
    command = [sys.executable, "-m", "benchmarks.doubts", "--json", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200)
    assert done.stdout, done.stderr[-3000:]
    return done.returncode, json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_lost_responses_lose_nobody_and_whoever_is_told_twice_was_listed() -> None:
    status, found = doubted("--messages", "200")
    assert [(one["policy"], one["segments"]) for one in found["releases"]] == [
        ("urgent", 1), ("urgent", 3), ("patient", 1), ("patient", 3)
    ]  # fmt: skip
    for one in found["releases"]:
        assert (one["lost"], one["unlisted"], one["third_copies"], one["not_listed"]) == (0, 0, 0, 0), one
        assert one["duplicates"] <= one["doubts"]
        assert one["doubts"] >= one["responses_lost"] > 0
    assert (status, found["good"]) == (0, True)


@pytest.mark.slow
def test_a_sender_that_repeats_what_was_not_answered_in_silence_is_caught() -> None:
    status, found = doubted("--messages", "100", "--fault", "repeats")
    assert (status, found["good"]) == (1, False)
    assert sum(one["unlisted"] for one in found["releases"]) > 0
