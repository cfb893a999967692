"""The nightly link test as a connection comes about, stands, or does not: what it finds is kept."""

from datetime import time as TimeOfDay

import structlog

from fenghuo.delivery.gateways.line import Line
from fenghuo.delivery.ledger import actions
from fenghuo.delivery.sender.desk import Desk
from fenghuo.delivery.sender.night import Night
from fenghuo.delivery.sender.talk import Talk
from fenghuo.delivery.sender.timing import Timing
from fenghuo.ground import clock

log = structlog.get_logger(__name__)


class LinkTest:
    """One account's. `at` is the local time of the test; None for none."""

    def __init__(self, account: str, at: TimeOfDay | None, timing: Timing) -> None:
        self._account = account
        self._night = Night(account, at)
        self._lease_ms = round(timing.lease * 1000)

    def due(self, now: float) -> bool:
        """Whether a test waits to be made."""
        return self._night.due(now)

    @property
    def asking(self) -> bool:
        """Whether one is under way."""
        return bool(self._night.asking)

    def login(self, now: float) -> None:
        """A new line logs in: that is the test, if one is due."""
        if self._night.due(now):
            self._night.ask("login", now)

    def look(self, desk: Desk, line: Line, talk: Talk, now: float) -> None:
        """There is a line: its login is a test that is due where it is new, else a heartbeat."""
        if not self._night.due(now):
            return
        if not self._night.asking and talk.ready:
            talk.alive = False
            self._night.ask("heartbeat", now)
            line.beat(now)
        elif talk.alive if self._night.asking == "heartbeat" else talk.ready:
            self.found(desk)
        elif self._night.late(now):
            self.found(desk, "no_answer")

    def found(self, desk: Desk, error: str = "") -> None:
        """A connection came about, or did not: the night's test, if one is due, has found something."""
        now = clock.monotonic()
        if not self._night.due(now):
            return
        found = self._night.found(now, error)
        log.info("link_tested", account=self._account, kind=found.kind, ok=found.ok, ms=found.ms, error=found.error)
        if not actions.keep_link_test(self._account, fence=desk.fence, lease_ms=self._lease_ms, found=found):
            raise actions.Fenced(self._account)
