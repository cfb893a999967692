"""What leaves next: corrections first, then red before blue, one submit in eight for the lanes below; within a lane by turns."""

from collections import deque
from collections.abc import Iterable
from typing import Any

import numpy as np

from fenghuo.delivery.ledger.actions import Sheet
from fenghuo.delivery.ledger.states import UNSENT
from fenghuo.delivery.ledger.values import Claim, Job

LOWER_EVERY = 8
CORRECTION = 0


class Queue:
    """What one broadcast still has to send: whole messages in order, before them single segments to be sent (again)."""

    def __init__(self, job: Job, sheet: Sheet) -> None:
        self.job = job
        self.sheet = sheet
        self.fresh: deque[tuple[int, int, int]] = deque(sheet.unsent_runs())
        self.rest: deque[Claim] = deque()
        self._aside: list[Claim] = []  # to leave again, once it is known that they are to
        self.again(self.left_over())

    def __bool__(self) -> bool:
        return bool(self.fresh or self.rest)

    def refill(self) -> None:
        """Some were handed over, to this account or by it. Who was throttled or refused stands here, and must not stand twice."""
        untouched = (self.sheet.state == UNSENT).all(axis=0) & ~self._standing().any(axis=0)
        self.fresh = deque(self.sheet.by_risk(self.sheet.runs_of(untouched)))

    def _standing(self) -> Any:
        """The cells (bool) that the rest of this queue, and what was set aside, name."""
        standing = np.zeros(self.sheet.state.shape, dtype=bool)
        for claim in (*self.rest, *self._aside):
            first = int(self.sheet.offsets[claim.slot]) + claim.start
            standing[slice(None) if claim.segment is None else claim.segment, first : first + claim.count] = True
        return standing

    def left_over(self) -> list[Claim]:
        """What has to leave, or to leave again by a person's order, and does not stand in this queue yet."""
        runs = self.sheet.leftover_runs(but=self._standing())
        return [Claim(self.job.number, slot, start, count, count, segment) for slot, start, count, segment in runs]

    def clear(self) -> None:
        """Nothing more leaves."""
        self.fresh.clear()
        self.rest.clear()
        self._aside.clear()

    def again(self, claims: Iterable[Claim]) -> None:
        """These come next."""
        self.rest.extend(claims)

    @property
    def kept(self) -> bool:
        """Whether some are set aside."""
        return bool(self._aside)

    def set_aside(self, claim: Claim) -> None:
        """These wait until it is known what they were refused for."""
        self._aside.append(claim)

    def take_back(self) -> None:
        """Who was set aside comes next."""
        self.again(self._aside)
        self._aside = []

    def take(self, submits: int, messages: int, recipients: int, batch: int, window: int) -> Claim | None:
        """The next claim that fits into so many submits, messages and recipients; None when none does."""
        while self.rest:
            claim = self._from_rest(submits, messages, recipients, batch)
            if claim is None or claim.count:
                return claim
        if not self.fresh:
            return None
        return self._from_fresh(submits, messages, recipients, batch, window)

    def _from_rest(self, submits: int, messages: int, recipients: int, batch: int) -> Claim | None:
        claim = self.rest[0]
        batch = min(batch, claim.batch)
        count = min(claim.count, batch)
        if submits < 1 or messages < count or recipients < count:
            return None
        self.rest.popleft()
        if count < claim.count:
            left = claim.count - count
            self.rest.appendleft(Claim(claim.broadcast, claim.slot, claim.start + count, left, left, claim.segment))
        # A receipt may have settled some meanwhile: only what still waits is sent.
        waits = self.sheet.waiting(claim.slot, claim.start, count, claim.segment)
        for start, length in waits[:0:-1]:
            self.rest.appendleft(Claim(claim.broadcast, claim.slot, start, length, length, claim.segment))
        start, length = waits[0] if waits else (claim.start, 0)
        return Claim(claim.broadcast, claim.slot, start, length, count, claim.segment)

    def _from_fresh(self, submits: int, messages: int, recipients: int, batch: int, window: int) -> Claim | None:
        slot, start, count = self.fresh.popleft()
        segments = self.sheet.parts
        if segments > window or (self.job.lane == CORRECTION and 0 < submits < segments):
            # No window holds a whole message, or a correction has fewer places: its segments go one after the other.
            part = min(count, batch)
            self.rest.extend(Claim(self.job.number, slot, start, part, part, segment) for segment in range(segments))
            if count > part:
                self.fresh.appendleft((slot, start + part, count - part))
            return self._from_rest(submits, messages, recipients, batch)
        most = min(submits // segments, messages // (batch * segments), recipients // batch)
        take = min(count, most * batch)
        if take == 0:
            # The last of a block may be fewer than a batch, and fit where a batch does not.
            fits = count < batch and submits >= segments and messages >= count * segments and recipients >= count
            take = count if fits else 0
        if take < count:
            self.fresh.appendleft((slot, start + take, count - take))
        if take == 0:
            return None
        waits = self.sheet.unsent(slot, start, take)
        if waits != [(start, take)]:
            for run_start, length in reversed(waits):
                self.fresh.appendleft((slot, run_start, length))
            return self._from_fresh(submits, messages, recipients, batch, window) if self.fresh else None
        return Claim(self.job.number, slot, start, take, batch)


class Lanes:
    """The queues of an account, in the order of their lanes."""

    def __init__(self) -> None:
        self.queues: dict[int, Queue] = {}
        self._turns = 0
        self._lower = 0
        # Recipients handed out by lane and organisation, while several organisations wait side by side in a lane.
        self._served: dict[int, dict[str, int]] = {}

    def by_lane(self, names: Iterable[int]) -> list[list[int]]:
        """Broadcasts by lane, most urgent lane first, older first within it."""
        lanes: dict[int, list[int]] = {}
        for number in sorted(names):
            lanes.setdefault(self.queues[number].job.lane, []).append(number)
        return [lanes[lane] for lane in sorted(lanes)]

    def take(
        self, ready: Iterable[int], submits: int, messages: int, recipients: int, batch: int, window: int
    ) -> Claim | None:
        """The next claim among the broadcasts that are ready; `ready` leaves out what is paused, recalled or expired."""
        lanes = self.by_lane(number for number in ready if self.queues[number])
        if not lanes:
            return None
        shared = len(lanes) > 1 and self.queues[lanes[0][0]].job.lane != CORRECTION
        if shared:
            submits = min(submits, max(LOWER_EVERY - 1, self.queues[lanes[0][0]].sheet.parts))
        chosen = lanes[0]
        if shared and self._turns >= LOWER_EVERY - 1:
            self._turns = 0
            self._lower += 1
            chosen = lanes[1 + self._lower % (len(lanes) - 1)]
            submits = min(submits, self.queues[chosen[0]].sheet.parts)
        one = self._next(chosen)
        claim = self.queues[one].take(submits, messages, recipients, batch, window)
        if claim is not None and shared and chosen is lanes[0]:
            self._turns += -(-claim.count // claim.batch)
        if claim is not None:
            job = self.queues[one].job
            served = self._served.get(job.lane, {})
            served[job.organisation] = served.get(job.organisation, 0) + claim.count
        return claim

    def _next(self, numbers: list[int]) -> int:
        """The oldest broadcast of the organisation that was served least: of two towns' equally urgent texts neither waits for all
        of the other's."""
        oldest: dict[str, int] = {}
        for number in numbers:
            oldest.setdefault(self.queues[number].job.organisation, number)
        lane = self.queues[numbers[0]].job.lane
        if len(oldest) == 1:
            self._served.pop(lane, None)
            return numbers[0]
        known = self._served.get(lane, {})
        least = min((known[one] for one in oldest if one in known), default=0)  # who joins begins where the others are
        served = self._served[lane] = {one: known.get(one, least) for one in oldest}
        return oldest[min(oldest, key=lambda one: (served[one], oldest[one]))]
