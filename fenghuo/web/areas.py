"""The areas an organisation can choose from."""

from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.areas import queries as areas

# A town has some dozens of villages, a county some hundreds; a city composes by county and town.
DEEPEST = 1500


def area_choices(organisation: Organisation) -> list[tuple[str, str]]:
    """The organisation's own area and what lies below it; only the next level when there is too much to list."""
    root = organisation.area
    below = list(areas.subtree(root.code)[: DEEPEST + 1])
    if len(below) > DEEPEST:
        below = [root, *areas.children(root.code)]
    return [(one.code, one.name) for one in below]
