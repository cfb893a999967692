"""What people ordered, as this account carries it out: releases, recalls, decisions on those in doubt, corrections, lifts."""

from collections.abc import Sequence
from functools import partial

import structlog

from fenghuo.delivery.gateways.config import Gateway
from fenghuo.delivery.ledger import actions
from fenghuo.delivery.ledger.states import INTENDED, STOPPED
from fenghuo.delivery.sender.desk.claims import Claims
from fenghuo.delivery.sender.desk.holder import dead_holder, holder
from fenghuo.delivery.sender.desk.lanes import Queue
from fenghuo.delivery.sender.timing import Timing
from fenghuo.ground import clock

log = structlog.get_logger(__name__)


class Obeying(Claims):
    """See the module."""

    def __init__(
        self,
        gateway: Gateway,
        *,
        mode: str,
        accounts: Sequence[str],
        timing: Timing,
        fence: int,
        peers: Sequence[Gateway],
    ) -> None:
        super().__init__(gateway, timing=timing, fence=fence)
        self._mode = mode
        self._accounts = accounts
        self._peers = peers or (gateway,)
        self._uncorrected: dict[int, float] = {}
        self._unlifted: set[int] = set()  # lifts of which it is not known yet whom they may tell
        self._unlifted_at = 0.0
        self._orders_at = 0.0

    def read_orders(self, *, always: bool = False) -> None:
        """Obey what was ordered since, to the last of it. Before an intent always, otherwise every so often."""
        now = clock.monotonic()
        if not always and now - self._orders_at < self.timing.orders:
            return
        self._orders_at = now
        self._begin(now)
        # To the last: what stops something may stand behind many others, or come while they are carried out.
        while orders := actions.new_orders(self.book.applied):
            self.commit()
            while orders:
                actions.obey(orders, mode=self._mode, now_ms=self.now_ms())
                orders = actions.new_orders(orders[-1].seq)
            self._adopt()
            self._refresh()
            self.commit()
            self._begin(now)

    def _begin(self, now: float) -> None:
        """Corrections and lifts that could not begin when they were ordered."""
        if self._uncorrected:
            self._write_corrections(now)
        if self._unlifted:
            self._begin_lifts(now)

    def _adopt(self) -> None:
        """What belongs to accounts that nobody serves any more."""
        names = {self.gateway.name, *self._accounts, *(one.name for one in self._peers)}
        actions.adopt(
            self._peers,
            names=sorted(names),
            holder=holder(),
            dead=dead_holder,
            now_ms=self.now_ms(),
            lease_ms=self._lease_ms,
        )
        actions.close_forsaken(now_ms=self.now_ms(), receipts_ms=round(self.timing.receipts * 1000))

    def _refresh(self) -> None:
        waiting = actions.refresh(self.book)
        for number in waiting:
            self._uncorrected.setdefault(number, clock.monotonic())
        for number, job in self.book.jobs.items():
            sheet = self.book.sheets.get(number)
            if sheet is None:
                continue
            if number not in self.lanes.queues:
                if job.lifts and job.recalled_at is None:
                    self._unlifted.add(number)
                    continue
                self.lanes.queues[number] = Queue(job, sheet)
            self.lanes.queues[number].job = job
            if job.recalled_at is not None:
                self._stop(number, STOPPED)
        self._decided += actions.take_decisions(self.book, now_ms=self.now_ms())
        if self._decided:
            for queue in self.lanes.queues.values():
                if queue.job.recalled_at is None:
                    queue.again(queue.left_over())

    def _begin_lifts(self, now: float) -> None:
        """A lift leaves when what it lifts is at rest in every account, and only for those who were told (FAULTS C2).

        Until then it stands in no lane, and after a restart it begins here again: who was never told is dropped once more.
        """
        if now - self._unlifted_at < self.timing.orders:
            return
        self._unlifted_at = now
        for number in sorted(self._unlifted):
            job = self.book.jobs[number]
            if job.recalled_at is None and not actions.at_rest(job.lifts):
                continue
            self.commit()
            if job.recalled_at is None:
                actions.drop_untold(self.book, number, self.now())
            self._unlifted.discard(number)
            self.lanes.queues[number] = Queue(job, self.book.sheets[number])
        self.commit()

    def _write_corrections(self, now: float) -> None:
        for number, since in list(self._uncorrected.items()):
            parent = next((one for one in self.book.jobs.values() if one.id == self.book.jobs[number].parent), None)
            sheet = self.book.sheets.get(parent.number) if parent else None
            if sheet is not None and sheet.n(INTENDED) and now - since < self.timing.correction:
                continue  # its answers tell whom the alert reached
            self.commit()
            del self._uncorrected[number]
            try:
                self._durably(partial(self._write_correction, number))
            except actions.WithoutAlert as wrong:
                log.error("correction_without_alert", account=self.gateway.name, correction=number, alert=str(wrong))
                continue
            self._refresh()
            self.commit()

    def _write_correction(self, number: int) -> int:
        return actions.write_correction(
            self.book, number, fence=self.fence, now_ms=self.now_ms(), lease_ms=self._lease_ms
        )
