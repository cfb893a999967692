"""An audience resolved, counted and described. All of it works on the columns: no row is fetched per recipient."""

from array import array
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext_noop as _

from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.areas import queries as areas
from fenghuo.ground.areas.models import Area
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts.columns import NUMBER_MASK, Columns, GroupColumn
from fenghuo.readiness.contacts.models import Contact
from fenghuo.readiness.contacts.queries.proof import proved
from fenghuo.readiness.contacts.queries.roster import living
from fenghuo.readiness.contacts.queries.selection import Selection, group_columns, members, select, understood

MOST_SHOWN = 200


@dataclass(frozen=True)
class Audience:
    """Who receives: parallel arrays, each number once, highest risk first, then by number."""

    contact_ids: "array[int]"
    addresses: "array[int]"


@dataclass(frozen=True)
class Silent:
    """A person of the audience whom no message can reach."""

    contact_id: int
    name: str
    area: str
    position: str


@dataclass(frozen=True)
class AreaCount:
    """People and numbers of the audience in one area."""

    code: str
    name: str
    people: int
    numbers: int


@dataclass(frozen=True)
class GroupCount:
    """People and numbers of one group; groups overlap, so their sum is not the audience."""

    id: str
    name: str
    people: int
    numbers: int


@dataclass(frozen=True)
class DrawnCount:
    """How the drawn outlines chose: `inside` by their own position; `by_area` without one, because a polygon touches their area.

    `unplaced` have no position and live where no boundary was imported: they are not chosen, and must be chosen by area.
    `repaired` numbers the outlines that crossed themselves; `rings` are those that are published.
    """

    inside: int
    by_area: list[AreaCount]
    unplaced: list[AreaCount]
    repaired: tuple[int, ...]
    rings: tuple[str, ...]
    strays: int

    @property
    def by_area_total(self) -> int:
        """Everyone chosen by area."""
        return sum(one.people for one in self.by_area)

    @property
    def unplaced_total(self) -> int:
        """Everyone who could not be placed."""
        return sum(one.people for one in self.unplaced)


@dataclass(frozen=True)
class AudiencePreview:
    """What an audience amounts to before it is frozen. `without_number` holds the first 200 of `without_number_total`."""

    people: int
    numbers: int
    without_number: list[Silent]
    without_number_total: int
    by_area: list[AreaCount]
    by_group: list[GroupCount]
    drawn: DrawnCount | None = None


def resolve(*, organisation: Organisation, audience: dict[str, Any]) -> Audience:
    """The numbers of an audience {"groups": [id], "areas": [code], "polygons": [CAP polygon], "everyone": bool}.

    Raises Refused when nobody is chosen or nobody has a number, or a group or area is unknown; it is never taken as "all". The
    columns are first proved against the database: this is what will be frozen and sent.
    """
    columns = proved(organisation)
    told = select(organisation, columns, audience).chosen[columns.owners]
    addresses = columns.keys[told] & NUMBER_MASK
    if not len(addresses):
        raise Refused(
            "audience_empty",
            _("Nobody with a number belongs to this audience. An empty audience is never taken as “all”."),
            field="audience",
        )
    return Audience(_array(columns.ids[columns.owners[told]]), _array(addresses))


def _array(values: Any) -> "array[int]":
    packed = array("Q")
    packed.frombytes(values.astype("<u8").tobytes())
    return packed


def difference(*, organisation: Organisation, audience: dict[str, Any], addresses: "array[int]") -> tuple[int, int]:
    """(added, removed): numbers of the audience as it is now that are not among `addresses`, and the other way round."""
    before = np.sort(np.frombuffer(addresses, dtype=np.uint64)) if len(addresses) else np.empty(0, dtype=np.uint64)
    try:
        columns = living(organisation)
        told = select(organisation, columns, audience).chosen[columns.owners]
    except Refused as refused:
        if refused.kind == "unavailable":
            raise
        return 0, len(before)
    after = np.sort(columns.keys[told] & NUMBER_MASK).astype(np.uint64)
    both = np.concatenate((before, after))
    both.sort(kind="stable")  # two ascending runs: merged, not sorted
    common = int((both[1:] == both[:-1]).sum())
    return len(after) - common, len(before) - common


def count(*, organisation: Organisation, audience: dict[str, Any]) -> tuple[int, int]:
    """(people, numbers); people without a number are people too. Refuses as `resolve`, but nobody is (0, 0)."""
    columns = living(organisation)
    return _count(columns, select(organisation, columns, audience).chosen)


def preview(*, organisation: Organisation, audience: dict[str, Any]) -> AudiencePreview:
    """Counts by area and group, and who is left without a number. Refuses as `count`."""
    columns = living(organisation)
    selection = select(organisation, columns, audience)
    people, numbers = _count(columns, selection.chosen)
    silent = _silent(columns, selection.chosen)
    names = _area_names(organisation, columns)
    by_group = [_group_count(columns, one) for one in group_columns(columns, understood(audience)["groups"])]
    return AudiencePreview(
        people,
        numbers,
        _first_silent(columns, silent),
        len(silent),
        _by_area(columns, selection.chosen, names),
        by_group,
        _drawn_count(columns, selection, names),
    )


def drawn_count(*, organisation: Organisation, audience: dict[str, Any]) -> DrawnCount | None:
    """How the drawn outlines of an audience chose; None when nothing is drawn. Refuses as `count`."""
    columns = living(organisation)
    selection = select(organisation, columns, audience)
    return _drawn_count(columns, selection, _area_names(organisation, columns)) if selection.drawn else None


def without_number(*, organisation: Organisation, audience: dict[str, Any]) -> list[int]:
    """Ids of the people of an audience whom no message can reach, highest risk first. Refuses as `count`."""
    columns = living(organisation)
    rows = _silent(columns, select(organisation, columns, audience).chosen)
    ids: list[int] = columns.ids[rows].tolist()
    return ids


def groups(organisation: Organisation) -> list[GroupCount]:
    """Every group with its counts, by name."""
    columns = living(organisation)
    return [_group_count(columns, one) for one in sorted(columns.groups.values(), key=lambda one: one.name)]


def _count(columns: Columns, chosen: Any) -> tuple[int, int]:
    return int(np.count_nonzero(chosen)), int(columns.numbers[chosen].sum(dtype=np.int64))


def _group_count(columns: Columns, group: GroupColumn) -> GroupCount:
    key = ("group", group.id)
    if key not in columns.memo:
        columns.memo[key] = GroupCount(group.id, group.name, *_count(columns, members(columns, group)))
    found: GroupCount = columns.memo[key]
    return found


def _silent(columns: Columns, chosen: Any) -> Any:
    """Rows without a number: highest risk first, then in listing order."""
    rows = np.flatnonzero(chosen & (columns.numbers == 0))
    return rows[np.lexsort((columns.ids[rows], columns.area[rows], -columns.risk[rows]))]


def _first_silent(columns: Columns, rows: Any) -> list[Silent]:
    ids = columns.ids[rows[:MOST_SHOWN]].tolist()
    found = {
        row[0]: Silent(*row)
        for row in Contact.objects.filter(id__in=ids).values_list("id", "name", "area__name", "position")
    }
    return [found[one] for one in ids if one in found]


def _area_names(organisation: Organisation, columns: Columns) -> dict[str, str]:
    """One query, and another for people who live elsewhere."""
    names = dict(areas.subtree(organisation.area_id).values_list("code", "name"))
    elsewhere = [code for code in columns.codes if code not in names]
    return names | {code: area.name for code, area in Area.objects.in_bulk(elsewhere).items()} if elsewhere else names


def _by_area(columns: Columns, chosen: Any, names: dict[str, str]) -> list[AreaCount]:
    where = columns.area[chosen]
    people = np.bincount(where, minlength=len(columns.codes)).tolist()
    numbers = np.bincount(where, weights=columns.numbers[chosen], minlength=len(columns.codes)).tolist()
    return [
        AreaCount(code, names.get(code, code), people[place], int(numbers[place]))
        for place, code in enumerate(columns.codes)
        if people[place]
    ]


def _drawn_count(columns: Columns, selection: Selection, names: dict[str, str]) -> DrawnCount | None:
    drawn = selection.drawn
    if drawn is None:
        return None
    unplaced = selection.unplaced & ~selection.chosen  # whoever is chosen by group or code need not be placed
    return DrawnCount(
        int(np.count_nonzero(selection.inside)),
        _by_area(columns, selection.by_area, names),
        _by_area(columns, unplaced, names),
        drawn.repaired,
        drawn.rings,
        drawn.strays,
    )
