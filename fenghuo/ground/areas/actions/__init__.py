"""Every write of areas: the tree itself, and the boundaries that can be drawn on a map."""

from fenghuo.ground.areas.actions.tree import Report, import_csv

__all__ = ["Report", "import_csv"]
