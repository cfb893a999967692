"""What the worker does for the safety of the installation itself: backups, integrity checks, signed heads of the journal.

Level-triggered like every sweep: what is due is found from what is kept, so a night that the machine slept through is made up for.
In a thread of its own, because a large ledger takes minutes and an alert's clocks must not wait for it.
"""

import os
import socket
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError, connections
from django.utils import timezone

from fenghuo.ground import clock
from fenghuo.ground.journal import actions as journal
from fenghuo.ground.journal.models import JournalEntry
from fenghuo.ground.refusal import Refused
from fenghuo.ground.upkeep import actions, queries
from fenghuo.ground.upkeep.models import Chore
from fenghuo.ops import installation
from fenghuo.ops.backup import rounds
from fenghuo.ops.config import ConfigError

log = structlog.get_logger("fenghuo.upkeep")

LOOK = 5.0  # seconds between two looks at what is due
HOUR = timedelta(hours=1)  # between two signed heads
AGAIN = timedelta(minutes=15)  # after one that failed
POLITE = 10  # niceness: senders and pages first


class Upkeep:
    """At most one chore at a time."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._ended = True
        self._looked: float | None = None

    def tick(self) -> None:
        """Begin what is due. Costs nothing in between; raises RuntimeError when a chore died of what nobody foresaw."""
        if self._thread is not None:
            if self._thread.is_alive():
                return
            self._thread = None
            if not self._ended:
                raise RuntimeError("a chore of the upkeep ended by an error that nobody foresaw")
        now = clock.monotonic()
        if self._looked is not None and now - self._looked < LOOK:
            return
        self._looked = now
        name = next((name for name in CHORES if due(name)), None)
        if name is not None and actions.begin(name=name, host=socket.gethostname()):
            self._ended = False
            self._thread = threading.Thread(target=self._run, args=(name,), name=f"upkeep-{name}", daemon=True)
            self._thread.start()

    def _run(self, name: str) -> None:
        if name == Chore.INTEGRITY:
            polite()
        try:
            carry_out(name)
        finally:
            connections.close_all()
        self._ended = True


def polite() -> None:
    """The thread of a chore lets everybody else go first."""
    if threading.current_thread() is not threading.main_thread():
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), POLITE)


def due(name: str) -> bool:
    """Whether a chore's time has come."""
    now, last = clock.now(), queries.last_tried(name)
    if last is not None and last > now:
        last = None  # the clock was set back: what lies ahead of it says nothing
    if name == Chore.HEAD:
        return last is None or now - last >= HOUR
    if name == Chore.BACKUP and not settings.FENGHUO.backup_to:
        return False
    since = last or _installed()
    if since is None:
        return False
    if last is not None and not queries.found(name).ok and now - last >= AGAIN:
        return True
    every = timedelta(minutes=settings.FENGHUO.backup_every)
    if name == Chore.BACKUP and every and now - since >= every:
        return True
    return since < _latest_night(now)


def carry_out(name: str) -> None:
    """Do one chore now, and keep how it ended."""
    try:
        CHORES[name]()
    except (ConfigError, Refused, DatabaseError, sqlite3.Error, OSError) as error:
        log.error("chore failed", chore=name, reason=str(error))
        actions.failed(name=name, reason=str(error))


def _installed() -> datetime | None:
    """When this installation began: before its first night is over nothing is due."""
    return JournalEntry.objects.filter(once=installation.ONCE).values_list("at", flat=True).first()


def _latest_night(now: datetime) -> datetime:
    """The last moment at which the clock on the wall showed `backup_at`."""
    local = timezone.localtime(now)
    hour, minute = map(int, settings.FENGHUO.backup_at.split(":"))
    at = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return at if at <= local else at - timedelta(days=1)


def _backup() -> None:
    passphrase = rounds.configured_passphrase()
    keep = settings.FENGHUO.backup_keep
    made = rounds.carry_out("", keep=keep, passphrase=passphrase, progress=lambda _: None, by_hand=False, fixed=polite)
    log.info("backed up", archive=str(made.path), bytes=made.bytes, seconds=round(made.seconds, 1))


def _integrity() -> None:
    """Every page and every index of both databases. Readers and writers go on meanwhile."""
    begun = clock.monotonic()
    for alias in installation.ALIASES:
        if connections[alias].vendor != "sqlite":
            continue  # PostgreSQL's own checksums and pg_amcheck: docs/how-to/back-up-and-restore.md
        file = Path(connections[alias].settings_dict["NAME"])
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as database:
            answer = [str(row[0]) for row in database.execute("PRAGMA integrity_check(5)")]
        if answer != ["ok"]:
            log.critical("database damaged", database=alias, found=answer)
            actions.failed(name=Chore.INTEGRITY, reason=f"{alias}: {'; '.join(answer)}")
            return
    figures: dict[str, Any] = {"seconds": round(clock.monotonic() - begun, 1)}
    actions.done(name=Chore.INTEGRITY, detail=figures)


def _head() -> None:
    signed = journal.sign_head()
    if signed is not None:
        # Into the log as well, which is most likely kept on another machine.
        log.info("journal head signed", seq=signed.seq, hash=signed.hash, key=signed.key, signature=signed.signature)
    actions.done(name=Chore.HEAD, detail={"seq": signed.seq} if signed else {})


CHORES: dict[str, Callable[[], None]] = {Chore.HEAD: _head, Chore.BACKUP: _backup, Chore.INTEGRITY: _integrity}
