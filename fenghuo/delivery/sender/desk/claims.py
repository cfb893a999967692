"""What may leave now: as the lanes, the window and the contracted rate allow, and nothing that is recalled, expired or paused."""

from fenghuo.delivery.gateways.config import Gateway
from fenghuo.delivery.ledger import actions
from fenghuo.delivery.ledger.states import AGAIN, EXPIRED, STOPPED, UNSENT
from fenghuo.delivery.ledger.values import Claim
from fenghuo.delivery.sender.desk.durable import Durable
from fenghuo.delivery.sender.desk.lanes import CORRECTION, Lanes
from fenghuo.delivery.sender.desk.meter import QUICK, SOON, Meter
from fenghuo.delivery.sender.desk.pace import LEAD, Pace
from fenghuo.delivery.sender.timing import Timing
from fenghuo.ground import clock

PARTS_OF_A_SECOND = 8
SMALL = 4  # of a smaller window a place is a third or half: kept only where a correction would come too late
HURRIED = 1.0  # seconds: while a correction waits, a gateway that throttles is asked again as often


class Claims(Durable):
    """See the module."""

    def __init__(self, gateway: Gateway, *, timing: Timing, fence: int) -> None:
        super().__init__(gateway, timing=timing, fence=fence)
        self.pace = Pace(gateway.rate, timing.throttle, timing.longest_pause)
        self.due = 0.0  # when what was claimed last may leave, by the clock that never jumps
        self.lanes = Lanes()
        self.meter = Meter()
        self._expiry: dict[int, float] = {}  # by the clock that nobody sets
        self._crowded = False  # most of the window waits for answers
        self._hurried = set[int]()

    def claim(self, room: int, flying: int, window: int, *, single: bool = False) -> list[Claim]:
        """What may leave now: at most `room` submits of a window, with `flying` recipients on the line already.

        `single`: one number, to see whether it is answered.
        """
        ready, claims = self._ready(), list[Claim]()
        if not ready:
            return claims
        self._crowded = 2 * room < window or window < 4
        if corrects := self._corrects():
            self.pace.hurry(HURRIED)
        recipients, batch = self._recipients(flying, self._batch(ready), window, corrects=corrects)
        if single:
            recipients = batch = 1
        most = batch * self._most_segments(ready)
        self.due = self.pace.due(clock.monotonic(), most)
        while (usable := self.usable(room, window)) > 0 and recipients > 0:
            messages = self.pace.available(self.due, most)
            claim = self.lanes.take(ready, usable, messages, recipients, batch, window)
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

    def _recipients(self, flying: int, batch: int, window: int, *, corrects: bool) -> tuple[int, int]:
        """(recipients that may join those on the line, recipients to a submit): the cap on those in doubt, with some of it kept
        for corrections as `usable` keeps a place of the window."""
        cap = self.gateway.most_in_doubt
        if corrects:
            return cap - flying, min(batch, max(1, cap - flying))
        kept = min(batch, max(1, cap // 8)) if self._keeps(min(window, cap)) else 0
        return cap - kept - flying, min(batch, cap - kept)

    def usable(self, room: int, window: int) -> int:
        """How many of so many free places may be taken now.

        While the gateway takes its time to answer, or nobody knows yet, the last is kept for corrections: all places taken, the
        first of a correction would wait as long as an answer does. Where answers are quick a place is free at once anyway.
        """
        return room - 1 if self._keeps(window) and not self._corrects() else room

    def _keeps(self, places: int) -> bool:
        """Whether one of so many is kept for corrections. A single one cannot be: there a correction waits for its answer."""
        return places > 1 and not self.meter.quick(clock.monotonic(), QUICK if places >= SMALL else SOON)

    def _corrects(self) -> bool:
        return bool(self._corrections())

    def _corrections(self) -> set[int]:
        """Corrections of which somebody waits."""
        queues = self.lanes.queues.items()
        return {number for number, one in queues if one and one.job.lane == CORRECTION and not one.job.paused}

    def hurries(self) -> bool:
        """Whether a correction has come to wait since this was last asked: worth an attempt to connect before its time."""
        waiting = self._corrections()
        new, self._hurried = waiting - self._hurried, waiting
        return bool(new)

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
        if not recalled and clock.elapsed() < self._expires(number):
            return True
        if queue or self.book.sheets[number].n(UNSENT, AGAIN):
            self._stop(number, STOPPED if recalled else EXPIRED)
        return False

    def _expires(self, number: int) -> float:
        """When an alert runs out, reckoned once, by the wall clock of the moment at which it is first seen here.

        Whoever sets the clock afterwards gives it no more time, and takes none from it unless the step has lasted.
        """
        known = self._expiry.get(number)
        if known is None:
            known = self._expiry[number] = self.wall.until(self.lanes.queues[number].job.expires_at)
        return known

    def _reckon_again(self) -> None:
        """A step of the clock is believed: what runs out earlier by it does."""
        for number, known in list(self._expiry.items()):
            queue = self.lanes.queues.get(number)
            if queue is None:
                del self._expiry[number]
            else:
                self._expiry[number] = min(known, self.wall.until(queue.job.expires_at))

    def _let_go(self, number: int) -> None:
        """It is over: nothing of it leaves any more."""
        self.lanes.queues.pop(number, None)
        self._expiry.pop(number, None)

    def _stop(self, number: int, code: int) -> None:
        self.lanes.queues[number].clear()
        actions.stop(self.book, number, code, now_ms=self.now_ms())

    def requeue(self) -> None:
        """Some of what was claimed was not handed to the line after all."""
        for queue in self.lanes.queues.values():
            queue.refill()
            queue.again(queue.left_over())

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
        told = max(1, min(self.gateway.numbers_in_submit(), self.gateway.rate // (part * segments)))
        return max(1, self.pace.share(told, segments) >> self.pace.refused)

    def wait(self) -> float:
        """Seconds until the pace lets the next submit leave; 0 when something else is in the way."""
        ready = self._ready()
        if not ready:
            return self.timing.orders
        return self.pace.wait(clock.monotonic(), self._batch(ready) * self._most_segments(ready)) - LEAD

    @property
    def waits(self) -> bool:
        """Whether something waits to leave and may."""
        return bool(self._ready())
