"""Message ids of what this account no longer holds in memory: whose receipts, repeated or late, are known all the same.

A row is a submit that was taken, in 21 bytes. The newest two million are kept: a hundred million recipients at 50 to a submit. Of
what is older the time that a receipt states decides alone.
"""

from typing import Any

import numpy as np

from fenghuo.delivery.ledger.columns import Records
from fenghuo.delivery.ledger.messages import NOWHERE, search

GONE = np.dtype(
    [
        ("base", "<u8"),
        ("until", "<u4"),  # seconds since 1970 after which it is forgotten
        ("block", "<u4"),
        ("start", "<u2"),
        ("count", "<u2"),
        ("segment", "u1"),
    ]
)
MOST = 2_000_000


def gone(taken: Records, until: Any) -> Records:
    """Submits that were taken (`columns.PDU`) as rows."""
    rows = np.empty(len(taken), dtype=GONE)
    for name in ("base", "block", "start", "count", "segment"):
        rows[name] = taken[name]
    rows["until"] = until
    return rows


class Gone:
    """See the module. Parts, each sorted by id, of which none is less than half as large as the next: few, and cheap to add to."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._parts: list[Records] = []

    def __len__(self) -> int:
        return sum(len(part) for part in self._parts)

    def add(self, rows: Records, now: int) -> None:
        """More rows; whatever has had its time, and the oldest of too many, is forgotten."""
        rows = rows[rows["base"] != 0]  # a gateway that gives no ids: 0 names nothing
        while self._parts and len(self._parts[-1]) < 2 * len(rows):
            rows = np.concatenate((self._parts.pop(), rows))
        rows = rows[rows["until"] > now]
        if len(rows):
            # Of two that begin alike, one learned from a receipt and then answered with others, the longer is to be found.
            self._parts.append(rows[np.lexsort((rows["count"], rows["base"]))])
        if len(self) > self._most:
            rows = np.concatenate(self._parts)
            newest = np.argsort(rows["until"], kind="stable")[-(self._most // 2) :]
            self._parts = []
            self.add(rows[newest], now)

    def find(self, ids: Any) -> Records:
        """The row of each id; `count` is 0 where there is none."""
        found = np.zeros(len(ids), dtype=GONE)
        for part in self._parts:
            at = search(part["base"], np.arange(len(part)), ids, part["count"].astype(np.uint64))
            hit = (at != NOWHERE) & (ids != 0)
            found[hit] = part[at[hit]]
        return found

    def take(self, blocks: Any) -> Records:
        """The rows of some blocks (ids, ascending), which are held in memory again and no longer here."""
        taken = []
        for number, part in enumerate(self._parts):
            mine = np.isin(part["block"], blocks)
            if mine.any():
                taken.append(part[mine])
                self._parts[number] = part[~mine]
        self._parts = [part for part in self._parts if len(part)]
        return np.concatenate(taken) if taken else np.zeros(0, dtype=GONE)
