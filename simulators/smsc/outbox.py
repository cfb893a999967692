"""Status reports and phone messages on their way to an SP: when they are due, and what was not acknowledged."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from heapq import heappop, heappush
from itertools import count
from typing import Protocol

from fenghuo.wire.cmpp import LAYOUTS, Deliver, Layout, Report, Run, Submit, encode, numbers, packed, scatter
from fenghuo.wire.stream import sequence_column
from simulators.smsc.record import Chunk


class Mail(Protocol):
    """Something that goes out as DELIVERs."""

    @property
    def count(self) -> int: ...
    def build(self, start: int, stop: int, sequence: int, layout: Layout, moment: datetime) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Reports:
    """The reports of some of a chunk's numbers: `indexes` in the order in which they go; `word` overrides the final one."""

    chunk: Chunk
    model: Submit
    indexes: Sequence[int]
    words: Sequence[str] | None = None  # by index in the chunk; None: all delivered
    word: str = ""
    body: int = 0
    first_id: bool = False  # each report carries the id of its SUBMIT's response
    per_frame: int = 1

    @property
    def count(self) -> int:
        """How many reports."""
        return len(self.indexes)

    def build(self, start: int, stop: int, sequence: int, layout: Layout, moment: datetime) -> bytes:
        """The frames of the reports [start, stop), numbered from `sequence`."""
        indexes, own = self.indexes[start:stop], self.chunk.layout.terminal
        block, ids = self._columns(indexes, own)
        width = {60: 21, 71: 32}.get(self.body, layout.terminal)
        model = self._model(layout, width, moment)
        shape = layout.reports[60 if width == 21 else 71]
        frames = bytearray(model * len(indexes))
        sequences = sequence_column(sequence, len(indexes))
        scatter(frames, shape.stride, shape.sequence_at, sequences, 4)
        scatter(frames, shape.stride, shape.deliver_id_at + 4, sequences, 4)
        scatter(frames, shape.stride, shape.msg_id_at, ids, 8)
        source_at = layout.deliver_content_at - 2 - int(layout.typed) - layout.terminal
        _put_numbers(frames, shape.stride, source_at, layout.terminal, block, own)
        _put_numbers(frames, shape.stride, shape.dest_at, width, block, own)
        if self.words and not self.word:
            stats = b"".join(self.words[index].encode("latin-1")[:7].ljust(7, b"\0") for index in indexes)
            scatter(frames, shape.stride, shape.stat_at, stats, 7)
        return bytes(frames)

    def _columns(self, indexes: Sequence[int], own: int) -> tuple[bytes, bytes]:
        block, ids = self.chunk.block, self.chunk.ids
        if self.first_id:
            each = numbers(ids, "Q")
            ids = packed((each[index - index % self.per_frame] for index in range(len(each))), "Q")
        if isinstance(indexes, range) and indexes.step == 1:
            low, high = indexes.start, indexes.stop
            return block[low * own : high * own], ids[low * 8 : high * 8]
        picked = b"".join([block[k * own : (k + 1) * own] for k in indexes])
        return picked, b"".join([ids[k * 8 : (k + 1) * 8] for k in indexes])

    def _model(self, layout: Layout, width: int, moment: datetime) -> bytes:
        at = datetime.fromtimestamp(self.chunk.at, moment.tzinfo)
        word = self.word or "DELIVRD"
        times = (f"{at:%y%m%d%H%M}", f"{moment:%y%m%d%H%M}")
        return _blank(layout.version, width, self.model.src_id, self.model.service_id, word, *times)


@lru_cache(maxsize=256)
def _blank(version: int, width: int, src_id: str, service_id: str, word: str, submitted: str, done: str) -> bytes:
    """The frame of a report but for its numbers and ids."""
    body = Report(0, word, submitted, done, "").encode(width)
    return encode(Deliver(0, 0, src_id, "", body, service_id, msg_fmt=0, registered_delivery=1), LAYOUTS[version])


def _put_numbers(frames: bytearray, stride: int, at: int, width: int, block: bytes, own: int) -> None:
    shared = min(width, own)  # a number of 32 bytes keeps its first 21 in a narrower field
    for k in range(shared):
        frames[at + k :: stride] = block[k::own]


@dataclass(frozen=True, slots=True)
class Letters:
    """Messages from a phone, ready but for their Sequence_Ids."""

    letters: tuple[Deliver, ...]

    @property
    def count(self) -> int:
        """How many DELIVERs."""
        return len(self.letters)

    def build(self, start: int, stop: int, sequence: int, layout: Layout, moment: datetime) -> bytes:
        """Their frames, numbered from `sequence`."""
        frames = []
        for offset, letter in enumerate(self.letters[start:stop]):
            frame = bytearray(encode(letter, layout))
            frame[8:12] = (sequence + offset & 0xFFFF_FFFF).to_bytes(4, "big")
            frames.append(bytes(frame))
        return b"".join(frames)


@dataclass(slots=True)
class Piece:
    """The part [start, stop) of a mail."""

    mail: Mail
    start: int
    stop: int


class Outbox:
    """What waits for one account, in order of the time it is due."""

    def __init__(self) -> None:
        self._ready: deque[Piece] = deque()
        self._later: list[tuple[float, int, Piece]] = []
        self._order = count()
        self.waiting = 0

    def put(self, mail: Mail, due: float = 0.0, now: float = 0.0) -> None:
        """Hands a mail in for the time `due`."""
        if not mail.count:
            return
        piece = Piece(mail, 0, mail.count)
        self.waiting += mail.count
        if due <= now:
            self._ready.append(piece)
        else:
            heappush(self._later, (due, next(self._order), piece))

    def give_back(self, pieces: list[Piece]) -> None:
        """What a lost connection left unacknowledged goes out again, first."""
        self._ready.extendleft(reversed(pieces))
        self.waiting += sum(piece.stop - piece.start for piece in pieces)

    def take(self, most: int, now: float) -> Piece | None:
        """The next at most `most` DELIVERs of one mail that are due, or None."""
        while self._later and self._later[0][0] <= now:
            self._ready.append(heappop(self._later)[2])
        if not self._ready or most <= 0:
            return None
        piece = self._ready[0]
        stop = min(piece.stop, piece.start + most)
        taken = Piece(piece.mail, piece.start, stop)
        if stop == piece.stop:
            self._ready.popleft()
        else:
            piece.start = stop
        self.waiting -= stop - taken.start
        return taken

    def deadline(self) -> float | None:
        """When the next one is due that is not yet."""
        return self._later[0][0] if self._later else None


class Flight:
    """DELIVERs sent on one connection and not acknowledged, in order of their Sequence_Ids."""

    def __init__(self) -> None:
        self._pieces: deque[tuple[int, Piece]] = deque()
        self._early: set[int] = set()
        self._size = 0

    @property
    def unanswered(self) -> int:
        """How many DELIVERs have no response yet."""
        return self._size - len(self._early)

    def sent(self, first: int, piece: Piece) -> None:
        """`piece` left, numbered from `first`."""
        self._pieces.append((first, piece))
        self._size += piece.stop - piece.start

    def answered(self, run: Run) -> int:
        """Takes responses in any order; returns how many were not awaited."""
        column = run.column(8, 4)
        done = 0
        while done < run.frames and self._pieces and not self._early:
            first, piece = self._pieces[0]
            size = min(run.frames - done, piece.stop - piece.start)
            if column[done * 4 : (done + size) * 4] != sequence_column(first, size):
                break
            self._advance(size)
            done += size
        return sum(not self._one(sequence) for sequence in numbers(column[done * 4 :], "I"))

    def _one(self, sequence: int) -> bool:
        if not self._has(sequence):
            return False
        self._early.add(sequence)
        while self._pieces and self._pieces[0][0] in self._early:
            self._early.discard(self._pieces[0][0])
            self._advance(1)
        return True

    def _has(self, sequence: int) -> bool:
        if sequence in self._early:
            return False
        return any((sequence - first) & 0xFFFF_FFFF < piece.stop - piece.start for first, piece in self._pieces)

    def _advance(self, step: int) -> None:
        first, piece = self._pieces[0]
        piece.start += step
        self._pieces[0] = (first + step & 0xFFFF_FFFF, piece)
        if piece.start == piece.stop:
            self._pieces.popleft()
        self._size -= step

    def abandon(self) -> list[Piece]:
        """Everything unacknowledged, for another connection."""
        left: list[Piece] = []
        for first, piece in self._pieces:
            for k in range(piece.start, piece.stop):
                if (first + k - piece.start) & 0xFFFF_FFFF in self._early:
                    continue
                if left and left[-1].mail is piece.mail and left[-1].stop == k:
                    left[-1].stop = k + 1
                else:
                    left.append(Piece(piece.mail, k, k + 1))
        self._pieces.clear()
        self._early.clear()
        self._size = 0
        return left
