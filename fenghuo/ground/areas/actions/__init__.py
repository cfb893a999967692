"""Every write of areas: the tree itself, and the boundaries that can be drawn on a map."""

from fenghuo.ground.areas.actions.boundaries import (
    MOST_BYTES,
    BoundaryReport,
    import_boundaries,
    remove_boundaries,
)
from fenghuo.ground.areas.actions.tree import Report, import_csv

__all__ = ["MOST_BYTES", "BoundaryReport", "Report", "import_boundaries", "import_csv", "remove_boundaries"]
