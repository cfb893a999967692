"""The nightly link test of one account, without an SMS: a heartbeat where it is bound, a login where it is not.

It is due once a night at a time of day. A night that nobody tested is caught up with once, when the sender is back; an account
that was never tested before begins with the next night.
"""

from datetime import datetime, timedelta
from datetime import time as TimeOfDay

from django.utils import timezone

from fenghuo.delivery.ledger import queries
from fenghuo.delivery.ledger.values import LinkTest
from fenghuo.ground import clock

LOOK = 5.0  # seconds between two looks at the calendar
PATIENCE = 60.0  # a heartbeat that has no answer for so long has failed, whatever the line says of itself


class Night:
    """One account's calendar and the test under way. `at` None: never tested."""

    def __init__(self, account: str, at: TimeOfDay | None) -> None:
        self._account = account
        self._at = at
        self._looked = -LOOK
        self._began: datetime | None = None
        self._last: int | None = None
        self._day = 0
        self._kind = ""
        self._since = 0.0

    def due(self, now: float) -> bool:
        """Whether a test waits to be made; the calendar is looked at every few seconds."""
        if self._at is None or self._day:
            return bool(self._day)
        if now - self._looked < LOOK:
            return False
        self._looked = now
        night = self._newest(timezone.localtime(clock.now()))
        if self._last is None:
            self._last = queries.last_link_test(self._account)
            self._began = queries.known_since(self._account) or clock.now()
        assert self._began is not None
        if queries.day_of(night) > self._last and night >= self._began:
            self._day = queries.day_of(night)
        return bool(self._day)

    def _newest(self, here: datetime) -> datetime:
        """The last moment at which a test was due."""
        assert self._at is not None
        today = here.replace(hour=self._at.hour, minute=self._at.minute, second=0, microsecond=0)
        return today if today <= here else today - timedelta(days=1)

    @property
    def asking(self) -> str:
        """What is being tried: heartbeat, login, or nothing yet."""
        return self._kind

    def ask(self, kind: str, now: float) -> None:
        """A heartbeat, or a login, begins now."""
        self._kind, self._since = kind, now

    def late(self, now: float) -> bool:
        """Whether a heartbeat has waited too long."""
        return self._kind == "heartbeat" and now - self._since > PATIENCE

    def found(self, now: float, error: str = "") -> LinkTest:
        """What the test under way found; the night is done."""
        ms = round((now - self._since) * 1000) if self._kind and not error else 0
        test = LinkTest(self._day, self._kind or "login", not error, ms, error)
        self._last, self._day, self._kind = self._day, 0, ""
        return test
