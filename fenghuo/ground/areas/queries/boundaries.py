"""Where areas lie, as far as an operator has imported it. Read once per import; every use asks whether there was another."""

import threading
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from django.db.models import Count, Max, Min

from fenghuo.ground.areas.models import Area, Boundary
from fenghuo.ground.areas.queries.tree import LENGTHS, code_range
from fenghuo.ground.areas.rules import Drawn


@dataclass(frozen=True)
class Boundaries:
    """All boundaries, by ascending code; `mark` changes with every import."""

    mark: tuple[int, str, str]
    codes: tuple[str, ...]
    shapes: Any
    tree: Any

    def touched_by(self, drawn: Drawn) -> frozenset[str]:
        """The areas of which some part, or the border, lies inside what was drawn."""
        if not self.codes:
            return frozenset()
        hits = [self.tree.query(shape, predicate="intersects") for shape in drawn.shapes]
        return frozenset(self.codes[one] for one in np.unique(np.concatenate(hits)).tolist()) if hits else frozenset()

    def below(self, code: str) -> tuple[str, ...]:
        """The areas with a boundary among this one and those below it."""
        first, bound = (bisect_left(self.codes, one) for one in code_range(code))
        return self.codes[first:bound]


@dataclass(frozen=True)
class Outline:
    """A boundary for a map: coarse GeoJSON in degrees."""

    code: str
    name: str
    shape: dict[str, Any]


_lock = threading.Lock()
_kept: list[Boundaries] = []


def boundaries() -> Boundaries:
    """Every boundary as it is now; one query when nothing was imported since the last use."""
    asked = Boundary.objects.order_by().aggregate(n=Count("area_id"), first=Min("batch"), last=Max("batch"))
    mark = (asked["n"], asked["first"] or "", asked["last"] or "")
    with _lock:
        if _kept and _kept[0].mark == mark:
            return _kept[0]
        rows = list(Boundary.objects.order_by("area_id").values_list("area_id", "shape", "batch"))
        shapes = shapely.from_wkb(np.array([bytes(shape) for _code, shape, _batch in rows], dtype=object))
        shapely.prepare(shapes)
        batches = [batch for _code, _shape, batch in rows]
        mark = (len(rows), min(batches, default=""), max(batches, default=""))
        found = Boundaries(mark, tuple(code for code, _shape, _batch in rows), shapes, shapely.STRtree(shapes))
        _kept[:] = [found]
        return found


def reached(codes: Iterable[str], drawn: Drawn) -> dict[str, bool | None]:
    """Whether what was drawn reaches each area; None where no boundary can tell.

    An area without a boundary is reached with any area below it; it is not where the nearest area above it is not.
    """
    known = boundaries()
    touched = known.touched_by(drawn)
    return {code: _reached(code, known, touched) for code in codes}


def _reached(code: str, known: Boundaries, touched: frozenset[str]) -> bool | None:
    below = known.below(code)
    if below and below[0] == code:
        return code in touched
    if any(one in touched for one in below):
        return True
    above = [code[:length] for length in reversed(LENGTHS) if length < len(code)]
    nearest = next((one for one in above if known.below(one)[:1] == (one,)), None)
    return False if nearest is not None and nearest not in touched else None


def outlines(code: str) -> list[Outline]:
    """The boundaries of an area and all below it, for a map."""
    first, bound = code_range(code)
    rows = Boundary.objects.filter(area_id__gte=first, area_id__lt=bound).order_by("area_id")
    return [Outline(*row) for row in rows.values_list("area_id", "area__name", "outline")]


def without_boundary(code: str) -> list[Area]:
    """The areas of a subtree that have no boundary."""
    first, bound = code_range(code)
    return list(Area.objects.filter(code__gte=first, code__lt=bound, boundary=None))
