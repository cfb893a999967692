"""A synthetic set of boundaries for a town: its villages as neighbouring cells of a grid. No real boundary is drawn here."""

import json
from typing import Any

WEST, SOUTH, CELL = 117.40, 39.80, 0.01
ACROSS = 9


def cell(index: int) -> tuple[float, float]:
    """(west, south) of a village's cell."""
    return round(WEST + index % ACROSS * CELL, 6), round(SOUTH + index // ACROSS * CELL, 6)


def square(west: float, south: float, size: float = CELL) -> list[list[float]]:
    """A closed ring, longitude first."""
    east, north = round(west + size, 6), round(south + size, 6)
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def polygon(*rings: list[Any]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def feature(code: Any, geometry: Any, **more: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"code": code, **more}, "geometry": geometry}


def collection(*features: Any, **more: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features), **more}, ensure_ascii=False).encode()


def villages(codes: list[str]) -> bytes:
    """One cell for each code, in the order given."""
    return collection(*(feature(code, polygon(square(*cell(index)))) for index, code in enumerate(codes)))


def outline(west: float, south: float, east: float, north: float) -> str:
    """A rectangle as CAP writes it."""
    corners = [(south, west), (south, east), (north, east), (north, west), (south, west)]
    return " ".join(f"{lat:.6f},{lon:.6f}" for lat, lon in corners)
