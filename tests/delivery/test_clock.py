"""B1, H7: somebody sets the clock while a warning is being sent, or while people are in doubt."""

from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from fenghuo.delivery.gateways.timers import Timers
from fenghuo.delivery.ledger import actions, queries
from fenghuo.ground import clock
from simulators.smsc import Plan, running
from tests.delivery.makers import freeze, gateway
from tests.delivery.running import QUICK, send_until, settled

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
JUMPS = [timedelta(hours=-1), timedelta(hours=1), timedelta(hours=8)]
NUMBERS = [10012300000 + i for i in range(600)]


def release(frozen):
    actions.order(kind="release", broadcast=frozen.broadcast, by={"system": True})


def told(centre):
    return Counter(int(row.number) for row in centre.call(lambda one: list(one.record.rows())))


def jumping(by, when, then):
    """A condition that, once `when` holds, moves the clock and goes on as `then`."""
    stack = ExitStack()

    def condition():
        if when() and not jumped:
            jumped.append(stack.enter_context(clock.moved(by)))
        return bool(jumped) and then()

    jumped: list[None] = []
    return stack, condition


@pytest.mark.parametrize("by", JUMPS, ids=str)
def test_a_jump_during_a_send_loses_nobody_and_tells_nobody_twice(by):
    with running(Plan(response_delay=(0.01, 0.02), report_delay=(0.05, 0.1))) as centre:
        frozen = freeze(NUMBERS, expires_at=clock.now() + timedelta(hours=6))  # less than the longest jump
        release(frozen)
        done = settled(frozen.broadcast)
        stack, condition = jumping(
            by, lambda: queries.progress([frozen.broadcast])[frozen.broadcast].accepted > 0, done
        )
        with stack:
            send_until(gateway(port=centre.port, source_addr="900001", batch=10), condition)
        times = told(centre)
    assert set(times) == set(NUMBERS)
    assert set(times.values()) == {1}
    assert {row.state for row in queries.export(frozen.broadcast)} == {"delivered"}
    names = {one.name: one.at for one in queries.milestones(0)}
    assert names["first_intent"] <= names["all_accepted"] <= names["all_final"], "no duration is negative"


@pytest.mark.parametrize("by", JUMPS, ids=str)
def test_a_jump_ends_no_wait_early_and_makes_none_endless(by):
    """In doubt for two seconds, then one further copy: not at once because a clock was set forward, not never because back."""
    waits = replace(QUICK, timers=Timers(idle=5, answer=0.15, tries=3), waits={"urgent": 2.0, "patient": 2.0})
    with running(Plan(lose_responses=0.2, lose_reports=1.0)) as centre:
        frozen = freeze(NUMBERS[:40])
        release(frozen)
        gate = gateway(port=centre.port, source_addr="900001", batch=1)

        def progress():
            return queries.progress([frozen.broadcast])[frozen.broadcast]

        def in_doubt():
            now = progress()
            return now.in_doubt > 0 and now.unsent + now.intended == 0

        stack, soon = jumping(by, in_doubt, in_doubt)
        with stack:
            send_until(gate, soon, timing=waits)
            assert set(told(centre).values()) == {1}, "nobody was told again early"
            send_until(
                gate, lambda: all(one.next_step == "person" for one in queries.in_doubt()), timing=waits, seconds=20
            )
        times = told(centre)
    doubtful = {row.address for row in queries.export(frozen.broadcast) if row.doubts}
    assert set(times) == set(NUMBERS[:40])
    assert {number for number, n in times.items() if n > 1} <= doubtful


def test_only_the_clock_asks_the_system_for_the_time():
    """The lint rule (TID251) is there for every way to ask, and nothing in the package is exempt but the clock itself."""
    root = Path(__file__).resolve().parents[2]
    settings = (root / "pyproject.toml").read_text("utf-8")
    for name in (
        "time.time",
        "time.monotonic",
        "time.clock_gettime",
        "datetime.datetime.now",
        "django.utils.timezone.now",
    ):
        assert f'"{name}".msg' in settings
    exempt = [line for line in settings.splitlines() if "TID251" in line and line.startswith('"fenghuo/')]
    assert len(exempt) == 1
    assert exempt[0].startswith('"fenghuo/ground/clock.py"')
    asking = [path for path in (root / "fenghuo").rglob("*.py") if "noqa: TID251" in path.read_text("utf-8")]
    assert asking == []
