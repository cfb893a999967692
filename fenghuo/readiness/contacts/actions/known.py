"""Who of a list is already known: a number decides, together with the name; without a number the name, area and position."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_noop as _

from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts.cells import Person
from fenghuo.readiness.contacts.models import Contact, ContactNumber, GroupMember
from fenghuo.readiness.contacts.queries import LONGEST_IN

PLAIN = ("position", "tags", "risk", "landlines", "latitude", "longitude")  # fields that a list may change
_COLUMNS = ("id", "name", "area_id", *PLAIN, "checked_at")


@dataclass
class Known:
    """A contact as it is now. `groups` are ids of those it is a static member of."""

    id: int
    values: dict[str, Any]
    numbers: set[int] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)

    def state(self) -> dict[str, Any]:
        """All of it, as undoing compares it."""
        return {**self.values, "numbers": sorted(self.numbers), "groups": sorted(self.groups)}


def chunks(values: Iterable[Any]) -> Iterator[list[Any]]:
    """As many at a time as one IN list takes."""
    listed = list(values)
    for start in range(0, len(listed), LONGEST_IN):
        yield listed[start : start + LONGEST_IN]


def by_id(organisation: Organisation, ids: Iterable[int]) -> dict[int, Known]:
    """Contacts with their numbers and memberships; those that are gone are absent."""
    found: dict[int, Known] = {}
    for part in chunks(ids):
        for row in Contact.objects.filter(organisation=organisation, id__in=part).values_list(*_COLUMNS):
            values = dict(zip(("id", "name", "area", *PLAIN, "checked_at"), row, strict=True))
            checked = values.pop("checked_at")
            found[row[0]] = Known(values.pop("id"), values | {"checked": checked.isoformat() if checked else None})
        for contact, address in ContactNumber.objects.filter(contact_id__in=part).values_list("contact_id", "address"):
            if contact in found:
                found[contact].numbers.add(address)
        for contact, group in GroupMember.objects.filter(contact_id__in=part).values_list("contact_id", "group_id"):
            if contact in found:
                found[contact].groups.add(group)
    return found


def known(organisation: Organisation, people: list[Person]) -> list[Known | Refused | None]:
    """For each of them who it is, None for somebody new, or why that cannot be decided."""
    owners = _owners(organisation, [address for person in people for address in person["numbers"]])
    silent = _silent(organisation, [person for person in people if not person["numbers"]])
    ids = set(owners.values()) | set(silent.values())
    contacts = by_id(organisation, ids)
    return [_who(person, owners, silent, contacts) for person in people]


def _owners(organisation: Organisation, addresses: list[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for part in chunks(addresses):
        rows = ContactNumber.objects.filter(organisation=organisation, address__in=part)
        found |= dict(rows.values_list("address", "contact_id"))
    return found


def _silent(organisation: Organisation, people: list[Person]) -> dict[tuple[str, str, str], int]:
    found: dict[tuple[str, str, str], int] = {}
    for part in chunks({person["name"] for person in people}):
        rows = Contact.objects.filter(organisation=organisation, name__in=part, numbers__isnull=True)
        found |= {
            (name, area, position): id
            for id, name, area, position in rows.values_list("id", "name", "area_id", "position")
        }
    return found


def _who(
    person: Person, owners: dict[int, int], silent: dict[tuple[str, str, str], int], contacts: dict[int, Known]
) -> Known | Refused | None:
    if not person["numbers"]:
        found = silent.get((person["name"], person["area"], person.get("position", "")))
        return contacts.get(found) if found is not None else None
    ids = {owners[address] for address in person["numbers"] if address in owners}
    if len(ids) > 1:
        return Refused("numbers_of_two", _("These numbers belong to different people."), field="phone")
    for one in ids:
        if contacts[one].values["name"] != person["name"]:
            reason = _("This number already belongs to somebody else.")
            return Refused("number_taken", reason, field="phone", kind="conflict")
        return contacts[one]
    return None


def changes(before: Known, person: Person, group_ids: dict[str, str]) -> list[list[Any]]:
    """What the person's row changes: [[field, before, after] …]. Numbers, landlines and groups are only ever added."""
    found: list[list[Any]] = []
    for name in ("area", *PLAIN):
        if name not in person:
            continue
        after = person[name]
        if name == "landlines":
            kept = before.values[name].split(";") if before.values[name] else []
            after = ";".join(dict.fromkeys([*kept, *person[name].split(";")]))
        if after != before.values[name]:
            found.append([name, before.values[name], after])
    numbers = [one for one in person["numbers"] if one not in before.numbers]
    if numbers:
        found.append(["numbers", [], numbers])
    groups = [one for one in person.get("groups", ()) if group_ids.get(one) not in before.groups]
    if groups:
        found.append(["groups", [], groups])
    return found
