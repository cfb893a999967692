"""The people of one organisation as numpy columns: an audience of a million is then a few array operations, not a query.

The layout is never stored. See docs/decisions/2026-11-22-a-roster-in-columns.md.
"""

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fenghuo.readiness.contacts.gathering import SORTED_BYTES, Coded, People, reordered

ABSENT = np.int32(np.iinfo(np.int32).min)  # no latitude, no longitude
NUMBER_BITS = 48
NUMBER_MASK = (1 << NUMBER_BITS) - 1
HIGHEST_RISK = (1 << 15) - 1


@dataclass(frozen=True)
class GroupColumn:
    """A group: its rules as (area, position, tag), and the rows of its static members, ascending."""

    id: str
    name: str
    rules: tuple[tuple[str, str, str], ...]
    rows: Any


@dataclass(frozen=True)
class Columns:
    """Everyone of an organisation at one revision, in listing order: by area, name, id. Never changed once made.

    `keys` are all numbers in sending order: highest risk first, then ascending; `owners` the row of each.
    """

    head: tuple[int, str]
    codes: tuple[str, ...]
    positions: tuple[str, ...]
    tags: tuple[str, ...]
    ids: Any
    area: Any
    position: Any
    tag: Any
    risk: Any
    latitude: Any
    longitude: Any
    names: Any  # uint8: all names, each with END behind it
    ends: Any  # where each name's END stands
    by_id: Any  # rows in ascending order of id
    keys: Any
    owners: Any
    numbers: Any  # how many numbers each row has
    groups: dict[str, GroupColumn]
    memo: dict[Any, Any] = field(default_factory=dict)  # what was worked out from these columns

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def nbytes(self) -> int:
        """Bytes of memory, near enough."""
        columns = (
            self.ids, self.area, self.position, self.tag, self.risk, self.latitude, self.longitude, self.names,
            self.ends, self.by_id, self.keys, self.owners, self.numbers,
        )  # fmt: skip
        return int(sum(one.nbytes for one in columns) + sum(one.rows.nbytes for one in self.groups.values()))

    def rows_of(self, ids: Any) -> Any:
        """Rows of contacts by id, in the order asked; unknown ones are left out."""
        rows, known = find_rows(self.ids, self.by_id, np.asarray(ids, dtype=np.int64))
        return rows[known]

    def within(self, code: str) -> slice:
        """The rows of an area and everything below it: neighbours, because the order is by code."""
        first, bound = (bisect_left(self.codes, one) for one in (code, f"{code}A"))
        return slice(*(int(one) for one in np.searchsorted(self.area, (first, bound))))

    def name_key(self, row: int) -> tuple[str, bytes, int]:
        """By what a row is sorted."""
        start = int(self.ends[row - 1]) + 1 if row else 0
        name = bytes(self.names[start : min(int(self.ends[row]), start + SORTED_BYTES)])
        return self.codes[self.area[row]], name.ljust(SORTED_BYTES, b"\x00"), int(self.ids[row])


def arrange(head: tuple[int, str], people: People, groups: dict[str, tuple[str, Any, Any]]) -> Columns:
    """Columns of people in any order. `groups`: (name, rules, contact ids of static members) by id."""
    codes, area = _by_code(people.areas)
    words = people.names.words
    order = np.lexsort((people.ids, *(words[:, one] for one in reversed(range(words.shape[1]))), area))
    ids, risk = people.ids[order], people.risks[order]
    names, ends = reordered(people.names, order)
    by_id = np.argsort(ids).astype(np.int32)
    owners, known = find_rows(ids, by_id, people.owners)
    owners = owners[known]
    keys = key(risk[owners], people.addresses[known])
    sending = np.argsort(keys)
    bare = Columns(
        head, codes, people.positions.values, people.tags.values, ids, area[order], people.positions.places[order],
        people.tags.places[order], risk, people.latitudes[order], people.longitudes[order], names, ends, by_id,
        keys[sending], owners[sending], count_numbers(owners, len(ids)), {},
    )  # fmt: skip
    for id, (name, rules, members) in groups.items():
        bare.groups[id] = group_column(bare, id, name, rules, members)
    return bare


def group_column(columns: Columns, id: str, name: str, rules: Any, members: Any) -> GroupColumn:
    """A group whose static members are given by contact id."""
    return GroupColumn(id, name, tuple(rules), np.sort(columns.rows_of(members)))


def key(risk: Any, addresses: Any) -> Any:
    """The order of sending as one number: highest risk first, then the address."""
    return ((HIGHEST_RISK - np.asarray(risk, dtype=np.int64)) << NUMBER_BITS) | np.asarray(addresses, dtype=np.int64)


def _by_code(areas: Coded) -> tuple[tuple[str, ...], Any]:
    """(codes, ascending; the place of each row's code among them)."""
    codes = tuple(sorted(areas.values))
    place = {code: index for index, code in enumerate(codes)}
    return codes, np.array([place[code] for code in areas.values], dtype=np.int32)[areas.places]


def find_rows(ids: Any, by_id: Any, wanted: Any) -> tuple[Any, Any]:
    """(row of each wanted id, whether it is known at all)."""
    if not len(ids):
        return np.zeros(len(wanted), dtype=np.int32), np.zeros(len(wanted), dtype=bool)
    ordered = ids[by_id]
    place = np.minimum(np.searchsorted(ordered, wanted), len(ids) - 1)
    return by_id[place], ordered[place] == wanted


def count_numbers(owners: Any, length: int) -> Any:
    """How many numbers each row has."""
    return np.minimum(np.bincount(owners, minlength=length), 65535).astype(np.uint16)
