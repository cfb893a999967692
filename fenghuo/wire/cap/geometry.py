"""Polygons and circles as CAP writes them: WGS-84 degrees, latitude first (OASIS CAP-v1.2 §3.2.4, §3.3.1)."""

import re
from collections.abc import Iterable
from decimal import Decimal

from fenghuo.wire.cap.errors import CapError
from fenghuo.wire.cap.guard import MAX_POINTS

Number = Decimal | float | int
Point = tuple[Decimal, Decimal]
"""Latitude and longitude in degrees, WGS-84."""

_NUMBER = r"[+-]?[0-9]{1,9}(?:\.[0-9]{1,12})?"
_POINT = re.compile(rf"({_NUMBER}),({_NUMBER})", re.ASCII)
_CIRCLE = re.compile(rf"({_NUMBER}),({_NUMBER})[ \t\r\n]+({_NUMBER})", re.ASCII)


def polygon_text(points: Iterable[tuple[Number, Number]]) -> str:
    """The CAP text of a ring of (latitude, longitude), closed when it is not, to 6 decimals (0.1 m)."""
    written = [f"{_degrees(latitude)},{_degrees(longitude)}" for latitude, longitude in points]
    if written and written[0] != written[-1]:
        written.append(written[0])
    return " ".join(written)


def circle_text(latitude: Number, longitude: Number, radius_km: Number) -> str:
    """The CAP text of a circle; the radius is in kilometres (the national XML has metres)."""
    return f"{_degrees(latitude)},{_degrees(longitude)} {_degrees(radius_km)}"


def read_polygon(text: str, path: str = "") -> tuple[Point, ...]:
    """The points in written order; CapError `polygon_syntax` or `too_many`. Range and shape are not judged here."""
    tokens = text.split()
    if len(tokens) > MAX_POINTS:
        zh, en = f"多边形有 {len(tokens)} 个点，上限 {MAX_POINTS}", f"{len(tokens)} points, the limit is {MAX_POINTS}"
        raise CapError("too_many", zh, en, path=path)
    points = []
    for token in tokens:
        match = _POINT.fullmatch(token)
        if match is None:
            raise CapError(
                "polygon_syntax",
                f"多边形的点“{token[:40]}”应写作 纬度,经度，点与点之间用一个空格",
                f"polygon point {token[:40]!r} must be written lat,lon, with a space between points",
                path=path,
            )
        points.append((Decimal(match[1]), Decimal(match[2])))
    return tuple(points)


def read_circle(text: str, path: str = "") -> tuple[Point, Decimal]:
    """Centre and radius in kilometres; CapError `circle_syntax`."""
    match = _CIRCLE.fullmatch(text.strip())
    if match is None:
        raise CapError(
            "circle_syntax",
            f"圆形“{text[:40]}”应写作 纬度,经度 半径（公里）",
            f"circle {text[:40]!r} must be written lat,lon radius (kilometres)",
            path=path,
        )
    return (Decimal(match[1]), Decimal(match[2])), Decimal(match[3])


def _degrees(value: Number) -> str:
    try:
        number = round(Decimal(str(value)), 6)
    except ArithmeticError as error:
        raise CapError("coordinate", f"“{value}”不是坐标", f"{value!r} is not a coordinate") from error
    if not number.is_finite():
        raise CapError("coordinate", f"“{value}”不是坐标", f"{value!r} is not a coordinate")
    text = format(number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text
