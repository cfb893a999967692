"""The outlines of an alert as they are published: valid, closed, few enough points for a message."""

from fenghuo.ground.areas import rules as areas
from fenghuo.warning.alerts.rules.content import Content

DRAWN = "图上划定的范围"  # CAP texts are in Chinese


def outlines_of(content: Content) -> tuple[str, ...]:
    """CAP polygons of what was drawn. Raises Refused for what cannot be drawn."""
    return areas.drawn(content.audience.polygons).rings if content.audience.polygons else ()
