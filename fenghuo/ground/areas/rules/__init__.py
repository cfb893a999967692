"""What a drawn area, a code and a name must be, and how files are read. Nothing here touches a database."""

from fenghuo.ground.areas.rules.codes import LENGTHS, candidates, padded
from fenghuo.ground.areas.rules.drawn import MICRO, MOST_POINTS, MOST_RINGS, Drawn, drawn
from fenghuo.ground.areas.rules.geojson import Feature, features, outline, rings_of
from fenghuo.ground.areas.rules.initials import readings
from fenghuo.ground.areas.rules.repair import Crossing, repaired

__all__ = [
    "LENGTHS",
    "MICRO",
    "MOST_POINTS",
    "MOST_RINGS",
    "Crossing",
    "Drawn",
    "Feature",
    "candidates",
    "drawn",
    "features",
    "outline",
    "padded",
    "readings",
    "repaired",
    "rings_of",
]
