"""GeoJSON (RFC 7946) as people have it: boundaries of areas in a file, or an outline pasted into a form. longitude first."""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
import shapely
from django.utils.translation import gettext_noop as _

from fenghuo.ground.areas.rules.repair import Crossing, repaired
from fenghuo.ground.refusal import Refused
from fenghuo.wire.cap.geometry import polygon_text

MICRO = 1_000_000
MOST_FEATURES = 20_000
MOST_POINTS = 2_000_000  # of a file
DEEPEST = 12  # coordinates of a MultiPolygon in a Feature lie nine deep
OUTLINE_POINTS = 150
# CGCS2000 (EPSG:4490) and WGS-84 differ by centimetres.
KNOWN_SYSTEMS = ("CRS84", "4326", "4490")
BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]')
SHAPES = ("Polygon", "MultiPolygon")


@dataclass(frozen=True)
class Feature:
    """A boundary of a file: `number` from 1, `code` as written, a valid shape in millionths, whether it was repaired."""

    number: int
    code: str
    shape: Any
    repaired: bool


def features(text: str, property: str) -> Iterator[Feature]:
    """The boundaries of a FeatureCollection. Raises Refused naming the first wrong feature."""
    document = _document(text)
    found = document.get("features")
    if document.get("type") != "FeatureCollection" or not isinstance(found, list) or not found:
        raise _refused("boundaries_form", _("The file is not a GeoJSON FeatureCollection with at least one feature."))
    if len(found) > MOST_FEATURES:
        raise _refused("boundaries_many", _("The file has more than %(most)s features."), most=MOST_FEATURES)
    budget = [MOST_POINTS]
    for number, feature in enumerate(found, 1):
        feature = feature if isinstance(feature, dict) else {}
        properties = feature.get("properties")
        code = properties.get(property) if isinstance(properties, dict) else None
        if isinstance(code, bool) or not isinstance(code, str | int):
            raise _refused(
                "boundaries_code",
                _("Feature %(number)s has no text or whole number under the property “%(property)s”."),
                number=number,
                property=property[:40],
            )
        shape, changed = _shape(feature.get("geometry"), str(code)[:40], number, budget)
        yield Feature(number, str(code)[:40], shape, changed)


def rings_of(text: str) -> list[str]:
    """The outlines of pasted GeoJSON (geometry, Feature or FeatureCollection) as CAP text, crossings included."""
    found: list[str] = []
    for geometry in _geometries(_document(text)):
        for polygon in _polygons(geometry, "", 1, [MOST_POINTS]):
            if len(polygon) > 1:
                raise _refused(
                    "outline_hole", _("An area with a hole cannot be published; draw it as two side by side.")
                )
            found.append(polygon_text((y / MICRO, x / MICRO) for x, y in polygon[0]))
    if not found:
        raise _refused("outline_none", _("There is no Polygon or MultiPolygon in this GeoJSON."))
    return found


def outline(shape: Any) -> dict[str, Any]:
    """A shape in millionths as coarse GeoJSON in degrees, for a map."""
    coarse, step = shape, 8
    while shapely.get_num_coordinates(coarse) > OUTLINE_POINTS and step < MICRO:
        coarse, step = shapely.simplify(shape, step, preserve_topology=True), step * 2
    degrees = shapely.transform(coarse, lambda points: np.round(points / MICRO, 6))
    plain: dict[str, Any] = json.loads(shapely.to_geojson(degrees))
    return plain


def _document(text: str) -> dict[str, Any]:
    _not_deep(text)
    try:
        document = json.loads(text, parse_constant=_constant)
    except (ValueError, RecursionError) as error:
        said = str(error)[:100]
        raise _refused("boundaries_json", _("The text is not valid JSON: %(error)s"), error=said) from error
    if not isinstance(document, dict):
        raise _refused("boundaries_form", _("The text is JSON, but not GeoJSON."))
    system = document.get("crs")
    if system is not None and not any(known in json.dumps(system) for known in KNOWN_SYSTEMS):
        raise _refused(
            "boundaries_system", _("The coordinates are not WGS-84 (EPSG:4326); convert the file and import it again.")
        )
    return document


def _not_deep(text: str) -> None:
    depth = 0
    for match in BRACKETS.finditer(text):
        mark = match[0]
        if mark in "[{":
            depth += 1
            if depth > DEEPEST:
                raise _refused("boundaries_deep", _("The text is nested more than %(most)s deep."), most=DEEPEST)
        elif mark in "]}":
            depth -= 1


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _geometries(document: dict[str, Any]) -> Iterator[Any]:
    kind = document.get("type")
    if kind == "FeatureCollection":
        listed = document.get("features")
        for one in listed if isinstance(listed, list) else []:
            yield one.get("geometry") if isinstance(one, dict) else None
    else:
        yield document.get("geometry") if kind == "Feature" else document


def _shape(geometry: Any, code: str, number: int, budget: list[int]) -> tuple[Any, bool]:
    polygons = _polygons(geometry, code, number, budget)
    parts = [shapely.Polygon(rings[0], rings[1:]) for rings in polygons]
    try:
        return repaired(parts[0] if len(parts) == 1 else shapely.multipolygons(parts))
    except Crossing as crossing:
        reasons = {
            "empty": _("Feature %(number)s (%(code)s) encloses nothing."),
            "too_often": _("Feature %(number)s (%(code)s) crosses itself too often to be repaired."),
            "intricate": _("Feature %(number)s (%(code)s) is too intricate; simplify it first."),
        }
        raise _refused("boundaries_crossing", reasons[crossing.reason], number=number, code=code) from crossing


def _polygons(geometry: Any, code: str, number: int, budget: list[int]) -> list[list[Any]]:
    """The rings of each polygon as arrays in millionths; the outer ring first."""
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    listed = geometry.get("coordinates") if kind in SHAPES else None
    if kind == "Polygon":
        listed = [listed]
    if not isinstance(listed, list) or not listed:
        raise _refused(
            "boundaries_geometry",
            _("Feature %(number)s (%(code)s) is no Polygon or MultiPolygon."),
            number=number,
            code=code,
        )
    polygons = []
    for rings in listed:
        if not isinstance(rings, list) or not rings:
            raise _malformed(number, code)
        polygons.append([_ring(ring, code, number, budget) for ring in rings])
    return polygons


def _ring(ring: Any, code: str, number: int, budget: list[int]) -> Any:
    if not isinstance(ring, list) or len(ring) < 4:
        raise _malformed(number, code)
    budget[0] -= len(ring)
    if budget[0] < 0:
        raise _refused("boundaries_many", _("The file has more than %(most)s points."), most=MOST_POINTS)
    for place, point in enumerate(ring, 1):
        if not (isinstance(point, list) and 2 <= len(point) <= 4 and all(_is_number(one) for one in point[:2])):
            raise _malformed(number, code)
        if abs(point[0]) > 180 or abs(point[1]) > 90:
            raise _refused(
                "boundaries_off_earth",
                _("Feature %(number)s (%(code)s), point %(place)s: %(point)s is no longitude and latitude in degrees."),
                number=number,
                code=code,
                place=place,
                point=f"{point[0]:.8g},{point[1]:.8g}",
            )
    points = np.rint(np.array([point[:2] for point in ring], dtype=np.float64) * MICRO)
    return points if (points[0] == points[-1]).all() else np.concatenate((points, points[:1]))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15 and math.isfinite(value)


def _malformed(number: int, code: str) -> Refused:
    return _refused(
        "boundaries_ring",
        _("Feature %(number)s (%(code)s): a ring must be a list of at least four [longitude, latitude] points."),
        number=number,
        code=code,
    )


def _refused(code: str, reason: str, /, **params: Any) -> Refused:
    return Refused(code, reason, field="file", params=params, kept="nothing")
