"""How old the last backup is, whether the databases were whole when last looked at, and what of it is an alarm."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from fenghuo.ground import clock
from fenghuo.ground.upkeep.models import Chore

NIGHTLY = timedelta(hours=26)  # a night's backup may be late by a long day, not by two
LATE_ROUNDS = 3  # of a backup every few minutes
LEAST = timedelta(minutes=15)


@dataclass(frozen=True)
class Backup:
    """The newest backup. `kept`: what may be lost with the disk, as time; `late`: older than allowed, an alarm.

    `at` None: there never was one; that is an alarm too, once the first should have been made.
    """

    on: bool  # the worker makes them
    at: datetime | None
    age: timedelta | None
    allowed: timedelta
    late: bool
    ok: bool  # how the last try ended
    reason: str
    detail: dict[str, Any]


@dataclass(frozen=True)
class Found:
    """How a chore last ended; `at` None: never done."""

    at: datetime | None
    ok: bool
    reason: str
    detail: dict[str, Any]


def backup() -> Backup:
    """The newest backup against what is allowed."""
    row = Chore.objects.filter(name=Chore.BACKUP).first() or Chore(name=Chore.BACKUP)
    age = None if row.done_at is None else max(timedelta(0), clock.now() - row.done_at)
    on, most = bool(settings.FENGHUO.backup_to), allowed()
    # Before the first night is over nothing is late: `tried_at` alone says that one was due.
    late = on and (age > most if age is not None else row.tried_at is not None)
    return Backup(on, row.done_at, age, most, late, row.ok, row.reason, row.detail)


def allowed() -> timedelta:
    """How old the newest backup may be before it is an alarm."""
    every = timedelta(minutes=settings.FENGHUO.backup_every)
    return max(LEAST, LATE_ROUNDS * every) if every else NIGHTLY


def found(name: str) -> Found:
    """How a chore (`Chore.NAMES`) last ended."""
    row = Chore.objects.filter(name=name).first() or Chore(name=name)
    return Found(row.done_at, row.ok, row.reason, row.detail)


def last_tried(name: str) -> datetime | None:
    """When a chore last ended, well or not; None: never."""
    return Chore.objects.filter(name=name).values_list("tried_at", flat=True).first()


def busy(name: str) -> bool:
    """Whether somebody is at it."""
    return Chore.objects.filter(name=name).exclude(begun_at=None).exists()
