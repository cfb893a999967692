"""Findings about one area: what it is called, where it lies, whether its shapes can be drawn."""

import re
from collections.abc import Iterator
from decimal import Decimal

from fenghuo.wire.cap.errors import CapError, Problem, place, warning
from fenghuo.wire.cap.geometry import Point, read_circle, read_polygon
from fenghuo.wire.cap.levels import geocodes_of
from fenghuo.wire.cap.lint_text import text_problems
from fenghuo.wire.cap.model import Area
from fenghuo.wire.cap.ring import touching_edges

MAX_RADIUS_KM = 1_000

_DIVISION = re.compile(r"(?:[0-9]{6}|[0-9]{9}|[0-9]{12}|[0-9]{14})", re.ASCII)
_EXACT = 10**12  # coordinates have at most 12 decimals


def area_problems(area: Area, path: str) -> Iterator[Problem]:
    """Everything wrong in one area."""
    if not area.description.strip():
        yield Problem("area_empty", f"{path}/areaDesc", "区域没有名称", "the area has no description")
    yield from text_problems(area.description, f"{path}/areaDesc")
    if not (area.polygons or area.circles or area.geocodes):
        zh, en = "区域只有名称，没有边界或代码，系统无法定位", "the area has only a name: no machine can place it"
        yield warning("area_unplaced", path, zh, en)
    for code in geocodes_of(area):
        if not _DIVISION.fullmatch(code):
            zh, en = (
                f"区划代码“{code[:20]}”不是 6、9、12 或 14 位数字",
                f"division code {code[:20]!r} has not 6, 9, 12 or 14 digits",
            )
            yield warning("geocode", f"{path}/geocode", zh, en)
    for number, text in enumerate(area.polygons, 1):
        yield from _polygon(text, place(path, "polygon", number, len(area.polygons)))
    for number, text in enumerate(area.circles, 1):
        yield from _circle(text, place(path, "circle", number, len(area.circles)))
    yield from _heights(area, path)


def _heights(area: Area, path: str) -> Iterator[Problem]:
    if area.ceiling is None:
        return
    if area.altitude is None:
        zh, en = "写了 ceiling 就必须写 altitude", "a ceiling needs an altitude"
        yield Problem("ceiling_alone", f"{path}/ceiling", zh, en)
    elif area.ceiling < area.altitude:
        yield Problem("ceiling_low", f"{path}/ceiling", "ceiling 低于 altitude", "the ceiling lies below the altitude")


def _polygon(text: str, path: str) -> Iterator[Problem]:
    try:
        points = read_polygon(text, path)
    except CapError as error:
        yield Problem(error.code, path, error.zh, error.en)
        return
    outside = next((point for point in points if not _on_earth(point)), None)
    if outside is not None:
        yield _out_of_range(outside, path)
    if len(points) < 4:
        yield Problem(
            "polygon_small",
            path,
            "多边形至少要四个点，首尾相同",
            "a polygon needs four points, the last equal to the first",
        )
    elif points[0] != points[-1]:
        yield Problem(
            "polygon_open",
            path,
            "多边形没有闭合，末点应与首点相同",
            "the polygon is open: its last point must equal its first",
        )
    else:
        ring = [(int(longitude * _EXACT), int(latitude * _EXACT)) for latitude, longitude in points[:-1]]
        edges = touching_edges(ring)
        if edges is not None:
            one, two = edges[0] + 1, edges[1] + 1
            zh, en = (
                f"多边形自相交（第 {one} 边与第 {two} 边）",
                f"the polygon crosses or touches itself (edges {one} and {two})",
            )
            yield Problem("polygon_crossing", path, zh, en)


def _circle(text: str, path: str) -> Iterator[Problem]:
    try:
        centre, radius = read_circle(text, path)
    except CapError as error:
        yield Problem(error.code, path, error.zh, error.en)
        return
    if not _on_earth(centre):
        yield _out_of_range(centre, path)
    if radius < 0:
        yield Problem("radius", path, "半径不能为负", "a radius cannot be negative")
    elif radius > MAX_RADIUS_KM:
        zh, en = f"半径 {radius} 公里，是否误用了米？", f"a radius of {radius} km: were metres meant?"
        yield warning("radius_metres", path, zh, en)


def _on_earth(point: Point) -> bool:
    return abs(point[0]) <= 90 and abs(point[1]) <= 180


def _out_of_range(point: Point, path: str) -> Problem:
    swapped = _on_earth((point[1], point[0]))
    shown = ",".join(_short(value) for value in point)
    hint_zh, hint_en = ("；是否把经度写在了前面？", "; is the longitude written first?") if swapped else ("", "")
    return Problem(
        "coordinate",
        path,
        f"坐标 {shown} 超出范围（纬度 ±90，经度 ±180）{hint_zh}",
        f"coordinate {shown} is out of range (latitude ±90, longitude ±180){hint_en}",
    )


def _short(value: Decimal) -> str:
    return format(value, "f")[:24]
