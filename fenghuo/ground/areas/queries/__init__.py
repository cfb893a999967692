"""Reading areas: the tree of codes, and the boundaries that were imported."""

from fenghuo.ground.areas.queries.boundaries import (
    Boundaries,
    Outline,
    boundaries,
    outlines,
    reached,
    without_boundary,
)
from fenghuo.ground.areas.queries.search import Found, search
from fenghuo.ground.areas.queries.tree import (
    DEMO_CSV,
    FILLERS,
    LENGTHS,
    children,
    code_range,
    get,
    inside,
    path,
    paths,
    subtree,
)

__all__ = [
    "DEMO_CSV",
    "FILLERS",
    "LENGTHS",
    "Boundaries",
    "Found",
    "Outline",
    "boundaries",
    "children",
    "code_range",
    "get",
    "inside",
    "outlines",
    "path",
    "paths",
    "reached",
    "search",
    "subtree",
    "without_boundary",
]
