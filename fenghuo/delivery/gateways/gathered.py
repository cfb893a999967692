"""Status reports that come a moment apart, taken together: to enter four hundred costs little more than to enter one hundred."""

from typing import Any

from fenghuo.wire.stream import Run

FEW = 64  # fewer at a time are handed on at once: their gateway may wait for the acknowledgement before it says more
ENOUGH = 512

Piece = tuple[Run, Any, int]  # frames, where their fields lie, the number of their connection


class Gathered:
    """What one line keeps back. Runs that follow each other are made one where everything about them is alike."""

    def __init__(self) -> None:
        self._kept: list[Piece] = []
        self._frames = 0

    def __bool__(self) -> bool:
        return bool(self._kept)

    def add(self, run: Run, layout: Any, pipe: int = 0) -> list[Piece]:
        """What is to be looked at now, in the order in which it came."""
        now = self.all() if self._kept and not _alike(self._kept[-1], (run, layout, pipe)) else []
        self._kept.append((run, layout, pipe))
        self._frames += run.frames
        if run.frames < FEW or self._frames >= ENOUGH:
            now += self.all()
        return now

    def all(self) -> list[Piece]:
        """Everything that was kept back."""
        if not self._kept:
            return []
        kept, frames = self._kept, self._frames
        self._kept, self._frames = [], 0
        run, layout, pipe = kept[0]
        if len(kept) > 1:
            run = run._replace(frames=frames, data=b"".join([one.data for one, _, _ in kept]))
        return [(run, layout, pipe)]


def _alike(one: Piece, other: Piece) -> bool:
    return one[1:] == other[1:] and one[0]._replace(frames=0, data=b"") == other[0]._replace(frames=0, data=b"")
