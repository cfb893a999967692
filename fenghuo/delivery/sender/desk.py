"""One account's work without its socket: orders, claims, group commits, doubts. Synchronous, in one thread.

Order is the law here: intent → commit → bytes → answers and receipts → commit → acknowledge.
"""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import structlog
from django.db import OperationalError

from fenghuo.delivery.gateways.config import Gateway, in_flight, per_submit
from fenghuo.delivery.ledger import actions, rules
from fenghuo.delivery.ledger.states import AGAIN, EXPIRED, IN_DOUBT, INTENDED, STOPPED, UNSENT
from fenghuo.delivery.ledger.values import Claim
from fenghuo.delivery.sender.holder import dead_holder, holder
from fenghuo.delivery.sender.lanes import Lanes, Queue
from fenghuo.delivery.sender.meter import Meter
from fenghuo.delivery.sender.pace import LEAD, Pace
from fenghuo.delivery.sender.sharing import Sharing
from fenghuo.delivery.sender.timing import Timing
from fenghuo.ground import clock
from fenghuo.ground.disk import actions as disk

RETRY_PAUSE = 0.05
PARTS_OF_A_SECOND = 8
log = structlog.get_logger(__name__)


class Desk:
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
        self.gateway = gateway
        self.timing = timing
        self.fence = fence
        self._mode = mode
        self._accounts = accounts
        self._lease_ms = round(timing.lease * 1000)
        self.lease_until = clock.monotonic() + timing.lease
        self._began = clock.now().timestamp() - clock.elapsed()
        self._opened_at = self.now()
        self.pace = Pace(gateway.rate, timing.throttle)
        self.due = 0.0  # when what was claimed last may leave, by the clock that never jumps
        self.meter = Meter()
        self.words = actions.Words()
        self.lanes = Lanes()
        self._crowded = False  # most of the window waits for answers
        self._decided: list[int] = []
        self._uncorrected: dict[int, float] = {}
        self._unlifted: set[int] = set()  # lifts of which it is not known yet whom they may tell
        self._unlifted_at = 0.0
        self._orders_at = self._looked_at = self._shared_at = 0.0
        self._peers = peers or (gateway,)
        self._adopted_at = clock.monotonic()
        self._adopt()
        self.book = actions.open_book(gateway.name, now_ms=self.now_ms(), whole=gateway.takes_whole_texts)
        self.sharing = Sharing(gateway, peers, book=self.book, fence=fence, timing=timing, now=clock.monotonic())
        self._doubt_leftovers()
        self._refresh()
        self.commit()

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

    def _doubt_leftovers(self) -> None:
        left = self.book.doubt_leftovers(self.now())
        if left:
            log.warning("in_doubt_after_start", account=self.gateway.name, cells=left)

    # --- time ------------------------------------------------------------------------------------------------------------
    def now_ms(self) -> int:
        """Wall time as it was when this began, carried on by a clock that nobody sets: a jump ends no wait early (fault B1)."""
        return round((self._began + clock.elapsed()) * 1000)

    def now(self) -> int:
        return int(self._began + clock.elapsed())

    @property
    def leased(self) -> bool:
        """Whether bytes may leave: well inside the lease by the clock that never jumps."""
        return clock.monotonic() < self.lease_until - self.timing.lease_margin

    # --- orders ----------------------------------------------------------------------------------------------------------
    def read_orders(self, *, always: bool = False) -> None:
        """Obey what was ordered since. Before an intent always, otherwise every so often."""
        now = clock.monotonic()
        if not always and now - self._orders_at < self.timing.orders:
            return
        self._orders_at = now
        orders = actions.new_orders(self.book.applied)
        if orders:
            self.commit()
            actions.obey(orders, mode=self._mode, now_ms=self.now_ms())
            self._adopt()
            self._refresh()
            self.commit()
        if self._uncorrected:
            self._write_corrections(now)
        if self._unlifted:
            self._begin_lifts(now)

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
            for number, queue in self.lanes.queues.items():
                queue.again(self._ordered_again(number))

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

    def _stop(self, number: int, code: int) -> None:
        self.lanes.queues[number].clear()
        self.book.close(number, code, self.now())

    def _ordered_again(self, number: int) -> list[Claim]:
        if self.book.jobs[number].recalled_at is not None or self.lanes.queues[number].rest:
            return []
        runs = self.book.sheets[number].leftover_runs()
        return [Claim(number, slot, start, count, count, segment) for slot, start, count, segment in runs]

    # --- claims ----------------------------------------------------------------------------------------------------------
    def claim(self, room: int, flying: int, window: int) -> list[Claim]:
        """What may leave now: at most `room` submits of a window, with `flying` recipients on the line already."""
        ready, claims = self._ready(), list[Claim]()
        if not ready:
            return claims
        self._crowded = 2 * room < window or window < 4
        recipients, batch = in_flight(self.gateway) - flying, self._batch(ready)
        most = batch * self._most_segments(ready)
        self.due = self.pace.due(clock.monotonic(), most)
        while room > 0 and recipients > 0:
            messages = self.pace.available(self.due, most)
            claim = self.lanes.take(ready, room, messages, recipients, batch, window)
            if claim is None:
                break
            sheet = self.book.sheets[claim.broadcast]
            if claim.count:
                copies = sheet.parts if claim.segment is None else 1
                self.pace.spend(self.due, claim.count * copies)
                room -= -(-claim.count // claim.batch) * copies
                recipients -= claim.count * copies
                claims.append(claim)
        return claims

    def _ready(self) -> list[int]:
        if self.book.everything_paused:
            return []
        return [
            number
            for number, queue in self.lanes.queues.items()
            if queue and not queue.job.paused and self._current(number)
        ]

    def _current(self, number: int) -> bool:
        """Not recalled, not expired; of what is, whoever has not been reached never will be."""
        queue = self.lanes.queues[number]
        recalled = queue.job.recalled_at is not None
        if not recalled and self.now_ms() < queue.job.expires_at:
            return True
        if queue or self.book.sheets[number].n(UNSENT, AGAIN):
            self._stop(number, STOPPED if recalled else EXPIRED)
        return False

    def _most_segments(self, ready: list[int]) -> int:
        return max((self.book.sheets[number].parts for number in ready), default=1)

    def _batch(self, ready: list[int]) -> int:
        """Destinations to a submit: an eighth of a second of the contract, so that who is urgent never waits long behind one.

        A whole second of it where the gateway is slow to answer and the window would be too small for that; half as many after
        each throttling.

        A gateway refuses a submit whole (result 8) when its contract holds less than we were told: repeating it as it was
        would be refused for ever.
        """
        segments = self._most_segments(ready)
        part = 1 if self._crowded else PARTS_OF_A_SECOND
        told = max(1, min(per_submit(self.gateway), self.gateway.rate // (part * segments)))
        return max(1, self.pace.share(told, segments) >> self.pace.refused)

    def wait(self) -> float:
        """Seconds until the pace lets the next submit leave; 0 when something else is in the way."""
        ready = self._ready()
        if not ready:
            return self.timing.orders
        return self.pace.wait(clock.monotonic(), self._batch(ready) * self._most_segments(ready)) - LEAD

    # --- durable -----------------------------------------------------------------------------------------------------------
    def commit(self, *, idle: bool = False) -> None:
        """One group commit of whatever the book has gathered; nothing when it has gathered nothing."""
        book = self.book
        if not (book.events or book.inbound or book.called or self._decided or idle):
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

    # --- now and then --------------------------------------------------------------------------------------------------------
    def look_around(self, flying: int) -> None:
        """Doubts whose time has come, alerts that have run out, corrections to write, broadcasts that are over."""
        now = clock.monotonic()
        self._write_corrections(now)
        if self._unlifted:
            self._begin_lifts(now)
        if now - self._shared_at >= self.timing.share:
            self._shared_at = now
            self._share(now)
        if now - self._looked_at < self.timing.look_again:
            return
        self._looked_at = now
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
        if over and flying == 0:
            self.commit(idle=True)  # whoever takes it in again reads blocks only
            for number in over:
                self.book.drop(number)
                self.lanes.queues.pop(number, None)

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

    def _due_again(self, number: int) -> list[Claim]:
        """Recipients once in doubt for as long as their policy waits: one further copy."""
        sheet, job = self.book.sheets[number], self.book.jobs[number]
        if not sheet.n(IN_DOUBT):
            return []
        policy = rules.named(job.policy)
        segments, positions = sheet.cells(IN_DOUBT)
        tries = sheet.state[segments, positions] >> 4
        now, since = self.now(), sheet.at[positions].astype(np.int64)
        # Whoever is in doubt since a time that has yet to come was so by a clock that has been set back: their wait begins anew.
        waited = now - np.where(since > now, self._opened_at, since)
        due = (tries <= rules.MOST_BY_ITSELF) & (waited >= self.timing.waits.get(policy.name, policy.wait))
        claims = []
        for segment in [None] if sheet.whole else np.unique(segments[due]).tolist():
            mask = np.zeros(len(sheet), dtype=bool)
            mask[positions[due if segment is None else due & (segments == segment)]] = True
            for slot, start, count in sheet.runs_of(mask):
                size = 1 if policy.singly else count
                claims += [
                    Claim(number, slot, at, min(size, start + count - at), size, segment)
                    for at in range(start, start + count, size)
                ]
        return claims

    def _write_corrections(self, now: float) -> None:
        for number, since in list(self._uncorrected.items()):
            parent = next((one for one in self.book.jobs.values() if one.id == self.book.jobs[number].parent), None)
            sheet = self.book.sheets.get(parent.number) if parent else None
            if sheet is not None and sheet.n(INTENDED) and now - since < self.timing.correction:
                continue  # its answers tell whom the alert reached
            self.commit()
            self._durably(partial(self._write_correction, number))
            del self._uncorrected[number]
            self._refresh()
            self.commit()

    def _write_correction(self, number: int) -> int:
        return actions.write_correction(
            self.book, number, fence=self.fence, now_ms=self.now_ms(), lease_ms=self._lease_ms
        )

    @property
    def waits(self) -> bool:
        """Whether something waits to leave and may."""
        return bool(self._ready())

    @property
    def unfolded(self) -> bool:
        """Whether an idle moment could be used to fold."""
        return self.book.tape_bytes > 0
