"""Every write of areas: the tree itself, and the boundaries that can be drawn on a map."""

from fenghuo.ground.areas.actions.boundaries import (
    MOST_BYTES,
    BoundaryReport,
    import_boundaries,
    remove_boundaries,
)
from fenghuo.ground.areas.actions.division import DivisionReport, import_division
from fenghuo.ground.areas.actions.local import rename, set_aliases
from fenghuo.ground.areas.actions.tree import Report, import_csv

__all__ = [
    "MOST_BYTES",
    "BoundaryReport",
    "DivisionReport",
    "Report",
    "import_boundaries",
    "import_csv",
    "import_division",
    "remove_boundaries",
    "rename",
    "set_aliases",
]
