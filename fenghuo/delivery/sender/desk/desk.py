"""One account's work without its socket: orders, claims, group commits, doubts. Synchronous, in one thread.

Order is the law here: intent → commit → bytes → answers and receipts → commit → acknowledge. What is durable and when is in
`durable`, what may leave in `claims`, what people ordered in `obeying`; here is what is looked at now and then.
"""

from collections.abc import Sequence
from functools import partial

import structlog
from django.db import OperationalError

from fenghuo.delivery.gateways.config import Gateway
from fenghuo.delivery.ledger import actions
from fenghuo.delivery.ledger.states import ACCEPTED, AGAIN, IN_DOUBT, MOVED
from fenghuo.delivery.ledger.values import Claim
from fenghuo.delivery.sender.desk import reading
from fenghuo.delivery.sender.desk.again import due_again, wanted_again
from fenghuo.delivery.sender.desk.obeying import Obeying
from fenghuo.delivery.sender.desk.replies import UNSURE_MS, Replies
from fenghuo.delivery.sender.desk.sharing import Sharing
from fenghuo.delivery.sender.timing import Timing
from fenghuo.ground import clock

log = structlog.get_logger(__name__)


class Desk(Obeying):
    """See the module. `accounts` are the names of all accounts of this data folder's mode, `peers` what is known of them."""

    def __init__(
        self,
        gateway: Gateway,
        *,
        mode: str,
        accounts: Sequence[str],
        timing: Timing,
        fence: int,
        peers: Sequence[Gateway] = (),
    ) -> None:
        super().__init__(gateway, mode=mode, accounts=accounts, timing=timing, fence=fence, peers=peers)
        self.words = actions.Words()
        self.replies = Replies(gateway.name, actions.lately_written(gateway.name, within_ms=UNSURE_MS))
        self._looked_at = self._shared_at = 0.0
        self._adopted_at = clock.monotonic()
        self._adopt()
        self.book = actions.open_book(gateway.name, now_ms=self.now_ms(), whole=gateway.takes_whole_texts)
        self.sharing = Sharing(
            gateway,
            peers,
            book=self.book,
            fence=fence,
            timing=timing,
            now=clock.monotonic(),
            again=partial(wanted_again, timing=timing, wall=self.wall),
        )
        self._doubt_leftovers()
        self._refresh()
        self.commit()

    def _doubt_leftovers(self) -> None:
        left = self.book.doubt_leftovers(self.now())
        if left:
            log.warning("in_doubt_after_start", account=self.gateway.name, cells=left)

    def look_around(self) -> None:
        """Doubts whose time has come, alerts that have run out, corrections to write, broadcasts that are over."""
        now = clock.monotonic()
        self._begin(now)
        if now - self._shared_at >= self.timing.share:
            self._shared_at = now
            self._share(now)
        if now - self._looked_at < self.timing.look_again:
            return
        self._looked_at = now
        if self.wall.look():
            self._reckon_again()
        self._hear_from_others()
        self._look_at_orphans()
        for number, queue in self.lanes.queues.items():
            if self._current(number) and not queue.rest:
                queue.again(self._due_again(number))
        self.commit()
        over = self._durably(
            lambda: actions.look_again(
                self.book,
                fence=self.fence,
                now_ms=self.now_ms(),
                lease_ms=self._lease_ms,
                keep_ms=round(self.timing.keep_final * 1000),
                receipts_ms=round(self.timing.receipts * 1000),
            )
        )
        if over:
            self.commit(idle=True)  # whoever takes it in again reads blocks only
            for number in over:
                self.book.drop(number, self.now())
                self._let_go(number)

    def _hear_from_others(self) -> None:
        """What other accounts heard of people who were taken over from them."""
        if actions.waiting(self.gateway.name):
            self.commit()
            self._refresh()
            self.commit()

    def _look_at_orphans(self) -> None:
        """Receipts that fitted nothing when they came: answers may have named them, and nothing is sent again for want of them."""
        book = self.book
        if book.orphans and any(sheet.n(ACCEPTED, IN_DOUBT, AGAIN, MOVED) for sheet in book.sheets.values()):
            heard = list(book.orphans.values())
            book.look_at_orphans(reading.kept(heard, self.words), heard, self.now_ms())

    def _due_again(self, number: int) -> list[Claim]:
        return due_again(
            self.book.jobs[number],
            self.book.sheets[number],
            timing=self.timing,
            wall=self.wall,
        )

    def _share(self, now: float) -> None:
        """Take in what the other accounts have handed over, and hand over what they should send."""
        if now - self._adopted_at >= self.timing.adopt:
            self._adopted_at = now
            self._adopt()
        grown, new = actions.take_handed(self.book)
        if new:
            self._refresh()
        for number in grown:
            self.sharing.grew()
            if number in self.lanes.queues:
                if self.book.jobs[number].lifts:
                    self.commit()
                    actions.drop_untold(self.book, number, self.now())
                self.lanes.queues[number].refill()
                self.lanes.queues[number].again(self.lanes.queues[number].left_over())
                self._current(number)
        if not self.sharing.possible or not self._ready():
            return
        self.read_orders(always=True)
        self.commit()
        try:
            gone = self.sharing.give(self._ready(), now, self.now_ms())
        except OperationalError as wrong:
            if "locked" not in str(wrong):
                raise  # nobody knows what is on disk: only reading it again tells
            log.warning("hand_over_waits", account=self.gateway.name, error=str(wrong))
            return
        for number in gone:
            self.lanes.queues[number].refill()
