"""An account's submits in memory: who each one was for, what the gateway answered, and which message ids it gave.

A submit is known by its row. Rows of a broadcast that is let go are cleared away now and then, so that a sender which runs for
months holds no more than what is open; their ids live on in `gone`. Row 0 is nobody's.
"""

from typing import Any

import numpy as np

from fenghuo.delivery.ledger import columns
from fenghuo.delivery.ledger.columns import Records
from fenghuo.delivery.ledger.gone import GONE, Gone, gone
from fenghuo.delivery.ledger.messages import Messages, grown
from fenghuo.delivery.ledger.sheet import Sheet

_PDU = np.dtype(
    [
        ("sheet", "i4"),
        ("slot", "i4"),
        ("position", "u4"),
        ("count", "u2"),
        ("segment", "u1"),
        ("verdict", "u1"),
        ("low", "u8"),
    ]
)
CLEAR_AT = 1024  # rows of nobody before they are worth clearing away
KNOWN = 48 * 3600  # seconds that an id is known beyond the moment its broadcast is let go


class Submits:
    """See the module. `sheets` are the broadcasts that are held, by number."""

    def __init__(self) -> None:
        self.sheets: dict[int, Sheet] = {}
        self._messages = Messages()
        self._pdus = np.zeros(1024, dtype=_PDU)
        self._n = 1
        self._dead = 0  # rows of broadcasts that were let go
        self._gone = Gone()
        self._table: Any = None  # from rows as they were before they were cleared away to rows as they are

    def _note(self, sheet: Sheet, slots: Any, ranges: Records) -> int:
        """Further submits (`columns.RANGE`); the first one's row."""
        first, end = self._n, self._n + len(ranges)
        if end > len(self._pdus):
            self._pdus = grown(self._pdus, first, max(end, 2 * len(self._pdus)))
        here = self._pdus[first:end]
        here["sheet"], here["slot"], here["verdict"], here["low"] = sheet.broadcast, slots, 0, 0
        here["position"] = sheet.offsets[slots] + ranges["start"]
        here["count"], here["segment"] = ranges["count"], ranges["segment"]
        self._n = end
        return first

    def _note_taken(self, sheet: Sheet, taken: Records) -> None:
        """Submits of a sheet with the first of the ids that the gateway gave them (`base`)."""
        first = self._note(sheet, sheet.slots_of(taken["block"]), taken)
        here = self._pdus[first : self._n]
        here["low"], here["verdict"] = taken["base"], columns.TAKEN
        self._messages.add(taken["base"], np.arange(first, self._n))

    def remember(self, taken: Records, until: Any = None) -> None:
        """Submits taken earlier, as `columns.PDU`, so that their receipts are known; of what is not held, `until` then."""
        rest = np.ones(len(taken), dtype=bool)
        for sheet in self.sheets.values():
            mine = sheet.holds(taken["block"])
            if mine.any():
                self._note_taken(sheet, taken[mine])
                rest &= ~mine
        if until is not None and rest.any():
            self._gone.add(gone(taken[rest], until[rest]), 0)

    def _call_back(self, sheet: Sheet) -> None:
        """A broadcast is held again: so are its submits."""
        rows = self._gone.take(sheet.blocks)
        if len(rows):
            self._note_taken(sheet, rows)

    def _let_go(self, sheet: Sheet, now: int) -> None:
        """A broadcast is held no longer: of its submits the ids alone are kept."""
        mine = np.flatnonzero(self._pdus["sheet"][: self._n] == sheet.broadcast)
        rows = self._pdus[mine]
        rows = rows[rows["verdict"] == columns.TAKEN]
        kept = np.zeros(len(rows), dtype=GONE)
        kept["base"], kept["until"] = rows["low"], now + KNOWN
        kept["block"], kept["start"] = sheet.blocks[rows["slot"]], rows["position"] - sheet.offsets[rows["slot"]]
        kept["count"], kept["segment"] = rows["count"], rows["segment"]
        self._gone.add(kept, now)
        self._pdus["sheet"][mine] = 0
        self._dead += len(mine)
        if self._dead >= max(CLEAR_AT, self._n // 2):
            self._clear()

    def _clear(self) -> None:
        rows = self._pdus[: self._n]
        stay = rows["sheet"] != 0
        stay[0] = True
        table = np.where(stay, np.cumsum(stay) - 1, 0)
        left = int(stay.sum())
        self._pdus = grown(rows[stay], left, max(1024, left))
        self._n, self._dead = left, 0
        self._messages.renumber(table)
        self._table = table if self._table is None else table[self._table]

    def renumbered(self) -> Any:
        """Where rows that were handed out are now (0: let go), if any were cleared away since this was last asked; else None."""
        table, self._table = self._table, None
        return table
