"""People as a page lists them: found in the columns, fetched by id, so that a page of a million costs what a page of ten does."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import QuerySet
from django.utils.translation import gettext_noop as _

from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.areas import queries as areas
from fenghuo.ground.areas.models import Area
from fenghuo.ground.paging import Page
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts.columns import NUMBER_MASK, Columns
from fenghuo.readiness.contacts.gathering import plain_name
from fenghuo.readiness.contacts.models import Contact, Group
from fenghuo.readiness.contacts.queries.roster import LONGEST_IN, living
from fenghuo.readiness.contacts.queries.selection import group_columns, members


@dataclass(frozen=True)
class Name:
    """How a contact is called on a page."""

    name: str
    area: str
    position: str


def names(contact_ids: Iterable[int]) -> dict[int, Name]:
    """Names by contact id; removed contacts are absent."""
    wanted = list(contact_ids)
    found: dict[int, Name] = {}
    for start in range(0, len(wanted), LONGEST_IN):
        rows = Contact.objects.filter(id__in=wanted[start : start + LONGEST_IN])
        found |= {row[0]: Name(*row[1:]) for row in rows.values_list("id", "name", "area__name", "position")}
    return found


def mask(address: int) -> str:
    """A number as most screens show it: 138****1234 (fault X19)."""
    text = str(address)
    return f"{text[:3]}****{text[-4:]}"


def group(organisation: Organisation, id: str) -> Group:
    """One group of this organisation. Raises Refused kind missing."""
    found = Group.objects.filter(organisation=organisation, id=id).first()
    if found is None:
        reason = _("There is no group %(groups)s.")
        raise Refused("group_unknown", reason, field="audience", kind="missing", params={"groups": id})
    return found


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
) -> Page[Contact]:
    """Contacts by area and name. `text` searches name, position, whole number; `area` is a subtree, `group` with its rules.

    The same number of queries whatever there is; names are compared without regard to case.
    """
    page = max(page, 1)
    columns = living(organisation)
    rows = _found(columns, text.strip(), area, group)
    wanted = columns.ids[rows[(page - 1) * size : page * size]].tolist()
    people = Contact.objects.select_related("area").prefetch_related("numbers").in_bulk(wanted)
    return Page([people[one] for one in wanted if one in people], len(rows), page, size)


def _found(columns: Columns, text: str, area: str | None, group: str | None) -> Any:
    """Rows in listing order."""
    if not (text or area or group):
        return range(len(columns)) if not len(columns) else np.arange(len(columns), dtype=np.int32)
    found = np.ones(len(columns), dtype=bool)
    if group:
        found &= members(columns, group_columns(columns, [group])[0])
    if area:
        where = columns.within(area)
        found[: where.start] = found[where.stop :] = False
    if text:
        found &= _saying(columns, text)
    return np.flatnonzero(found)


def _saying(columns: Columns, text: str) -> Any:
    """Who has this text in the name or position, or this number."""
    found = np.zeros(len(columns), dtype=bool)
    found[_in_names(columns, plain_name(text).encode("utf-8", "replace"))] = True
    plain = text.casefold()
    said = [plain in one.casefold() for one in columns.positions]
    if any(said):
        found |= np.array(said, dtype=bool)[columns.position]
    if text.isascii() and text.isdigit() and len(text) == 11:
        found[columns.owners[(columns.keys & NUMBER_MASK) == int(text)]] = True
    return found


def _in_names(columns: Columns, wanted: bytes) -> Any:
    """Rows whose name contains these bytes. The last byte is looked for first: in UTF-8 it differs most between characters."""
    letters, length = columns.names, len(wanted)
    if length > len(letters):
        return np.empty(0, dtype=np.int64)
    starts = np.flatnonzero(letters[length - 1 :] == wanted[-1])
    for place in range(length - 1):
        if not len(starts):
            break
        starts = starts[letters[starts + place] == wanted[place]]
    return np.searchsorted(columns.ends, starts)


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
