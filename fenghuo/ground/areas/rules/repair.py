"""Making a self-crossing shape valid, without letting a hostile one take the machine: crossings are counted before they are cut.

Whether lines cross at all is asked of every two whose boxes overlap. In a comb of long slanting teeth that is all of them, though
none may cross: such pairs are counted before anything is asked of them.
"""

from typing import Any

import numpy as np
import shapely

MOST_CROSSINGS = 2_000
FEW_EDGES = 700  # so few are never too many pairs
MOST_PAIRS, PAIRS_PER_EDGE = 500_000, 100  # an edge of a coast meets the boxes of a few others
EDGES_AT_ONCE = 64
GRID = 1  # shapes are kept in whole millionths of a degree


class Crossing(Exception):
    """A shape that cannot be repaired; `reason` is `too_often` (its lines cross too often), `intricate` (nobody can tell in time
    whether they do) or `empty` (it encloses nothing).
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def repaired(shape: Any) -> tuple[Any, bool]:
    """(a valid Polygon or MultiPolygon on the grid, whether anything had to be repaired). Raises Crossing."""
    _few_pairs(shape)
    if shape.is_valid and shape.area > 0:
        return shape, False
    for ring in _rings(shape):
        _few_crossings(ring)
    whole = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    parts = _polygons(shapely.set_precision(whole, GRID))
    if not parts:
        raise Crossing("empty")
    return (parts[0] if len(parts) == 1 else shapely.multipolygons(parts)), True


def _rings(shape: Any) -> Any:
    """The rings, and after them all lines of a shape of several rings together: these may cross each other too."""
    parts = shapely.get_rings(shapely.get_parts(shape))
    return [*parts, shape.boundary] if len(parts) > 1 else parts


def _few_pairs(shape: Any) -> None:
    """Raises Crossing when the boxes of its edges overlap more often than can be looked at in about a second."""
    if shapely.get_num_coordinates(shape) <= FEW_EDGES:
        return
    edges = _edges(shapely.get_rings(shapely.get_parts(shape)))
    tree, pairs = shapely.STRtree(edges), 0
    for start in range(0, len(edges), EDGES_AT_ONCE):
        pairs += tree.query(edges[start : start + EDGES_AT_ONCE]).shape[1]
        if pairs > MOST_PAIRS + PAIRS_PER_EDGE * len(edges):
            raise Crossing("intricate")


def _few_crossings(lines: Any) -> None:
    """Raises Crossing when edges meet more often than a careless hand draws. What neighbours share is no crossing."""
    edges = _edges(lines)
    if len(edges) < 3:
        raise Crossing("empty")
    tree, met = shapely.STRtree(edges), 0
    for start in range(0, len(edges), EDGES_AT_ONCE):
        part = edges[start : start + EDGES_AT_ONCE]
        met += tree.query(part, predicate="intersects").shape[1] - 3 * len(part)  # itself and both neighbours
        if met > 2 * MOST_CROSSINGS:
            raise Crossing("too_often")


def _edges(lines: Any) -> Any:
    found = []
    for line in shapely.get_parts(lines):
        points = shapely.get_coordinates(line)
        pairs = np.stack((points[:-1], points[1:]), axis=1)
        found.append(pairs[(pairs[:, 0] != pairs[:, 1]).any(axis=1)])
    return shapely.linestrings(np.concatenate(found)) if found else np.empty(0, dtype=object)


def _polygons(shape: Any) -> list[Any]:
    parts = shapely.get_parts(shape) if not isinstance(shape, shapely.Polygon) else [shape]
    found: list[Any] = []
    for part in parts:
        if isinstance(part, shapely.Polygon) and part.area > 0:
            found.append(part)
        elif isinstance(part, shapely.MultiPolygon):
            found += [one for one in part.geoms if one.area > 0]
    return found
