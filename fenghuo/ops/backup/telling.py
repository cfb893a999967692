"""How far a backup or a restore has come, for whoever waits at a terminal."""

import sys


class Percent:
    """One line that is written over; `most` in bytes is an estimate."""

    def __init__(self, most: int, *, shown: bool) -> None:
        self._most, self._done, self._said, self._shown = max(most, 1), 0, -1, shown

    def add(self, count: int) -> None:
        """So many bytes more."""
        self._done += count
        now = min(99, self._done * 100 // self._most)
        if self._shown and now != self._said:
            self._said = now
            print(f"\r{now:3d} %", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Leave the line empty for what is said next."""
        if self._shown:
            print("\r      \r", end="", file=sys.stderr, flush=True)


def size(count: int) -> str:
    """Bytes as people read them."""
    return f"{count / 2**20:.1f} MB" if count >= 2**20 else f"{count / 1024:.0f} KB"
