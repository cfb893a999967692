"""A gateway that is mute or gone beside one that is well, on real lines: nobody waits for it, and what it says later counts."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fenghuo.delivery.ledger import queries
from simulators.smsc import Plan, running
from tests.delivery.mute_life import NUMBERS, accounts, fates, gone_and_back, released, twice
from tests.delivery.running import settled
from tests.delivery.several import keepers, order, told, until

ROOT = Path(__file__).resolve().parents[2]
here = pytest.mark.django_db(databases=["default", "ledger"], transaction=True)


@here
def test_nobody_waits_for_a_gateway_that_is_gone_and_what_it_says_when_it_is_back_still_counts() -> None:
    both, found = gone_and_back()
    assert set(both) == set(NUMBERS)
    assert twice(both) <= {one for one, (_, doubts) in found.items() if doubts}
    assert {state for state, _ in found.values()} == {"delivered", "accepted"}


@pytest.mark.postgres
def test_the_same_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.house", str(tmp_path), "tests.delivery.mute_life"],
        cwd=ROOT, env={**os.environ, "FENGHUO_DATABASE_URL": postgres_url}, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found == {"vendor": "postgresql", "lost": 0, "unlisted": 0, "states": ["accepted", "delivered"]}


@here
def test_beside_a_gateway_that_takes_the_login_and_is_mute_only_its_probes_wait_for_a_person() -> None:
    with running(Plan()) as well, running(Plan(lose_responses=1.0, lose_reports=1.0)) as ill:
        one, two = accounts(well, ill)
        frozen = released(two)
        with keepers([one, two]):
            until(lambda: all(state == "delivered" or doubts > 1 for state, doubts in fates(frozen).values()), 60)
            until(lambda: once_more(frozen) and settled(frozen.broadcast)(), 60)
        both = told(well, ill)
    found = fates(frozen)
    assert {state for state, _ in found.values()} == {"delivered"}
    assert twice(both) <= {one for one, (_, doubts) in found.items() if doubts}
    assert len(both) == len(NUMBERS)


def once_more(frozen):
    """A person orders it of everybody who waits for one."""
    if any(doubt.next_step == "person" for doubt in queries.in_doubt()):
        order("settle", frozen, all=True, decision="resend")
    return True
