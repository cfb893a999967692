"""The worker: level-triggered sweeps, again and again. Whatever is unfinished is found from what is kept, never from memory."""

import socket
from collections.abc import Callable

import structlog
from django.db import OperationalError, close_old_connections

from fenghuo.delivery.watch import tasks as watch
from fenghuo.ground import clock
from fenghuo.ground.accounts import tasks as accounts
from fenghuo.ground.disk import queries as disk_of
from fenghuo.ground.disk import tasks as disk
from fenghuo.ground.ending import Ending
from fenghuo.ground.files import tasks as files
from fenghuo.ground.pulse import actions as pulse
from fenghuo.ops.processes import watchdog
from fenghuo.ops.processes.upkeep import Upkeep
from fenghuo.readiness.contacts import tasks as contacts
from fenghuo.warning.alerts import tasks as alerts
from fenghuo.warning.linktests import tasks as linktests
from fenghuo.warning.relay import tasks as relay
from fenghuo.warning.templates import tasks as templates

log = structlog.get_logger("fenghuo.worker")

NAME = "worker"
PERIOD = 1.0  # seconds between two ticks
BEAT = 5.0  # seconds between two signs of life

# Every room's sweep, which may say True when it has more to do than fitted in: then the next round begins at once.
# A sweep that fails ends the process, which its supervisor starts again: nothing is half known.
SWEEPS: tuple[Callable[[], bool | None], ...] = (
    disk.tick,
    templates.tick,
    alerts.tick,
    accounts.tick,
    contacts.tick,
    files.tick,
    relay.tick,
    watch.tick,
    linktests.tick,
)


class Worker:
    """Ticks until it is asked to stop."""

    def __init__(self) -> None:
        self._ending = Ending()
        self._beaten: float | None = None
        self._upkeep = Upkeep()

    def run(self) -> None:
        """Tick until SIGTERM or SIGINT."""
        self._ending.heed()
        pause = 0.0
        while not self._ending.wait(pause):
            begun = clock.monotonic()
            more = self.tick()
            watchdog.beat()
            pause = 0.0 if more else max(0.0, PERIOD - (clock.monotonic() - begun))

    def tick(self) -> bool:
        """One round of sweeps and, when due, a sign of life; whether there is more to do right away.

        A busy database is tried again at the next tick.
        """
        close_old_connections()
        more = False
        try:
            for sweep in SWEEPS:
                more = sweep() is True or more
            self._upkeep.tick()
            if self._beaten is None or clock.monotonic() - self._beaten >= BEAT:
                pulse.beat(process=NAME, host=socket.gethostname())
                self._beaten = clock.monotonic()
        except OperationalError as error:
            if disk_of.failed():
                raise  # what is in memory may not be what is on disk: the next process reads it from there
            log.warning("tick postponed", reason=str(error))
            return False
        return more
