"""What a drawn area must be, and how a file of boundaries is read. Nothing here touches a database."""

from fenghuo.ground.areas.rules.drawn import MICRO, MOST_POINTS, MOST_RINGS, Drawn, drawn
from fenghuo.ground.areas.rules.geojson import Feature, features, outline, rings_of
from fenghuo.ground.areas.rules.repair import Crossing, repaired

__all__ = [
    "MICRO",
    "MOST_POINTS",
    "MOST_RINGS",
    "Crossing",
    "Drawn",
    "Feature",
    "drawn",
    "features",
    "outline",
    "repaired",
    "rings_of",
]
