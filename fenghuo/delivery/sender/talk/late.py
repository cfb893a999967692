"""Submits that were given up on: an answer that comes after all still tells what became of them."""

from typing import Any

import numpy as np

from fenghuo.ground import clock

KEPT = 3600.0  # seconds; a gateway that answers after an hour is believed by its receipts alone


class Late:
    """By ticket, on one connection."""

    def __init__(self) -> None:
        self._rows: dict[int, tuple[int, float]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, tickets: Any, rows: Any) -> None:
        """These are answered no more, most likely; what is older than KEPT is forgotten."""
        now = clock.monotonic()
        for ticket, (_, since) in list(self._rows.items()):
            if now - since < KEPT:
                break
            del self._rows[ticket]
        for ticket, row in zip(tickets.tolist(), rows.tolist(), strict=True):
            self._rows.pop(ticket, None)  # a number that comes round again is young again
            self._rows[ticket] = (row, now)

    def take(self, tickets: Any, wanted: Any) -> tuple[Any, Any]:
        """(which of the tickets, their submits) of those that are wanted (bool) and known; those are known no longer."""
        known = wanted & np.array([ticket in self._rows for ticket in tickets.tolist()], dtype=bool)
        rows = [self._rows.pop(ticket)[0] for ticket in tickets[known].tolist()]
        return known, np.array(rows, dtype=np.int64)

    def renumber(self, table: Any) -> None:
        """Submits have other rows now; 0: it is no more."""
        moved = {ticket: (int(table[row]), since) for ticket, (row, since) in self._rows.items()}
        self._rows = {ticket: one for ticket, one in moved.items() if one[0]}
