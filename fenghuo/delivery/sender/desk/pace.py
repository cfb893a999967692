"""How much may leave now: the contracted rate, never over in any second, and backing off when the gateway says so."""

from collections import deque
from functools import lru_cache

from fenghuo.delivery.sender.timing import Timing

_SECOND = 1.004  # a hair more than a second, so that jitter on the way never makes one second too full
_BURST = 0.25  # seconds' worth that may be caught up after a late wake; the sliding second still holds
LEAD = 0.005  # an intent may be on disk so much before its bytes may leave: the disk then costs the line no time
RECIPIENTS_OF_A_BLOCK = 1000
_HAIR = 1e-6  # what sums of floats lose
_USUAL = 64  # answers that say how long one usually takes
_LATE_MOST = 0.1  # seconds that a late answer may cost the line


@lru_cache(maxsize=64)
def _share(rate: int, most: int, messages: int) -> int:
    def used(size: int) -> int:
        return rate // (size * messages) * size * messages

    sizes = [size for size in range(most, 0, -1) if used(size) >= 0.998 * rate] or [max(range(most, 0, -1), key=used)]
    # Where a submit is a good part of a second, one that ends with its block and is shorter leaves the rest of it unused.
    even = (size for size in sizes if size <= 0.002 * rate or RECIPIENTS_OF_A_BLOCK % size == 0)
    return next(even, sizes[0])


class Pace:
    """A token bucket over a sliding second. Units are messages: a submit with n numbers counts n, each segment for itself."""

    def __init__(self, rate: int, backoff: tuple[float, ...], longest: float = Timing.longest_pause) -> None:
        self.rate = rate
        self._backoff = backoff
        self._longest = longest
        self.refused = 0  # throttled answers since the last that was taken
        self._blocked_until = 0.0
        self._tokens = float(rate)
        self._at: float | None = None
        self._sent: deque[tuple[float, int]] = deque()
        self._in_second = 0
        self._unsent = 0
        self._under_way = 0
        self._took: deque[float] = deque(maxlen=_USUAL)
        self.throttled_at: float | None = None

    def available(self, now: float, most: int) -> int:
        """Messages that may leave now; `most` is the largest submit, which the bucket must be able to hold."""
        if now < self._blocked_until:
            return 0
        depth = max(2.0 * most, self.rate * _BURST)
        if self._at is None:
            self._at, self._tokens = now, float(most)
        self._tokens = min(depth, self._tokens + max(0.0, now - self._at) * self.rate)
        self._at = max(now, self._at)
        while self._sent and self._sent[0][0] <= now - _SECOND + _HAIR:
            self._in_second -= self._sent.popleft()[1]
        return min(int(self._tokens + _HAIR), self.rate - self._in_second)

    def due(self, now: float, messages: int) -> float:
        """When so many may leave, if that is soon enough to prepare it now; else `now`, when `available` may have fewer."""
        early = self.wait(now, messages)
        return now + early if early <= LEAD else now

    def share(self, most: int, messages: int) -> int:
        """Destinations to a submit, at most `most`, of `messages` each: fewer where full ones leave some of a second unused."""
        return _share(self.rate, most, messages)

    def spend(self, now: float, messages: int) -> None:
        """These leave now."""
        self._tokens -= messages
        self._in_second += messages
        self._sent.append((now, messages))
        self._unsent += 1

    def left(self, now: float) -> None:
        """What was spent since the last call has left only now: a slow disk lay between, and seconds count from here."""
        self._under_way += self._unsent
        self._move(self._unsent, now)
        self._unsent = 0

    def arrived(self, now: float) -> None:
        """Everything that left has been answered, so it was there by now: how much later than usual, so much later it counts.

        A contract is counted where submits arrive. One that was held up on the way comes closer to those that follow; a fixed
        allowance for that would cost the line more than it protects.
        """
        if self._under_way and self._sent:
            at = self._sent[-1][0]
            took, earlier = now - at, sorted(self._took)
            self._took.append(took)
            late = took - earlier[len(earlier) * 3 // 4] if earlier else 0.0
            if late > 0:
                self._move(self._under_way, at + min(late, _LATE_MOST))
        self._under_way = 0

    def _move(self, entries: int, at: float) -> None:
        moved: list[tuple[float, int]] = []
        while self._sent and len(moved) < entries:
            moved.append((at, self._sent.pop()[1]))
        self._sent.extend(reversed(moved))

    def wait(self, now: float, messages: int) -> float:
        """Seconds until so many may leave, as far as is known now."""
        if now < self._blocked_until:
            return self._blocked_until - now
        since = 0.0 if self._at is None else max(0.0, now - self._at)
        refill = max(0.0, (messages - self._tokens) / self.rate - since)
        excess, oldest = self._in_second + messages - self.rate, 0.0
        for at, n in self._sent:
            if excess <= 0:
                break
            excess -= n
            oldest = at + _SECOND - now
        return max(refill, oldest, 0.0)

    def blocked(self, now: float) -> bool:
        """Whether nothing may leave because the gateway asked for less."""
        return now < self._blocked_until

    def taken(self) -> None:
        """The gateway took something."""
        self.refused = 0

    def hurry(self, seconds: float) -> None:
        """What waits to leave is worth another attempt so soon after the last that was throttled."""
        if self.throttled_at is not None:
            self._blocked_until = min(self._blocked_until, self.throttled_at + seconds)

    def throttled(self, now: float, seconds: float = 0.0) -> None:
        """The gateway asked for less (flow control), or for nothing for so many seconds, of which no more than the longest is kept.

        Whatever it says, one submit is worth an attempt after that: a warning may not wait for hours on a gateway's word.
        """
        if now >= self._blocked_until:
            self._blocked_until = now + self._backoff[min(self.refused, len(self._backoff) - 1)]
            self.refused += 1
        self._blocked_until = max(self._blocked_until, now + min(seconds, self._longest))
        self.throttled_at = now
