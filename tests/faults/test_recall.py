"""C1 in small: alerts recalled at random moments over two accounts. The 500 recalls are in docs/reference/figures.md."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.makers.instance import ROOT


def recalled(*arguments: str) -> tuple[int, dict[str, Any]]:
    """The benchmark as an operator starts it."""
    command = [sys.executable, "-m", "benchmarks.recall", "--slow", "0", "--json", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200)
    assert done.stdout, done.stderr[-3000:]
    return done.returncode, json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_whenever_an_alert_is_recalled_a_window_leaves_at_most_and_exactly_the_reached_are_corrected() -> None:
    _, found = recalled("--recalls", "8", "--recipients", "1500")
    assert (found["not_exact"], found["not_once"], found["stopped_told"], found["stuck"]) == (0, 0, 0, []), found
    assert found["late_per_account"] <= found["bound_per_account"] == 160
    assert found["not_intended_per_account"] <= 160
    assert min(found["told"], found["stopped"]) > 0
    assert found["first_pdu_s"]["max"] < 5  # 2 s are asked on a machine of its own


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["deaf_to_recall", "corrects_the_accepted"])
def test_a_sender_that_recalls_wrongly_is_caught(fault: str) -> None:
    status, found = recalled("--recalls", "4", "--recipients", "1500", "--breaks", "1", "--fault", fault)
    assert (status, found["good"]) == (1, False)
    assert found["late_per_account"] > 160 or found["not_exact"] + found["not_once"] > 0, found
