"""Failover and failback: what an account cannot send in time is sent by the others, and comes back when it can.

An account that has had no session, or no answer, for its `failover_after` gives away whoever it has not intended, the most urgent
first, in pieces of a few seconds' work; and those in doubt to whom a further copy is due, with all that is known of them. One that
lives but falls far behind gives away so much that both finish together. Far means more than twice as long and `MARGIN` seconds
more, so what was shared evenly never goes back and forth. An account that comes back has nothing left to send, so the others are
far behind it: that is the failback.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from fenghuo.delivery.gateways.config import Gateway
from fenghuo.delivery.ledger import actions, queries
from fenghuo.delivery.ledger.actions import Book, Sheet
from fenghuo.delivery.ledger.states import AGAIN, IN_DOUBT
from fenghuo.delivery.ledger.values import Job
from fenghuo.delivery.sender.timing import Timing

MARGIN = 10.0  # seconds: less is not worth a hand-over
AHEAD = 10.0  # seconds' work of the taker in one piece
MOST = 20_000  # recipients in one piece: the rows of one transaction
LEAST = 50
MEASURED = 5.0  # seconds before a speed is believed
WINDOW = 10.0
SEEN_MS = 15_000
SLOW = 0.5  # of the contract

Again = Callable[[Job, Sheet], Any]
log = structlog.get_logger(__name__)


@dataclass
class Taker:
    """Another account, as its sender last reported it; `left` is messages by lane."""

    gateway: Gateway
    speed: float
    left: dict[int, int]

    def seconds(self, lane: int) -> float:
        """Until it has sent everything as urgent as this lane, or more."""
        return sum(n for one, n in self.left.items() if one <= lane) / self.speed


@dataclass
class Speed:
    """How fast what is left becomes less, in messages a second; the contract's rate until that is known."""

    rate: float
    _seen: deque[tuple[float, int]] = field(default_factory=deque)
    _of: frozenset[int] = frozenset()

    def look(self, now: float, ready: Sequence[int], left: int) -> None:
        """So much is left of these broadcasts."""
        if frozenset(ready) != self._of:
            self.forget()
            self._of = frozenset(ready)
        self._seen.append((now, left))
        while now - self._seen[0][0] > WINDOW:
            self._seen.popleft()

    def forget(self) -> None:
        """What is left has changed in another way."""
        self._seen.clear()

    @property
    def now(self) -> float:
        """Never more than the contract, never nothing."""
        if not self._seen or self._seen[-1][0] - self._seen[0][0] < MEASURED:
            return self.rate
        (began, before), (ended, after) = self._seen[0], self._seen[-1]
        return min(self.rate, max(0.1, (before - after) / (ended - began)))


class Sharing:
    """See the module. `peers` are all accounts of this data folder's mode; times are monotonic seconds.

    `again` tells of a broadcast to which positions (bool) a further copy is to leave now.
    """

    def __init__(
        self,
        gateway: Gateway,
        peers: Sequence[Gateway],
        *,
        book: Book,
        fence: int,
        timing: Timing,
        now: float,
        again: Again,
    ) -> None:
        self._gateway = gateway
        self._others = [one for one in peers if one.name != gateway.name]
        self._book = book
        self._fence = fence
        self._lease_ms = round(timing.lease * 1000)
        self._speed = Speed(gateway.rate)
        self._again = again
        # Hosts that take turns at a dead gateway do not begin to wait anew each time.
        self._well_at = now - queries.unwell(gateway.name, SEEN_MS)

    def well(self, at: float) -> None:
        """The gateway took something, or has nothing to take, at this moment."""
        self._well_at = max(self._well_at, at)

    def away(self, now: float) -> bool:
        """Whether nothing has gone out for so long that others should send it."""
        return now - self._well_at >= self._gateway.failover_after

    @property
    def possible(self) -> bool:
        """Whether there is another account."""
        return bool(self._others)

    def unwell_ms(self, now: float) -> int:
        """For how long nothing has gone out."""
        return max(0, round((now - self._well_at) * 1000))

    def grew(self) -> None:
        """Something was handed over to this account."""
        self._speed.forget()

    def give(self, ready: Sequence[int], now: float, now_ms: int) -> list[int]:
        """Hand over what others should send; `ready` may leave now. Returns the broadcasts of which some went.

        The book must have nothing uncommitted, and the orders must have been read.
        """
        mine = self._left(ready)
        total = sum(mine.values())
        away = self.away(now)
        if total:
            self._speed.look(now, ready, total)
        else:
            self._speed.forget()
        again = self._wanted_again(ready) if away else {}
        if not again and (not total or (not away and total / self._speed.now < MARGIN)):
            return []
        takers = self._takers(now_ms)
        gone = self._all(ready, again, takers, now_ms) if away else self._part(ready, mine, takers, now_ms)
        if gone:
            self._speed.forget()
        return gone

    def _left(self, ready: Sequence[int]) -> dict[int, int]:
        mine: dict[int, int] = {}
        for number in ready:
            lane = self._book.jobs[number].lane
            mine[lane] = mine.get(lane, 0) + self._book.sheets[number].unsent_messages()
        return mine

    def _takers(self, now_ms: int) -> list[Taker]:
        named = {one.name: one for one in self._others}
        left = dict[str, dict[int, int]]()
        for account, lane, messages in queries.left_to_send(now_ms):
            left.setdefault(account, {})[lane] = messages
        return [
            Taker(named[name], min(named[name].rate, speed or named[name].rate), left.get(name, {}))
            for name, speed in queries.able({one.name: one.failover_after for one in self._others}, SEEN_MS).items()
        ]

    def _urgent_first(self, ready: Sequence[int]) -> list[int]:
        return sorted(ready, key=lambda number: (self._book.jobs[number].lane, number))

    def _wanted_again(self, ready: Sequence[int]) -> dict[int, Any]:
        """By broadcast, those in doubt to whom a further copy is to leave."""
        books = ((number, self._book.jobs[number], self._book.sheets[number]) for number in ready)
        found = {number: self._again(job, sheet) for number, job, sheet in books if sheet.n(IN_DOUBT, AGAIN)}
        return {number: whom for number, whom in found.items() if whom.any()}

    def _all(self, ready: Sequence[int], again: dict[int, Any], takers: list[Taker], now_ms: int) -> list[int]:
        """A piece for each of the others, the least busy first; what they do not serve stays."""
        room = {one.gateway.name: max(LEAST, one.speed * AHEAD) for one in takers}
        gone = []
        for number in self._urgent_first(ready):
            lane, segments = self._book.jobs[number].lane, self._book.sheets[number].parts
            for taker in sorted(takers, key=lambda one: one.seconds(lane)):
                most = room[taker.gateway.name] / segments
                went = self._hand(number, taker, most, now_ms)
                if number in again:
                    went += self._hand_doubtful(number, taker, most - went, now_ms, again[number])
                room[taker.gateway.name] -= went * segments
                gone += [number] if went else []
        return gone

    def _part(self, ready: Sequence[int], mine: dict[int, int], takers: list[Taker], now_ms: int) -> list[int]:
        """So much of the most urgent lane in which another is far ahead that both finish it together."""
        speed, ahead = self._speed.now, 0
        giver = None if speed < SLOW * self._gateway.rate else self._gateway
        for lane in sorted(mine):
            ahead += mine[lane]
            for taker in sorted(takers, key=lambda one: one.seconds(lane)):
                theirs = taker.seconds(lane)
                if ahead / speed <= 2 * theirs + MARGIN:
                    break
                even = (ahead - theirs * speed) * taker.speed / (speed + taker.speed)
                gone = []
                for number in self._urgent_first(ready):
                    if self._book.jobs[number].lane == lane and even >= LEAST:
                        segments = self._book.sheets[number].parts
                        went = self._hand(number, taker, even / segments, now_ms, giver=giver, last=True)
                        even -= went * segments
                        gone += [number] if went else []
                if gone:
                    return gone
        return []

    def _hand(
        self, number: int, taker: Taker, most: float, now_ms: int, *, giver: Gateway | None = None, last: bool = False
    ) -> int:
        most = min(int(most), MOST)
        if most < 1:
            return 0
        runs = actions.movable(self._book.sheets[number], taker.gateway, most, giver=giver, last=last)
        return self._given("handed_over", actions.hand_over, number, taker, runs, now_ms)

    def _hand_doubtful(self, number: int, taker: Taker, most: float, now_ms: int, again: Any) -> int:
        """Those in doubt live on at the taker as doubtful as they are, so that the copy which is due leaves there."""
        most = min(int(most), MOST)
        if most < 1:
            return 0
        runs = actions.movable_in_doubt(self._book.sheets[number], taker.gateway, most, again)
        return self._given("taken_over_in_doubt", actions.take_over, number, taker, runs, now_ms)

    def _given(
        self, said: str, act: Callable[..., int], number: int, taker: Taker, runs: actions.Runs, now_ms: int
    ) -> int:
        name = taker.gateway.name
        went = act(self._book, number, name, runs, fence=self._fence, now_ms=now_ms, lease_ms=self._lease_ms)
        if went:
            lane, segments = self._book.jobs[number].lane, self._book.sheets[number].parts
            taker.left[lane] = taker.left.get(lane, 0) + went * segments
            log.warning(said, account=self._gateway.name, taker=name, broadcast=number, recipients=went)
        return went
