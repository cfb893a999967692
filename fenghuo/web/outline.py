"""Published outlines as a small picture without a script: for the public page, and for whoever reviews and signs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

SIZE = 1000
MARGIN = 30
MOST_POINTS = 5_000


@dataclass(frozen=True)
class Picture:
    """An SVG drawing: its view box, one path for each outline, and the outlines' own words."""

    box: str
    paths: list[str]
    texts: list[str]


def picture(rings: Sequence[str]) -> Picture | None:
    """Outlines in CAP polygon syntax, north up, true to shape at their own latitude; None when there are none."""
    shapes = [[_point(pair) for pair in ring.split()][:MOST_POINTS] for ring in rings]
    points = [one for shape in shapes for one in shape]
    if not points:
        return None
    south, north = min(lat for lat, _lon in points), max(lat for lat, _lon in points)
    west, east = min(lon for _lat, lon in points), max(lon for _lat, lon in points)
    shrink = max(math.cos(math.radians((south + north) / 2)), 0.01)
    width, height = (east - west) * shrink, north - south
    scale = SIZE / max(width, height, 1e-6)
    paths = [
        "M"
        + "L".join(
            f"{MARGIN + (lon - west) * shrink * scale:.1f} {MARGIN + (north - lat) * scale:.1f}" for lat, lon in shape
        )
        + "Z"
        for shape in shapes
    ]
    box = f"0 0 {width * scale + 2 * MARGIN:.0f} {height * scale + 2 * MARGIN:.0f}"
    return Picture(box, paths, list(rings))


def _point(pair: str) -> tuple[float, float]:
    latitude, _comma, longitude = pair.partition(",")
    return float(latitude), float(longitude)
