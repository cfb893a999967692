"""Writing areas with what they are found by. A name that was changed here stays; the official one is kept beside it."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import transaction

from fenghuo.ground.areas.models import Area, AreaKey
from fenghuo.ground.areas.rules import LENGTHS, readings
from fenghuo.ground.journal import actions as journal

SLICE = 5000


@dataclass(frozen=True)
class Named:
    """An area as a file names it."""

    code: str
    name: str

    @property
    def depth(self) -> int:
        """0 for a province … 4 for a village."""
        return LENGTHS.index(len(self.code))


def keep(rows: Iterable[Named], *, source: str, by: dict[str, Any]) -> tuple[int, int]:
    """Write rows, parents before children, in slices; (added, renamed). Each slice is one transaction with its journal entry.

    A slice leaves a whole tree behind, so that other writers get in between and a crash loses nothing but time.
    """
    added = renamed = 0
    waiting = iter(rows)
    while part := list(islice(waiting, SLICE)):
        with transaction.atomic():
            fresh, changed = _slice(part)
            detail = {"rows": len(part), "first": part[0].code, "added": fresh, "updated": changed}
            journal.record(act="areas.import", by=by, subject=source, detail=detail)
        added, renamed = added + fresh, renamed + changed
    return added, renamed


def _slice(part: list[Named]) -> tuple[int, int]:
    there = {one.code: one for one in Area.objects.filter(code__in=[row.code for row in part])}
    fresh = [_area(row) for row in part if row.code not in there]
    changed = []
    for row in part:
        known = there.get(row.code)
        if known is None or ((known.official or known.name) == row.name and known.initials):
            continue
        if not edited(known):
            known.name = row.name
        known.official = row.name
        known.initials = usual(known.name)
        changed.append(known)
    Area.objects.bulk_create(fresh, batch_size=1000)
    Area.objects.bulk_update(changed, ["name", "official", "initials"], batch_size=100)
    AreaKey.objects.filter(area__in=[one.code for one in changed], kind="reading").delete()
    AreaKey.objects.bulk_create(_other_readings([*fresh, *changed]), batch_size=1000)
    return len(fresh), len(changed)


def edited(area: Area) -> bool:
    """Whether somebody here gave this area another name than the official one."""
    return bool(area.official) and area.name != area.official


def usual(name: str) -> str:
    """The initials of a name's usual reading."""
    return next(iter(readings(name)), "")[:60]


def find_again(area: Area) -> None:
    """After its name changed: by which letters it is found now."""
    AreaKey.objects.filter(area=area, kind="reading").delete()
    AreaKey.objects.bulk_create(_other_readings([area]))


def _area(row: Named) -> Area:
    depth = row.depth
    return Area(
        code=row.code,
        name=row.name,
        official=row.name,
        initials=usual(row.name),
        parent_id=row.code[: LENGTHS[depth - 1]] if depth else None,
        level=Area.LEVELS[depth],
    )


def _other_readings(areas: Iterable[Area]) -> list[AreaKey]:
    return [
        AreaKey(area_id=one.code, kind="reading", key=reading) for one in areas for reading in readings(one.name)[1:]
    ]
