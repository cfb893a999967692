"""The areas that the demonstration ships with: there from the start of a test process, and again after a test that emptied them."""

from fenghuo.ground.areas import actions
from fenghuo.ground.areas.models import Area, AreaKey, Boundary
from fenghuo.ground.areas.queries import DEMO_CSV


def shipped() -> None:
    """See to it that they are there."""
    if not Area.objects.filter(code="120119111").exists():
        actions.import_csv(path=DEMO_CSV, by=None)


def none() -> None:
    """An installation without areas, for tests of loading them; at once, because each has a parent that protects it."""
    for kept in (AreaKey, Boundary, Area):
        kept.objects.all()._raw_delete("default")
