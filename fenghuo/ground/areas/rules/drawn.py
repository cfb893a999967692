"""A drawn area, as people type it and CAP writes it: outlines of "latitude,longitude" in degrees, WGS-84.

Coordinates are whole millionths of a degree from here on (0.1 m), exact in a float, a database column and another program: inside
and outside never depend on rounding. What lies on the line is inside.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext_noop as _

from fenghuo.ground.areas.rules.repair import GRID, Crossing, repaired
from fenghuo.ground.refusal import Refused
from fenghuo.wire.cap.geometry import polygon_text

MICRO = 1_000_000
MOST_POINTS = 100_000
MOST_RINGS = 200
MOST_PUBLISHED = 5_000  # points of all outlines together in a CAP message, which has to stay small
COARSEST = 10_000  # millionths of a degree, a kilometre
METRES = 0.111  # of a millionth of a degree of latitude
FIELD = "audience.polygons"
TOO_INTRICATE = _("The outlines are too intricate to be published; draw them simpler.")

NUMBER = r"[+-]?[0-9]{1,9}(?:\.[0-9]{1,12})?"
POINT = re.compile(rf"{NUMBER},{NUMBER}", re.ASCII)
LIMIT = np.array([180 * MICRO, 90 * MICRO])


@dataclass(frozen=True)
class Drawn:
    """Outlines that were understood. `shapes` are valid, in millionths; `rings` is what is published, closed, as CAP text.

    `repaired` numbers the outlines (from 1) that crossed themselves; `strays` is how many metres the published lines may lie
    off the drawn ones, 0 unless there were too many points for a message.
    """

    shapes: tuple[Any, ...]
    rings: tuple[str, ...]
    repaired: tuple[int, ...]
    strays: int

    def inside(self, longitudes: Any, latitudes: Any) -> Any:
        """Which of the points, given in millionths of a degree, lie inside or on the line; a boolean vector."""
        found = np.zeros(len(longitudes), dtype=bool)
        for shape in self.shapes:
            west, south, east, north = (int(one) for one in shape.bounds)
            near = (longitudes >= west) & (longitudes <= east) & (latitudes >= south) & (latitudes <= north) & ~found
            where = np.flatnonzero(near)
            found[where] = shapely.intersects_xy(shape, longitudes[where], latitudes[where])
        return found


def drawn(outlines: Sequence[str]) -> Drawn:
    """Outlines in CAP polygon syntax. Raises Refused naming the outline and what is wrong with it."""
    if len(outlines) > MOST_RINGS:
        raise _refused("too_many_outlines", _("At most %(most)s outlines can be drawn."), most=MOST_RINGS)
    return _drawn(tuple(outlines))


@lru_cache(maxsize=32)
def _drawn(outlines: tuple[str, ...]) -> Drawn:
    shapes: list[Any] = []
    mended: list[int] = []
    points = 0
    for number, text in enumerate(outlines, 1):
        ring = _ring(text, number)
        points += len(ring)
        if points > MOST_POINTS:
            raise _refused(
                "outline_too_long", _("The outlines have more than %(most)s points together."), most=MOST_POINTS
            )
        shape, changed = _valid(ring, number)
        shapes.append(shape)
        if changed:
            mended.append(number)
    rings, strays = _published(shapes)
    for shape in shapes:
        shapely.prepare(shape)
    return Drawn(tuple(shapes), rings, tuple(mended), strays)


def _ring(text: str, number: int) -> Any:
    """The points as (longitude, latitude) in millionths, closed."""
    tokens = text.split(maxsplit=MOST_POINTS)
    wrong = next((one for one in tokens if not POINT.fullmatch(one)), None)
    if wrong is not None:
        raise _refused(
            "outline_syntax",
            _("Outline %(number)s: “%(point)s” is not a point; write latitude,longitude with a space between points."),
            number=number,
            point=wrong[:40],
        )
    flat = np.array([float(one) for token in tokens for one in token.split(",")], dtype=np.float64)
    points = np.rint(flat.reshape(-1, 2)[:, ::-1] * MICRO)
    if (np.abs(points) > LIMIT).any():
        raise _off_earth(points, number)
    if len(points) and (points[0] != points[-1]).any():
        points = np.concatenate((points, points[:1]))
    if len(points) < 4:
        raise _refused("outline_small", _("Outline %(number)s needs at least three points."), number=number)
    leaps = np.flatnonzero(np.abs(np.diff(points[:, 0])) > LIMIT[0])
    if len(leaps):
        raise _refused(
            "outline_around_the_earth",
            _(
                "Outline %(number)s runs more than halfway around the earth from %(point)s to the next point. Is a sign wrong? "
                "An area across the 180th meridian is drawn as two outlines."
            ),
            number=number,
            point=_shown(points[leaps[0]]),
        )
    return points


def _shown(point: Any) -> str:
    return f"{point[1] / MICRO:g},{point[0] / MICRO:g}"


def _off_earth(points: Any, number: int) -> Refused:
    first = points[(np.abs(points) > LIMIT).any(axis=1)][0]
    if abs(first[0]) <= LIMIT[1] and abs(first[1]) <= LIMIT[0]:
        reason = _("Outline %(number)s: %(point)s lies nowhere on earth. Was the longitude written first?")
    else:
        reason = _(
            "Outline %(number)s: %(point)s lies nowhere on earth; latitudes go to 90 and longitudes to 180 degrees."
        )
    return _refused("outline_off_earth", reason, number=number, point=_shown(first))


def _valid(ring: Any, number: int) -> tuple[Any, bool]:
    try:
        shape, changed = repaired(shapely.Polygon(ring))
    except Crossing as crossing:
        reasons = {
            "empty": _("Outline %(number)s encloses nothing."),
            "too_often": _("Outline %(number)s crosses itself too often to be repaired; draw it again."),
            "intricate": TOO_INTRICATE,
        }
        raise _refused("outline_crossing", reasons[crossing.reason], number=number) from crossing
    if any(part.interiors for part in shapely.get_parts(shape)):
        raise _refused(
            "outline_hole",
            _(
                "Outline %(number)s runs around a hole, which cannot be published; draw it as two outlines side by side."
            ),
            number=number,
        )
    return shape, changed


def _published(shapes: list[Any]) -> tuple[tuple[str, ...], int]:
    """The outlines as text; made coarser, step by step, when they have too many points for a message."""
    strays, coarse = 0, shapes
    while sum(shapely.get_num_coordinates(one) for one in coarse) > MOST_PUBLISHED:
        strays = strays * 2 or 8
        if strays > COARSEST:
            raise _refused("outline_too_fine", TOO_INTRICATE)
        simpler = [shapely.simplify(one, strays, preserve_topology=True) for one in shapes]
        coarse = [shapely.set_precision(one, GRID) for one in simpler]
    parts = [part for shape in coarse for part in shapely.get_parts(shape) if not part.is_empty]
    texts = tuple(
        polygon_text((y / MICRO, x / MICRO) for x, y in shapely.get_coordinates(part.exterior)) for part in parts
    )
    return texts, -int(-strays * METRES // 1)


def _refused(code: str, reason: str, /, **params: Any) -> Refused:
    return Refused(code, reason, field=FIELD, params=params)
