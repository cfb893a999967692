"""The areas an organisation can choose from: those worth listing, and any other below its own when it is named."""

from collections.abc import Iterable
from typing import Any

from django import forms

from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.areas import queries as areas

# A town has some dozens of villages, a county some hundreds; a city composes by county and town.
DEEPEST = 1500


def area_choices(organisation: Organisation, chosen: Iterable[Any] = ()) -> list[tuple[str, str]]:
    """The organisation's own area and what lies below it; only the next level when there is too much to list.

    `chosen` are codes that stand in the form already: of what is not listed, those that are there are added.
    """
    root = organisation.area
    below = list(areas.subtree(root.code)[: DEEPEST + 1])
    if len(below) > DEEPEST:
        below = [root, *areas.children(root.code)]
    listed = {one.code for one in below}
    further = [str(one) for one in chosen if one and str(one) not in listed and areas.inside(str(one), root.code)]
    if further:
        below += areas.subtree(root.code).filter(code__in=further[:DEEPEST])
    return [(one.code, one.name) for one in below]


def chosen_in(form: forms.Form, name: str) -> list[Any]:
    """The codes that a form brings along for a field, typed or from before."""
    value = form[name].value()
    return list(value) if isinstance(value, list | tuple | set) else [value]
