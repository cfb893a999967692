"""What an account tells of itself, so that people see how its session is and what it does: at once when it changes, else every few
seconds."""

import socket

from fenghuo.delivery.gateways.config import Gateway
from fenghuo.delivery.ledger import actions
from fenghuo.delivery.ledger.values import Used
from fenghuo.delivery.sender.desk import Desk
from fenghuo.delivery.sender.health import Health, shown
from fenghuo.delivery.sender.talk import Talk
from fenghuo.delivery.sender.timing import Timing
from fenghuo.ground import clock

FORGET = 3600.0  # seconds between two clearings of old minutes


class Telling:
    """See the module. `flying`: recipients on the line."""

    def __init__(self, gateway: Gateway, timing: Timing) -> None:
        self.health = Health()
        self.flying = 0
        self._gateway = gateway
        self._timing = timing
        self._used_at = self._forgot_at = 0.0
        self._told_at = 0.0

    def becomes(self, state: str, error: str, desk: Desk) -> None:
        """The connection's state changed, or did not."""
        self.health.becomes(state, error, desk.now_ms())

    def tell(self, desk: Desk, talk: Talk | None) -> None:
        """Write the account's state for the desk, where it is time. Raises Fenced when the account has another holder."""
        now = clock.monotonic()
        state = self._shown(desk, talk, now)
        # While the machine's clock has been set, and nobody knows yet which time is right, people are to look at it.
        error = "clock_stepped" if desk.wall.step and not self.health.error else self.health.error
        told = (state, error)
        if told == self.health.told and now - self._told_at < self._timing.health:
            return
        self.health.told, self._told_at = told, now
        if not actions.report_health(
            self._gateway.name,
            fence=desk.fence,
            lease_ms=round(self._timing.lease * 1000),
            state=state,
            since=self.health.since_ms,
            error=error,
            in_flight=self.flying,
            heard_at=self.health.heard_ms,
            used=self._used(desk, now, talk),
            host=socket.gethostname(),
            unwell_ms=desk.sharing.unwell_ms(now),
        ):
            raise actions.Fenced(self._gateway.name)
        desk.lease_until = now + self._timing.lease
        if now - self._forgot_at > FORGET:
            self._forgot_at = now
            actions.forget_usage()

    def _shown(self, desk: Desk, talk: Talk | None, now: float) -> str:
        throttled, waiting = desk.pace.throttled_at, desk.pace.blocked(now)
        return shown(
            self.health.state,
            paused=desk.book.everything_paused,
            away=desk.sharing.away(now),
            unheard=now - talk.heard_at if talk else 0.0,
            silent=self._timing.silent,
            throttled_ago=None if throttled is None else 0.0 if waiting else now - throttled,
        )

    def _used(self, desk: Desk, now: float, talk: Talk | None) -> Used | None:
        """What was done since, every few seconds and at the end of a connection: a report between them says nothing of it."""
        if talk is not None and now - self._used_at < self._timing.health:
            return None
        self._used_at = now
        return desk.meter.take()
