"""The slots of requests in flight."""

from collections import deque
from collections.abc import Iterable, Iterator

from fenghuo.wire.stream.columns import TOP, Run
from fenghuo.wire.stream.errors import ProtocolError


class Window:
    """A slot goes reserved → sent → answered (or overdue) → released, and only `release` frees it.

    `size` 0 keeps no account at all: there is always room, and the owner counts for itself. Sequence numbers go from
    `lowest` to `highest` and begin again.
    """

    def __init__(self, size: int, lowest: int = 0, highest: int = TOP) -> None:
        self.size = size
        self.lowest = lowest
        self.highest = highest
        self._held: set[int] = set()
        self._reserved: set[int] = set()
        self._awaiting: set[int] = set()
        self._deadlines: deque[tuple[float, int, int]] = deque()

    @property
    def room(self) -> int:
        """Free slots."""
        return max(0, self.size - len(self._held)) if self.size else 1 << 31

    @property
    def unanswered(self) -> tuple[int, ...]:
        """Sequence_Ids handed out as bytes and neither answered nor overdue, in ascending order."""
        return tuple(sorted(self._awaiting))

    @property
    def unsent(self) -> tuple[int, ...]:
        """Sequence_Ids reserved and not handed out, in ascending order."""
        return tuple(sorted(self._reserved))

    @property
    def held(self) -> tuple[int, ...]:
        """Every Sequence_Id that takes a slot."""
        return tuple(sorted(self._held))

    def reserve(self, first: int, count: int) -> None:
        """Takes `count` slots for the Sequence_Ids from `first`."""
        if count < 1 or count > self.room:
            raise ProtocolError(
                "window", f"{count} slots asked for, {self.room} free", f"申请 {count} 个窗口位，空闲 {self.room} 个"
            )
        if self.size:
            span = set(self._span(first, count))
            self._held |= span
            self._reserved |= span

    def sent(self, first: int, count: int, deadline: float) -> None:
        """The frames of these reserved slots are on their way; an answer is due by `deadline`."""
        if not self.size:
            return
        span = set(self._span(first, count))
        if not span <= self._reserved:
            raise ProtocolError("window", "a frame was sent without a reserved slot", "发送了未申请窗口位的消息")
        self._reserved -= span
        self._awaiting |= span
        self._deadlines.append((deadline, first, count))

    def answered(self, run: Run) -> tuple[list[Run], list[Run]]:
        """Splits responses into those awaited, which count as answered from now on, and strays."""
        sequences = run.sequences()
        distinct = set(sequences)
        if len(distinct) == run.frames and distinct <= self._awaiting:
            self._awaiting -= distinct
            return [run], []
        runs: tuple[list[Run], list[Run]] = ([], [])
        start = 0
        kinds = [self._take(sequence) for sequence in sequences]
        for stop in range(1, run.frames + 1):
            if stop == run.frames or kinds[stop] != kinds[start]:
                runs[0 if kinds[start] else 1].append(run.part(start, stop))
                start = stop
        return runs

    def _take(self, sequence: int) -> bool:
        awaited = sequence in self._awaiting
        self._awaiting.discard(sequence)
        return awaited

    def release(self, sequences: Iterable[int]) -> None:
        """Frees the slots of these Sequence_Ids; those that hold none are passed over."""
        gone = set(sequences)
        self._held -= gone
        self._reserved -= gone
        self._awaiting -= gone

    def overdue(self, now: float) -> tuple[int, ...]:
        """Sequence_Ids whose answer is late at `now`, each told once. Their slots stay taken."""
        late: list[int] = []
        while self._deadlines and self._deadlines[0][0] <= now:
            _, first, count = self._deadlines.popleft()
            late += [sequence for sequence in self._span(first, count) if sequence in self._awaiting]
        self._awaiting.difference_update(late)
        return tuple(late)

    def deadline(self) -> float | None:
        """When `overdue` may next have something to say."""
        while self._deadlines:
            due, first, count = self._deadlines[0]
            if any(sequence in self._awaiting for sequence in self._span(first, count)):
                return due
            self._deadlines.popleft()
        return None

    def _span(self, first: int, count: int) -> Iterator[int] | range:
        if first + count <= self.highest + 1:
            return range(first, first + count)
        size = self.highest + 1 - self.lowest
        return (self.lowest + (first - self.lowest + k) % size for k in range(count))
