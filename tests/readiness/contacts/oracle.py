"""Whom an audience means, said once more in database rows and whole-number arithmetic: slow, with nothing to follow or keep."""

from fractions import Fraction
from typing import Any

import shapely

from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.areas.models import Boundary
from fenghuo.readiness.contacts.models import Contact, GroupMember, GroupRule

MICRO = 1_000_000
Ring = list[tuple[int, int]]


def told(organisation: Organisation, audience: dict[str, Any]) -> list[tuple[int, int]]:
    """(contact id, address) in sending order."""
    chosen = [one for one in people(organisation) if chooses(one, audience)]
    numbers = [(-one.risk, number.address, one.id) for one in chosen for number in one.numbers.all()]
    return [(contact, address) for _risk, address, contact in sorted(numbers)]


def people(organisation: Organisation) -> list[Contact]:
    return list(Contact.objects.filter(organisation=organisation).prefetch_related("numbers"))


def chooses(one: Contact, audience: dict[str, Any]) -> bool:
    return bool(
        audience.get("everyone")
        or any(one.area_id.startswith(code) for code in audience.get("areas", []))
        or any(in_group(one, group) for group in audience.get("groups", []))
        or any(drawn(one, ring_of(text)) for text in audience.get("polygons", []))
    )


def in_group(one: Contact, group: str) -> bool:
    if GroupMember.objects.filter(group=group, contact=one).exists():
        return True
    return any(
        (not rule.area_id or one.area_id.startswith(rule.area_id))
        and (not rule.position or one.position == rule.position)
        and (not rule.tag or f",{rule.tag}," in one.tags)
        for rule in GroupRule.objects.filter(group=group)
    )


def ring_of(text: str) -> Ring:
    """(longitude, latitude) in millionths."""
    pairs = [one.split(",") for one in text.split()]
    return [(round(Fraction(lon) * MICRO), round(Fraction(lat) * MICRO)) for lat, lon in pairs]


def drawn(one: Contact, ring: Ring) -> bool:
    if one.latitude is not None and one.longitude is not None:
        return inside((one.longitude, one.latitude), ring)
    return reaches(one.area_id, ring) is True


def reaches(code: str, ring: Ring) -> bool | None:
    """Whether an outline reaches an area; None where nobody knows."""
    shape = shapely.Polygon(ring)
    known = {row.area_id: shapely.from_wkb(bytes(row.shape)) for row in Boundary.objects.all()}
    if code in known:
        return bool(shape.intersects(known[code]))
    if any(shape.intersects(found) for below, found in known.items() if below.startswith(code)):
        return True
    above = max((one for one in known if code.startswith(one)), key=len, default=None)
    return False if above is not None and not shape.intersects(known[above]) else None


def inside(point: tuple[int, int], ring: Ring) -> bool:
    """Even-odd rule in whole numbers; what lies on the line is inside."""
    x, y = point
    odd = False
    for (ax, ay), (bx, by) in zip(ring, ring[1:] + ring[:1], strict=True):
        turn = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
        if turn == 0 and min(ax, bx) <= x <= max(ax, bx) and min(ay, by) <= y <= max(ay, by):
            return True
        if (ay > y) != (by > y) and (turn > 0) == (by > ay):
            odd = not odd
    return odd
