"""Reading contacts. An audience is resolved in one query over plain columns: no model instance per recipient."""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_noop as _

from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.areas import queries as areas
from fenghuo.ground.areas.models import Area
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts.models import Contact, ContactNumber, Group, GroupMember, GroupRule, Roster

CHUNK = 10_000
MOST_SHOWN = 200
LONGEST_IN = 900  # values in one IN list; SQLite's builds differ in how many they take


@dataclass(frozen=True)
class Audience:
    """Who receives: parallel arrays, each number once, highest risk first, then by number."""

    contact_ids: "array[int]"
    addresses: "array[int]"


@dataclass(frozen=True)
class Silent:
    """A person of the audience whom no message can reach."""

    contact_id: int
    name: str
    area: str
    position: str


@dataclass(frozen=True)
class AreaCount:
    """People and numbers of the audience in one area."""

    code: str
    name: str
    people: int
    numbers: int


@dataclass(frozen=True)
class GroupCount:
    """People and numbers of one group; groups overlap, so their sum is not the audience."""

    id: str
    name: str
    people: int
    numbers: int


@dataclass(frozen=True)
class AudiencePreview:
    """What an audience amounts to before it is frozen. `without_number` holds the first 200 of `without_number_total`."""

    people: int
    numbers: int
    without_number: list[Silent]
    without_number_total: int
    by_area: list[AreaCount]
    by_group: list[GroupCount]


@dataclass(frozen=True)
class Name:
    """How a contact is called on a page."""

    name: str
    area: str
    position: str


@dataclass(frozen=True)
class Page:
    """One page of a listing; `page` counts from 1."""

    rows: list[Any]
    total: int
    page: int
    size: int


def resolve(*, organisation: Organisation, audience: dict[str, Any]) -> Audience:
    """The numbers of an audience {"groups": [id], "areas": [code]}.

    Raises Refused when nobody is chosen or nobody has a number, or a group or area is unknown; it is never taken as "all".
    """
    wanted = _condition(organisation, audience, "contact__")
    rows = (
        ContactNumber.objects.filter(wanted, organisation=organisation)
        .order_by("-contact__risk", "address")
        .values_list("contact_id", "address")
    )
    contact_ids, addresses = array("Q"), array("Q")
    for contact_id, address in rows.iterator(chunk_size=CHUNK):
        contact_ids.append(contact_id)
        addresses.append(address)
    if not addresses:
        raise Refused(
            "audience_empty",
            _("Nobody with a number belongs to this audience. An empty audience is never taken as “all”."),
            field="audience",
        )
    return Audience(contact_ids, addresses)


def count(*, organisation: Organisation, audience: dict[str, Any]) -> tuple[int, int]:
    """(people, numbers); people without a number are people too. Refuses as `resolve`, but nobody is (0, 0)."""
    people = Contact.objects.filter(_condition(organisation, audience, ""), organisation=organisation).count()
    wanted = _condition(organisation, audience, "contact__")
    return people, ContactNumber.objects.filter(wanted, organisation=organisation).count()


def preview(*, organisation: Organisation, audience: dict[str, Any]) -> AudiencePreview:
    """Counts by area and group, and who is left without a number. Refuses as `count`."""
    people, numbers = count(organisation=organisation, audience=audience)
    chosen = Contact.objects.filter(_condition(organisation, audience, ""), organisation=organisation)
    silent = _silent(chosen)
    rows = silent.values_list("id", "name", "area__name", "position")[:MOST_SHOWN]
    by_group = [_group_count(organisation, one) for one in _groups(organisation, audience)]
    return AudiencePreview(people, numbers, [Silent(*row) for row in rows], silent.count(), _by_area(chosen), by_group)


def without_number(*, organisation: Organisation, audience: dict[str, Any]) -> list[int]:
    """Ids of the people of an audience whom no message can reach, highest risk first. Refuses as `count`."""
    chosen = Contact.objects.filter(_condition(organisation, audience, ""), organisation=organisation)
    return list(_silent(chosen).values_list("id", flat=True))


def _silent(chosen: QuerySet[Contact]) -> QuerySet[Contact]:
    return chosen.filter(numbers__isnull=True).order_by("-risk", "area_id", "id")


def _by_area(chosen: QuerySet[Contact]) -> list[AreaCount]:
    rows = (
        chosen.order_by("area_id")
        .values_list("area_id", "area__name")
        .annotate(people=Count("id", distinct=True), numbers_=Count("numbers"))
    )
    return [AreaCount(*row) for row in rows]


def _group_count(organisation: Organisation, group: Group) -> GroupCount:
    people, numbers = count(organisation=organisation, audience={"groups": [group.id]})
    return GroupCount(group.id, group.name, people, numbers)


def _listed(audience: dict[str, Any], key: str) -> list[str]:
    value = audience.get(key) or []
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise Refused("audience_form", _("An audience is a list of groups and a list of areas."), field="audience")
    return list(dict.fromkeys(value))


def _groups(organisation: Organisation, audience: dict[str, Any]) -> list[Group]:
    ids = _listed(audience, "groups")
    found = {
        one.id: one for one in Group.objects.filter(organisation=organisation, id__in=ids).prefetch_related("rules")
    }
    unknown = [one for one in ids if one not in found]
    if unknown:
        # Another organisation's group is missing like one that never was.
        raise Refused(
            "group_unknown",
            _("There is no group %(groups)s."),
            field="audience",
            kind="missing",
            params={"groups": ", ".join(unknown)},
        )
    return [found[one] for one in ids]


def _areas(organisation: Organisation, audience: dict[str, Any]) -> list[str]:
    codes = _listed(audience, "areas")
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


def _condition(organisation: Organisation, audience: dict[str, Any], to_contact: str) -> Q:
    """Which contacts an audience means. `to_contact`: lookup path from the queried table to the contact ("" or "contact__")."""
    unknown = set(audience) - {"groups", "areas"}
    if unknown:
        raise Refused("audience_form", _("An audience is a list of groups and a list of areas."), field="audience")
    parts = [_within(code, to_contact) for code in _areas(organisation, audience)]
    groups = _groups(organisation, audience)
    if groups:
        members = GroupMember.objects.filter(group__in=[one.id for one in groups]).values("contact_id")
        parts.append(Q(**{f"{to_contact}id__in" if not to_contact else "contact_id__in": members}))
    parts += [_selected(rule, to_contact) for group in groups for rule in group.rules.all()]
    if not parts:
        raise Refused("audience_empty", _("Choose who is told: at least one group or area."), field="audience")
    wanted = parts[0]
    for part in parts[1:]:
        wanted |= part
    return wanted


def _within(code: str, to_contact: str) -> Q:
    first, bound = areas.code_range(code)
    return Q(**{f"{to_contact}area_id__gte": first, f"{to_contact}area_id__lt": bound})


def _selected(rule: GroupRule, to_contact: str) -> Q:
    wanted = Q()
    if rule.area_id:
        wanted &= _within(rule.area_id, to_contact)
    if rule.position:
        wanted &= Q(**{f"{to_contact}position": rule.position})
    if rule.tag:
        wanted &= Q(**{f"{to_contact}tags__contains": f",{rule.tag},"})
    if not wanted:
        raise Refused(
            "rule_empty", _("A rule of the group “%(group)s” selects by nothing."), params={"group": rule.group.name}
        )
    return wanted


def names(contact_ids: Iterable[int]) -> dict[int, Name]:
    """Names by contact id; removed contacts are absent."""
    wanted = list(contact_ids)
    found: dict[int, Name] = {}
    for start in range(0, len(wanted), LONGEST_IN):
        rows = Contact.objects.filter(id__in=wanted[start : start + LONGEST_IN])
        found |= {row[0]: Name(*row[1:]) for row in rows.values_list("id", "name", "area__name", "position")}
    return found


def revision(organisation: Organisation) -> int:
    """Rises with every change of the organisation's contacts and groups."""
    return Roster.objects.filter(organisation=organisation).values_list("revision", flat=True).first() or 0


def mask(address: int) -> str:
    """A number as most screens show it: 138****1234 (fault X19)."""
    text = str(address)
    return f"{text[:3]}****{text[-4:]}"


def groups(organisation: Organisation) -> list[GroupCount]:
    """Every group with its counts, by name."""
    return [_group_count(organisation, one) for one in Group.objects.filter(organisation=organisation).order_by("name")]


def group(organisation: Organisation, id: str) -> Group:
    """One group of this organisation. Raises Refused kind missing."""
    return _groups(organisation, {"groups": [id]})[0]


def contact(organisation: Organisation, id: int) -> Contact:
    """One contact of this organisation. Raises Refused kind missing."""
    found = Contact.objects.filter(organisation=organisation, id=id).select_related("area").first()
    if found is None:
        raise Refused("contact_unknown", _("There is no such contact."), kind="missing")
    return found


def listing(
    organisation: Organisation,
    *,
    text: str = "",
    area: str | None = None,
    group: str | None = None,
    page: int = 1,
    size: int = 50,
) -> Page:
    """Contacts by area and name. `text` searches name, position, whole number; `area` is a subtree, `group` with its rules."""
    page = max(page, 1)
    found = Contact.objects.filter(organisation=organisation)
    if group:
        found = found.filter(_condition(organisation, {"groups": [group]}, ""))
    if area:
        found = found.filter(_within(area, ""))
    text = text.strip()
    if text:
        wanted = Q(name__contains=text) | Q(position__contains=text)
        if text.isascii() and text.isdigit() and len(text) == 11:
            wanted |= Q(numbers__address=int(text))
        found = found.filter(wanted).distinct()
    rows = found.select_related("area").prefetch_related("numbers").order_by("area_id", "name", "id")
    return Page(list(rows[(page - 1) * size : page * size]), found.count(), page, size)


def village_of(organisation: Organisation, phone: str) -> str | None:
    """The area code of the contact who has this number; None where nobody, or people of several areas, have it."""
    number = "".join(phone.split())[-11:]
    if not (number.isascii() and number.isdigit()):
        return None
    found = Contact.objects.filter(organisation=organisation, numbers__address=int(number))
    codes = set(found.values_list("area_id", flat=True))
    return codes.pop() if len(codes) == 1 else None


def areas_of(organisation: Organisation) -> QuerySet[Area]:
    """The areas an audience may be chosen from: the organisation's own and all below."""
    return areas.subtree(organisation.area_id)
