"""An account's book and its group commits: under the lease, by clocks that nobody sets, tried again while a disk is busy."""

import time
from collections.abc import Callable
from typing import Any

from django.db import OperationalError

from fenghuo.delivery.gateways.config import Gateway
from fenghuo.delivery.ledger import actions
from fenghuo.delivery.sender.desk.wall import Wall
from fenghuo.delivery.sender.timing import Timing
from fenghuo.ground import clock
from fenghuo.ground.disk import actions as disk

RETRY_PAUSE = 0.05


class Durable:
    """See the module. `book` is opened by the desk, once what nobody serves any more has been taken over."""

    book: actions.Book

    def __init__(self, gateway: Gateway, *, timing: Timing, fence: int) -> None:
        self.gateway = gateway
        self.timing = timing
        self.fence = fence
        self._lease_ms = round(timing.lease * 1000)
        self.lease_until = clock.monotonic() + timing.lease
        self.wall = Wall(timing.clock)
        self._decided: list[int] = []  # decisions that what is gathered carries out

    # --- time ------------------------------------------------------------------------------------------------------------
    def now_ms(self) -> int:
        """Wall time, carried on by a clock that nobody sets: a jump ends no wait early (fault B1)."""
        return self.wall.now_ms()

    def now(self) -> int:
        return self.wall.now()

    @property
    def leased(self) -> bool:
        """Whether bytes may leave: well inside the lease by the clock that never jumps."""
        return clock.monotonic() < self.lease_until - self.timing.lease_margin

    # --- durable -----------------------------------------------------------------------------------------------------------
    def commit(self, *, idle: bool = False) -> None:
        """One group commit of whatever the book has gathered; nothing when it has gathered nothing."""
        book = self.book
        if not (book.events or book.inbound or book.called or book.elsewhere or self._decided or idle):
            return
        decided, self._decided = self._decided, []
        self._durably(
            lambda: actions.commit(
                book, fence=self.fence, now_ms=self.now_ms(), lease_ms=self._lease_ms, decided=decided, idle=idle
            )
        )

    def _durably(self, write: Callable[[], Any]) -> Any:
        """A busy or full disk is tried again while the lease lasts; nothing is sent or acknowledged meanwhile."""
        began = clock.monotonic()
        while True:
            started = clock.monotonic()
            try:
                done = write()
            except OperationalError as wrong:
                # After a failed fsync, or without an answer to a commit, nobody knows what is on disk: only reading it again tells.
                late = clock.monotonic() - began > min(self.timing.stuck, self.timing.lease / 2)
                spent = disk.is_full(wrong) and disk.spend_reserve()
                if "I/O" in str(wrong) or (late and not spent) or actions.connection_lost():
                    raise
                time.sleep(RETRY_PAUSE)
            else:
                self.lease_until = started + self.timing.lease
                return done

    @property
    def unfolded(self) -> bool:
        """Whether an idle moment could be used to fold."""
        return self.book.tape_bytes > 0
