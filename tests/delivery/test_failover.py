"""When an account dies or falls behind, the others send what it has not; nobody is told twice, and nobody is forgotten."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from django.test import override_settings

from fenghuo.delivery.ledger import actions, queries
from fenghuo.delivery.ledger.models import Block
from simulators.smsc import Plan, running
from tests.delivery.makers import config, freeze, gateway
from tests.delivery.running import settled
from tests.delivery.several import accepted, die, keepers, order, rise, told, until

pytestmark = pytest.mark.django_db(databases=["default", "ledger"], transaction=True)
ROOT = Path(__file__).resolve().parents[2]
NUMBERS = [10012300000 + i for i in range(2_000)]


def left(frozen: actions.Frozen) -> int:
    now = queries.progress([frozen.broadcast])[frozen.broadcast]
    return now.unsent + now.intended


def test_what_a_dead_account_has_not_sent_goes_to_the_other_and_comes_back_to_nobody_twice() -> None:
    with running(Plan()) as living, running(Plan(report_delay=(0.0, 0.1))) as dying:
        one = gateway("one", port=living.port, source_addr="900001", rate=1_000)
        two = gateway("two", port=dying.port, source_addr="900001", rate=500, batch=5, window=4, failover_after=1)
        with override_settings(FENGHUO=config(two)):
            frozen = freeze(NUMBERS)
        order("release", frozen)
        with keepers([one, two]):
            until(lambda: accepted(dying) > 100)
            die(dying)
            until(lambda: left(frozen) == 0)
            rows = list(queries.export(frozen.broadcast))
            assert sorted(row.address for row in rows) == NUMBERS
            assert sum(row.state == "in_doubt" for row in rows) <= 4 * 5
            assert accepted(living) > 1_000
            rise(dying)
            until(settled(frozen.broadcast))
        record = told(living, dying)
    rows = list(queries.export(frozen.broadcast))
    ordered = [row.address for row in rows]  # block by block in the order of risk, wherever they were sent
    assert sorted(ordered[:1_000]) + sorted(ordered[1_000:]) == NUMBERS
    assert Counter(row.state for row in rows) == {"delivered": 2_000}
    assert set(record) == set(NUMBERS)
    assert {number for number, times in record.items() if times > 1} <= {row.address for row in rows if row.doubts}
    assert queries.progress([frozen.broadcast])[frozen.broadcast].delivered == 2_000
    assert queries.audience_hash(frozen.broadcast) == (frozen.audience_sha256, 2_000)
    assert list(queries.audience(frozen.broadcast)[1]) == NUMBERS
    assert queries.recipients(frozen.broadcast, page=2, size=1_500).total == 2_000
    assert queries.recipients(frozen.broadcast, state="unsent").total == 0


def test_numbers_that_no_other_account_serves_wait_for_theirs() -> None:
    mobile, unicom = [13900000000 + i for i in range(300)], [13000000000 + i for i in range(300)]
    with running(Plan()) as living, running(Plan()) as dead:
        one = gateway("one", port=living.port, source_addr="900001", prefixes=["139"])
        two = gateway("two", port=dead.port, source_addr="900001", failover_after=1)
        die(dead)
        with override_settings(FENGHUO=config(two)):
            frozen = freeze([*mobile, *unicom])
        order("release", frozen)
        with keepers([one, two]):
            until(lambda: queries.progress([frozen.broadcast])[frozen.broadcast].delivered == 300)
            assert {row.address for row in queries.recipients(frozen.broadcast, state="unsent", size=600).rows} == set(
                unicom
            )
            rise(dead)
            until(settled(frozen.broadcast))
        assert set(told(dead)) == set(unicom)
        assert set(told(living)) == set(mobile)


@pytest.mark.parametrize("kind", ["recall", "supersede"])
def test_a_recall_stops_those_who_were_handed_over_and_the_correction_reaches_exactly_the_told(kind: str) -> None:
    with running(Plan()) as slow, running(Plan()) as dead:
        one = gateway("one", port=slow.port, source_addr="900001", rate=150, batch=5, window=4)
        two = gateway("two", port=dead.port, source_addr="900001", rate=200, batch=5, window=4, failover_after=1)
        with override_settings(FENGHUO=config(one, two)):
            frozen = freeze(NUMBERS)
        order("release", frozen)
        with keepers([one, two]):
            until(lambda: accepted(dead) > 50)
            die(dead)
            until(lambda: Block.objects.filter(account="one", origin__isnull=False).exists())
            until(lambda: accepted(slow) > 200)
            order(kind, frozen)
            if kind == "recall":
                order("correct", frozen)
            until(lambda: left(frozen) == 0)
            rise(dead)
            correction = queries.correction_of(frozen.broadcast)
            until(settled(frozen.broadcast, in_doubt=True))
            until(lambda: correction is None or settled(correction)())
        first = set(told(slow, dead))
    rows = list(queries.export(frozen.broadcast))
    reached = {row.address for row in rows if row.state != "stopped"}
    assert len(rows) == 2_000
    assert first <= reached
    assert reached - first <= {row.address for row in rows if row.state == "in_doubt"}
    if kind == "recall":
        assert correction is not None
        assert {row.address for row in queries.export(correction)} == reached
        assert queries.audience_hash(correction)[1] == len(reached)


@pytest.mark.postgres
@pytest.mark.slow
def test_nobody_is_lost_on_postgresql_either(tmp_path: Path, postgres_url: str) -> None:
    command = [sys.executable, "-m", "benchmarks.house", str(tmp_path), "benchmarks.failover", "--json"]
    environment = {**os.environ, "FENGHUO_DATABASE_URL": postgres_url}
    done = subprocess.run(
        [*command, "--recipients", "1500", "--after", "2"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert (found["lost"], found["unlisted_duplicates"]) == (0, 0)
    assert found["moved"] > 100
