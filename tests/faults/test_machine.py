"""A1 in small: the random walk beside its oracle, and what is planted wrong. The 100,000 steps are in docs/reference/figures.md."""

import json
import subprocess
import sys
from typing import Any

import pytest

from benchmarks.machine import FAULTS
from tests.makers.instance import ROOT

pytestmark = pytest.mark.slow


def walked(*arguments: str) -> tuple[int, dict[str, Any]]:
    """The benchmark as an operator starts it."""
    command = [sys.executable, "-m", "benchmarks.machine", "--json", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280)
    assert done.stdout, done.stderr[-3000:]
    return done.returncode, json.loads(done.stdout.splitlines()[-1])


def test_whatever_happens_in_any_order_every_recipient_is_what_must_be_true() -> None:
    status, found = walked("--steps", "2000", "--seed", "9")
    assert (status, found["violation"]) == (0, ""), found
    assert found["done"]["submits"] > 50
    assert found["done"]["reports acknowledged"] > 20


@pytest.mark.parametrize("fault", FAULTS)
def test_every_planted_fault_is_met(fault: str) -> None:
    """Each within two hundred steps of this walk, of the thousand that it may take."""
    status, found = walked("--steps", "1000", "--seed", "6", "--fault", fault)
    assert (status, found["fault"]) == (1, fault)
    assert found["violation"].startswith("step "), found
