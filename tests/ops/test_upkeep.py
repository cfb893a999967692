"""What the worker does for the safety of the installation: when it is due, what it leaves behind, and what becomes an alarm."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections, transaction

from fenghuo.ground import clock
from fenghuo.ground.journal import actions as journal
from fenghuo.ground.journal import heads
from fenghuo.ground.upkeep import actions, queries
from fenghuo.ground.upkeep.models import Chore
from fenghuo.ops import installation
from fenghuo.ops.processes import upkeep

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "ledger"])
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def installed(settings: Any, tmp_path: Path) -> Iterator[None]:
    """An installation that begins now, with its nightly round at the time of day at which the test runs, an hour ago."""
    hour = (clock.now().astimezone() - timedelta(hours=1)).strftime("%H:%M")
    zone = {"time_zone": "UTC", "backup_at": hour, "backup_to": str(tmp_path / "backups")}
    settings.FENGHUO = settings.FENGHUO.model_copy(update=zone)
    with transaction.atomic():
        journal.record(act="system.install", by=None, detail={"mode": "exercise"}, once=installation.ONCE)
    yield
    heads.path().unlink(missing_ok=True)


def changed(settings: Any, **values: Any) -> None:
    settings.FENGHUO = settings.FENGHUO.model_copy(update=values)


def test_before_the_first_night_nothing_is_due_and_nothing_alarms() -> None:
    assert not upkeep.due(Chore.BACKUP)
    assert not upkeep.due(Chore.INTEGRITY)
    assert upkeep.due(Chore.HEAD)
    assert not queries.backup().late


def test_after_a_night_both_are_due_and_once_done_not_before_the_next(tmp_path: Path) -> None:
    with clock.moved(DAY):
        for name in (Chore.BACKUP, Chore.INTEGRITY):
            assert upkeep.due(name)
            upkeep.carry_out(name)
            assert not upkeep.due(name)
        assert queries.found(Chore.BACKUP).ok
    (archive,) = (tmp_path / "backups").glob("fenghuo-exercise-*.zip")
    assert archive.stat().st_mode & 0o777 == 0o600
    with clock.moved(2 * DAY):
        assert upkeep.due(Chore.BACKUP)


def test_a_night_that_was_slept_through_is_made_up_for() -> None:
    with clock.moved(5 * DAY + timedelta(hours=7)):
        assert upkeep.due(Chore.BACKUP)


def test_every_five_minutes_where_that_is_asked(settings: Any) -> None:
    changed(settings, backup_every=5)
    upkeep.carry_out(Chore.BACKUP)
    assert queries.backup().allowed == timedelta(minutes=15)
    with clock.moved(timedelta(minutes=4)):
        assert not upkeep.due(Chore.BACKUP)
    with clock.moved(timedelta(minutes=6)):
        assert upkeep.due(Chore.BACKUP)
        assert not queries.backup().late
    with clock.moved(timedelta(minutes=16)):
        assert queries.backup().late


def test_one_that_fails_is_tried_again_soon_and_alarms(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    changed(settings, backup_to=str(tmp_path / "file" / "below"))
    with clock.moved(DAY):
        upkeep.carry_out(Chore.BACKUP)
        found = queries.backup()
        assert (found.ok, found.late, found.at) == (False, True, None)
        assert "file" in found.reason
        assert not upkeep.due(Chore.BACKUP)
    with clock.moved(DAY + timedelta(minutes=16)):
        assert upkeep.due(Chore.BACKUP)


def test_a_backup_that_grew_old_alarms() -> None:
    upkeep.carry_out(Chore.BACKUP)
    assert not queries.backup().late
    with clock.moved(timedelta(hours=27)):
        assert queries.backup().late


def test_a_passphrase_that_is_gone_is_a_reason_and_no_crash(settings: Any) -> None:
    changed(settings, backup_passphrase_file="nowhere")
    upkeep.carry_out(Chore.BACKUP)
    assert "nowhere" in queries.backup().reason


def test_only_one_host_does_it() -> None:
    assert actions.begin(name=Chore.BACKUP, host="one")
    assert not actions.begin(name=Chore.BACKUP, host="two")
    with clock.moved(actions.LEASE + timedelta(minutes=1)):
        assert actions.begin(name=Chore.BACKUP, host="two")


def test_a_clock_set_back_does_not_stop_the_rounds() -> None:
    with clock.moved(400 * DAY):
        upkeep.carry_out(Chore.HEAD)
    assert upkeep.due(Chore.HEAD)


def test_damage_that_a_quick_look_misses_is_an_alarm(settings: Any) -> None:
    """An index that lost its entries: every page is well formed, and what is asked through it is wrong."""
    with connections["ledger"].cursor() as cursor:
        cursor.execute("CREATE TABLE planted (n INTEGER)")
        cursor.execute("INSERT INTO planted VALUES (1), (2), (3)")
        cursor.execute("CREATE INDEX planted_by_n ON planted (n)")
        cursor.execute("PRAGMA writable_schema = ON")
        cursor.execute(
            "UPDATE sqlite_master SET sql = 'CREATE INDEX planted_by_n ON planted (n + 1)' WHERE name = 'planted_by_n'"
        )
        cursor.execute("PRAGMA writable_schema = OFF")
    connections["ledger"].close()
    try:
        upkeep.carry_out(Chore.INTEGRITY)
        found = queries.found(Chore.INTEGRITY)
        assert not found.ok
        assert "ledger" in found.reason
    finally:
        with connections["ledger"].cursor() as cursor:
            cursor.execute("DROP TABLE planted")
    upkeep.carry_out(Chore.INTEGRITY)
    assert queries.found(Chore.INTEGRITY).ok


def test_the_worker_does_it_beside_its_ticks() -> None:
    beside = upkeep.Upkeep()
    deadline = time.monotonic() + 30
    beside.tick()
    while queries.last_tried(Chore.HEAD) is None:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert queries.found(Chore.HEAD).ok
