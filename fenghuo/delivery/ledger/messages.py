"""From a gateway's message ids back to the submits they were given for, thousands at a time.

A submit to n numbers owns the ids base … base + n - 1; their low 16 bits are a sequence that wraps to 0 (QB-GF-028-2003 app. 1).
"""

from typing import Any

import numpy as np

from fenghuo.delivery.ledger.columns import every

NOWHERE = -1
_LOW = np.uint64(0xFFFF)
_MERGE_AT = 8192


class Messages:
    """Sorted columns: a large part that is appended to or merged now and then, and a small one that takes what is out of order."""

    def __init__(self) -> None:
        self._ids = np.zeros(1024, dtype=np.uint64)
        self._pdus = np.zeros(1024, dtype=np.int32)
        self._n = 0
        self._late_ids = np.zeros(0, dtype=np.uint64)
        self._late_pdus = np.zeros(0, dtype=np.int32)

    def add(self, ids: Any, pdus: Any) -> None:
        """First ids and the submits they belong to; of equal ids the one added last is found."""
        if len(ids) == 0:
            return
        rising = (self._n == 0 or ids[0] >= self._ids[self._n - 1]) and every(ids[1:] >= ids[:-1])
        if rising and not len(self._late_ids):
            self._append(ids, pdus)
            return
        self._late_ids, self._late_pdus = _merged(self._late_ids, self._late_pdus, ids, pdus)
        if len(self._late_ids) > _MERGE_AT:
            ids, pdus = _merged(self._ids[: self._n], self._pdus[: self._n], self._late_ids, self._late_pdus)
            self._n = 0
            self._late_ids, self._late_pdus = self._late_ids[:0], self._late_pdus[:0]
            self._append(ids, pdus)

    def _append(self, ids: Any, pdus: Any) -> None:
        end = self._n + len(ids)
        if end > len(self._ids):
            room = max(end, 1024, 2 * len(self._ids))
            self._ids, self._pdus = grown(self._ids, self._n, room), grown(self._pdus, self._n, room)
        self._ids[self._n : end] = ids
        self._pdus[self._n : end] = pdus
        self._n = end

    def find(self, ids: Any, counts: Any) -> Any:
        """The submit of each id (int64), NOWHERE without one; `counts` (uint64) are destinations per submit."""
        found = search(self._ids[: self._n], self._pdus[: self._n], ids, counts)
        if len(self._late_ids):
            late = search(self._late_ids, self._late_pdus, ids, counts)
            found = np.where(late != NOWHERE, late, found)
        return found

    def carried(self, ids: Any, counts: Any) -> Any:
        """As `find`, for a gateway that counts on into the upper bits instead of wrapping."""
        found = np.full(len(ids), NOWHERE, dtype=np.int64)
        for bases, pdus in ((self._ids[: self._n], self._pdus[: self._n]), (self._late_ids, self._late_pdus)):
            if len(bases):
                at = np.maximum(np.searchsorted(bases, ids, side="right") - 1, 0)
                within = ids - bases[at] < counts[pdus[at]]
                found[within] = pdus[at[within]]
        return found

    def times(self, ids: Any) -> Any:
        """How many submits were given each id as their first."""
        parts = (self._ids[: self._n], self._late_ids)
        return sum(np.searchsorted(one, ids, side="right") - np.searchsorted(one, ids) for one in parts)

    def renumber(self, table: Any) -> None:
        """Submits have other numbers now: `table` tells which, 0 for those that are no more."""
        for ids, pdus in (("_ids", "_pdus"), ("_late_ids", "_late_pdus")):
            count = self._n if ids == "_ids" else len(self._late_ids)
            now = table[getattr(self, pdus)[:count]]
            setattr(self, ids, getattr(self, ids)[:count][now > 0])
            setattr(self, pdus, now[now > 0].astype(np.int32))
        self._n = len(self._ids)


def search(bases: Any, pdus: Any, ids: Any, counts: Any) -> Any:
    """For each id the submit (of `pdus`, beside their ascending `bases`) that owns it; `counts` are destinations per submit."""
    found = np.full(len(ids), NOWHERE, dtype=np.int64)
    if len(bases) == 0:
        return found
    at = np.maximum(np.searchsorted(bases, ids, side="right") - 1, 0)
    near = pdus[at]
    nearest = bases[at]
    within = ids - nearest < counts[near]  # what is below its base wraps far above every count
    inside = within & ((ids ^ nearest) <= _LOW)
    if every(inside):
        return near
    found[inside] = near[inside]
    # What wrapped lies below its base: ask for the last base that shares the upper 48 bits.
    rest = np.flatnonzero(~inside)
    at = np.searchsorted(bases, ids[rest] | _LOW, side="right") - 1
    rest, at = rest[at >= 0], at[at >= 0]
    same = (ids[rest] ^ bases[at]) <= _LOW
    steps = (ids[rest] - bases[at]) & _LOW
    inside = same & (steps < counts[pdus[at]])
    found[rest[inside]] = pdus[at[inside]]
    carried = within & (found == NOWHERE)  # by a gateway that counts on into the upper bits instead
    found[carried] = near[carried]
    return found


def grown(column: Any, used: int, room: int) -> Any:
    """The same column with room for more: what is not used yet costs no memory."""
    larger = np.empty(room, dtype=column.dtype)
    larger[:used] = column[:used]
    return larger


def _merged(ids: Any, pdus: Any, more_ids: Any, more_pdus: Any) -> tuple[Any, Any]:
    ids, pdus = np.concatenate((ids, more_ids)), np.concatenate((pdus, more_pdus))
    order = np.argsort(ids, kind="stable")
    return ids[order], pdus[order]
