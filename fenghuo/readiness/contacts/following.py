"""Following a few changes without reading everybody again: the old columns, the people touched as they are now, and new columns."""

from bisect import bisect_left
from dataclasses import replace
from typing import Any

import numpy as np

from fenghuo.readiness.contacts.columns import Columns, GroupColumn, arrange, count_numbers, group_column
from fenghuo.readiness.contacts.gathering import END, People

MOST_TOUCHED = 5_000  # beyond, reading everybody again is quicker
COLUMNS = ("ids", "area", "position", "tag", "risk", "latitude", "longitude")


def followed(
    old: Columns, head: tuple[int, str], touched: Any, now: People, groups: dict[str, tuple[str, Any, Any] | None]
) -> Columns:
    """Columns after a change. `touched`: contact ids; `now`: those that still exist; `groups`: what groups became (None: gone)."""
    moved = old if not len(touched) else _with_people(old, np.unique(touched), now)
    columns = replace(moved, head=head, memo={})
    kept = {id: one for id, one in columns.groups.items() if id not in groups}
    made = {id: group_column(columns, id, *one) for id, one in groups.items() if one is not None}
    return replace(columns, groups=kept | made)


def _with_people(old: Columns, touched: Any, now: People) -> Columns:
    fresh = arrange(old.head, now, {})
    gone = np.sort(old.rows_of(touched))
    kept = np.ones(len(old), dtype=bool)
    kept[gone] = False
    codes = tuple(sorted({*old.codes, *fresh.codes}))
    places = _places(old, fresh, kept)
    values = _values(old, fresh, codes)
    merged: dict[str, Any] = {
        name: np.insert(before[kept], places, after).astype(before.dtype) for name, (before, after) in values.items()
    }
    new_rows = np.full(len(old), -1, dtype=np.int32)
    behind = np.cumsum(np.bincount(places, minlength=int(kept.sum()) + 1))[: int(kept.sum())]
    new_rows[kept] = np.arange(int(kept.sum()), dtype=np.int32) + behind
    fresh_rows = (places + np.arange(len(fresh))).astype(np.int32)
    names, ends = _names(old, fresh, gone, places, kept)
    by_id = np.argsort(merged["ids"], kind="stable").astype(np.int32)
    keys, owners = _numbers(old, fresh, kept, new_rows, fresh_rows)
    for row, id in zip(fresh_rows.tolist(), fresh.ids.tolist(), strict=True):
        new_rows[old.rows_of([id])] = row  # whoever was edited stays in the groups
    return Columns(
        old.head, codes, _joined(old.positions, fresh.positions), _joined(old.tags, fresh.tags), **merged,
        names=names, ends=ends, by_id=by_id, keys=keys, owners=owners, numbers=count_numbers(owners, len(by_id)),
        groups={id: _moved(one, new_rows) for id, one in old.groups.items()},
    )  # fmt: skip


def _places(old: Columns, fresh: Columns, kept: Any) -> Any:
    """Before which of the kept rows each new person stands."""
    rows = np.flatnonzero(kept)
    order = _Sorted(old, rows)
    return np.array([bisect_left(order, fresh.name_key(row)) for row in range(len(fresh))], dtype=np.int64)


class _Sorted:
    """Kept rows as a sequence of sort keys, none of which is made before it is looked at."""

    def __init__(self, columns: Columns, rows: Any) -> None:
        self.columns, self.rows = columns, rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, place: int) -> tuple[str, bytes, int]:
        return self.columns.name_key(int(self.rows[place]))


def _values(old: Columns, fresh: Columns, codes: tuple[str, ...]) -> dict[str, tuple[Any, Any]]:
    """Each column before and of the new people, in one common dictionary."""
    values = {name: (getattr(old, name), getattr(fresh, name)) for name in COLUMNS}
    place = {code: index for index, code in enumerate(codes)}
    values["area"] = (_recoded(old.area, old.codes, place), _recoded(fresh.area, fresh.codes, place))
    for name, before, after in (
        ("position", old.positions, fresh.positions),
        ("tag", old.tags, fresh.tags),
    ):
        place = {value: index for index, value in enumerate(_joined(before, after))}
        values[name] = (getattr(old, name), _recoded(getattr(fresh, name), after, place))
    return values


def _joined(before: tuple[str, ...], after: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*before, *after)))


def _recoded(column: Any, values: tuple[str, ...], place: dict[str, int]) -> Any:
    return np.array([place[value] for value in values], dtype=np.int32)[column] if len(column) else column


def _names(old: Columns, fresh: Columns, gone: Any, places: Any, kept: Any) -> tuple[Any, Any]:
    """All names again: the stretches between the changes are copied whole."""
    rows = np.flatnonzero(kept)
    cuts = sorted({*gone.tolist(), *(int(rows[one]) for one in places.tolist() if one < len(rows)), len(old)})
    new: dict[int, list[bytes]] = {}
    for index, one in enumerate(places.tolist()):
        row = int(rows[one]) if one < len(rows) else len(old)
        start = int(fresh.ends[index - 1]) + 1 if index else 0
        new.setdefault(row, []).append(fresh.names[start : int(fresh.ends[index]) + 1].tobytes())
    parts: list[bytes] = []
    dropped, at = set(gone.tolist()), 0
    for cut in cuts:
        parts.append(_stretch(old, at, cut))
        parts += new.get(cut, [])
        at = cut + 1 if cut in dropped else cut
    packed = np.frombuffer(b"".join(parts), dtype=np.uint8)
    return packed, np.flatnonzero(packed == END[0]).astype(np.int32)


def _stretch(old: Columns, first: int, bound: int) -> bytes:
    if bound <= first:
        return b""
    start = int(old.ends[first - 1]) + 1 if first else 0
    return bytes(old.names[start : int(old.ends[bound - 1]) + 1].tobytes())


def _numbers(old: Columns, fresh: Columns, kept: Any, new_rows: Any, fresh_rows: Any) -> tuple[Any, Any]:
    stays = kept[old.owners]
    keys, owners = old.keys[stays], new_rows[old.owners[stays]]
    places = np.searchsorted(keys, fresh.keys)
    return np.insert(keys, places, fresh.keys), np.insert(owners, places, fresh_rows[fresh.owners])


def _moved(group: GroupColumn, new_rows: Any) -> GroupColumn:
    rows = new_rows[group.rows]
    return replace(group, rows=np.sort(rows[rows >= 0]))
