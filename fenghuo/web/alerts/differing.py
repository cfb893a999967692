"""What somebody else saved beside what was typed, line by line in the words of the form."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext, ngettext

from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.areas import queries as areas
from fenghuo.web import words
from fenghuo.web.alerts.choices import group_choices
from fenghuo.web.alerts.forms import HOW_RECEIVED, ContentForm, When

PARTS = ("audience", "origin")  # of a content; in the form several fields each
LONGEST = 60  # characters of an outline; a long one is told by its beginning
IN_WORDS: dict[str, Callable[[Any], str]] = {
    "kind": words.kind,
    "category": words.category,
    "level": words.level,
    "event": words.event_name,
}


def difference(found: dict[str, list[Any]], organisation: Organisation) -> list[dict[str, str]]:
    """`{field: [theirs, yours]}` as lines. What reads the same in the form, as a moment within the minute, is no line."""
    labels = {name: str(one.label) for name, one in ContentForm.base_fields.items() if not one.widget.is_hidden}
    labels["blanks"] = gettext("Blanks")
    lines = []
    for name, theirs, yours in _flat(found):
        both = [_said(name, one, organisation) for one in (theirs, yours)]
        if name in labels and both[0] != both[1]:
            lines.append({"field": name, "label": labels[name], "theirs": both[0], "yours": both[1]})
    return lines


def _flat(found: dict[str, list[Any]]) -> Iterator[tuple[str, Any, Any]]:
    for name, (theirs, yours) in found.items():
        if name not in PARTS:
            yield name, theirs, yours
            continue
        one, other = theirs or {}, yours or {}
        yield from ((f"{name}_{part}", one.get(part), other.get(part)) for part in {**one, **other})


def _said(name: str, value: Any, organisation: Organisation) -> str:
    if value in (None, "", [], {}, False):
        return gettext("(empty)")
    if isinstance(ContentForm.base_fields.get(name), When):
        return timezone.localtime(datetime.fromisoformat(value)).strftime("%Y-%m-%d %H:%M")
    if name in IN_WORDS:
        return str(IN_WORDS[name](value))
    if name == "origin_how":
        return str(dict(HOW_RECEIVED).get(value, value))
    if name in ("areas", "audience_areas"):
        known = dict(areas.subtree(organisation.area_id).filter(code__in=value).values_list("code", "name"))
        return words.listed(known.get(one, one) for one in value)
    if name == "audience_groups":
        groups = dict(group_choices(organisation))
        return words.listed(groups.get(one, one) for one in value)
    if name == "audience_polygons":
        count = ngettext("%(n)s outline on the map", "%(n)s outlines on the map", len(value)) % {"n": len(value)}
        return words.listed([count, *(one if len(one) <= LONGEST else f"{one[:LONGEST]}…" for one in value)])
    if value is True:
        return gettext("Yes")
    if isinstance(value, dict):
        return words.listed(f"{blank}：{typed}" for blank, typed in value.items())
    return str(value)
