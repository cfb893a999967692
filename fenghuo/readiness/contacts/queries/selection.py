"""Whom an audience means, as a mask over the roster's columns: groups by members and rules, areas by code, polygons by position."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext_noop as _

from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.areas import queries as areas
from fenghuo.ground.areas import rules as shapes
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts.columns import ABSENT, Columns, GroupColumn

LISTS = ("groups", "areas", "polygons")
MOST_KEPT = 16  # selections remembered with their columns; a page asks for the same one several times


@dataclass(frozen=True)
class Selection:
    """Who is chosen (a boolean per row), and how the drawn part came about; `drawn` is None without polygons.

    `inside` lie in a polygon themselves, `by_area` have no position but live in an area that a polygon touches, `unplaced` have no
    position and live where no boundary says yes or no: they are not chosen.
    """

    chosen: Any
    drawn: shapes.Drawn | None = None
    inside: Any = None
    by_area: Any = None
    unplaced: Any = None


def select(organisation: Organisation, columns: Columns, audience: dict[str, Any]) -> Selection:
    """Understand an audience. Raises Refused for what is unknown, outside, or chooses nothing; it is never taken as "all"."""
    wanted = understood(audience)
    marks: list[Any] = []
    if wanted["polygons"]:
        marks.append(areas.boundaries().mark)
    key = hashlib.sha256(json.dumps([wanted, *marks], sort_keys=True).encode()).hexdigest()
    if key not in columns.memo:
        found = _select(organisation, columns, wanted)
        for old in [one for one in list(columns.memo) if isinstance(one, str)][: 1 - MOST_KEPT]:
            columns.memo.pop(old, None)
        columns.memo[key] = found
        return found
    _codes(organisation, wanted["areas"])  # an area may have gone without the roster moving
    kept: Selection = columns.memo[key]
    return kept


def understood(audience: dict[str, Any]) -> dict[str, Any]:
    """{"groups", "areas", "polygons", "everyone"} with nothing twice. Raises Refused for any other form."""
    if set(audience) - {*LISTS, "everyone"} or not isinstance(audience.get("everyone") or False, bool):
        raise _form()
    wanted: dict[str, Any] = {"everyone": bool(audience.get("everyone"))}
    for name in LISTS:
        value = audience.get(name) or []
        if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
            raise _form()
        wanted[name] = list(dict.fromkeys(value))
    return wanted


def _form() -> Refused:
    reason = _("An audience is a list of groups, a list of areas and a list of drawn outlines, or everyone.")
    return Refused("audience_form", reason, field="audience")


def _select(organisation: Organisation, columns: Columns, wanted: dict[str, Any]) -> Selection:
    chosen = np.zeros(len(columns), dtype=bool)
    codes = _codes(organisation, wanted["areas"])
    groups = group_columns(columns, wanted["groups"])
    if not (codes or groups or wanted["polygons"] or wanted["everyone"]):
        reason = _("Choose who is told: at least one group, area or drawn outline.")
        raise Refused("audience_empty", reason, field="audience")
    if wanted["everyone"]:
        chosen[:] = True
    for code in codes:
        chosen[columns.within(code)] = True
    for group in groups:
        chosen |= members(columns, group)
    if not wanted["polygons"]:
        return Selection(chosen)
    drawn = shapes.drawn(wanted["polygons"])
    _touches(organisation, drawn)
    inside, by_area, unplaced = _drawn(columns, drawn)
    return Selection(chosen | inside | by_area, drawn, inside, by_area, unplaced)


def group_columns(columns: Columns, ids: list[str]) -> list[GroupColumn]:
    """Groups by id. Another organisation's group is missing like one that never was."""
    unknown = [one for one in ids if one not in columns.groups]
    if unknown:
        raise Refused(
            "group_unknown",
            _("There is no group %(groups)s."),
            field="audience",
            kind="missing",
            params={"groups": ", ".join(unknown)},
        )
    return [columns.groups[one] for one in ids]


def members(columns: Columns, group: GroupColumn) -> Any:
    """Everyone of a group: its static members and those its rules select."""
    found = np.zeros(len(columns), dtype=bool)
    found[group.rows] = True
    for rule in group.rules:
        _apply(columns, rule, found, group.name)
    return found


def _apply(columns: Columns, rule: tuple[str, str, str], found: Any, group: str) -> None:
    """Add whom one rule selects: everyone who meets all that it names."""
    area, position, tag = rule
    if not (area or position or tag):
        reason = _("A rule of the group “%(group)s” selects by nothing.")
        raise Refused("rule_empty", reason, params={"group": group})
    where = columns.within(area) if area else slice(0, len(columns))
    if not (position or tag):
        found[where] = True
        return
    part = np.ones(where.stop - where.start, dtype=bool)
    if position:
        part &= _having(columns.positions, columns.position[where], lambda one: one == position)
    if tag:
        part &= _having(columns.tags, columns.tag[where], lambda one: f",{tag}," in one)
    found[where] |= part


def _having(values: tuple[str, ...], column: Any, wanted: Any) -> Any:
    return np.fromiter((wanted(one) for one in values), dtype=bool, count=len(values))[column]


def _codes(organisation: Organisation, codes: list[str]) -> list[str]:
    try:
        areas.get(codes)
    except Refused as refused:
        refused.field = "audience"
        raise
    outside = [code for code in codes if not areas.inside(code, organisation.area_id)]
    if outside:
        raise Refused(
            "area_outside",
            _("The area %(codes)s lies outside %(organisation)s."),
            field="audience",
            params={"codes": ", ".join(outside), "organisation": organisation.name},
        )
    return codes


def _touches(organisation: Organisation, drawn: shapes.Drawn) -> None:
    """Each outline must touch the organisation's own area, where boundaries say where that is."""
    known = areas.boundaries()
    own = known.below(organisation.area_id)
    for number, shape in enumerate(drawn.shapes, 1):
        one = shapes.Drawn((shape,), (), (), 0)
        if own and not known.touched_by(one).intersection(own):
            west, south, east, north = (round(value / shapes.MICRO, 4) for value in shape.bounds)
            raise Refused(
                "polygon_outside",
                _(
                    "Outline %(number)s (latitude %(south)s to %(north)s, longitude %(west)s to %(east)s) lies wholly outside "
                    "%(organisation)s."
                ),
                field="audience.polygons",
                params={
                    "number": number, "south": south, "north": north, "west": west, "east": east,
                    "organisation": organisation.name,
                },
            )  # fmt: skip


def _drawn(columns: Columns, drawn: shapes.Drawn) -> tuple[Any, Any, Any]:
    """(inside by position, without a position in a touched area, without a position where no boundary tells)."""
    placed = columns.latitude != ABSENT
    inside = drawn.inside(columns.longitude, columns.latitude) & placed
    reached = areas.reached(columns.codes, drawn)
    yes = np.array([reached[code] is True for code in columns.codes], dtype=bool)
    unknown = np.array([reached[code] is None for code in columns.codes], dtype=bool)
    return inside, yes[columns.area] & ~placed, unknown[columns.area] & ~placed
