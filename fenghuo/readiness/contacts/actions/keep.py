"""Keeping many people at once: the writes that an import and a load have in common, inside the caller's transaction."""

from typing import Any

from fenghuo.ground.accounts.models import Organisation
from fenghuo.readiness.contacts.actions import known
from fenghuo.readiness.contacts.actions.known import Known
from fenghuo.readiness.contacts.cells import Person
from fenghuo.readiness.contacts.models import Contact, ContactNumber, Group, GroupMember


def groups(organisation: Organisation, people: list[Person]) -> tuple[dict[str, str], list[str]]:
    """The groups that these people belong to, ids by name; those that are missing are made, and their ids come second."""
    named = sorted({name for person in people for name in person.get("groups", ())})
    found: dict[str, str] = {}
    for some in known.chunks(named):
        rows = Group.objects.filter(organisation=organisation, name__in=some)
        found |= dict(rows.values_list("name", "id"))
    made = [Group(organisation=organisation, name=name) for name in named if name not in found]
    Group.objects.bulk_create(made)
    return found | {one.name: one.id for one in made}, [one.id for one in made]


def add(organisation: Organisation, people: list[Person], groups: dict[str, str]) -> list[dict[str, Any]]:
    """Keep new people. Returns for each its id and all of its state."""
    contacts = Contact.objects.bulk_create(
        Contact(
            organisation=organisation,
            area_id=person["area"],
            name=person["name"],
            **{name: person[name] for name in known.PLAIN if name in person},
        )
        for person in people
    )
    pairs = list(zip(contacts, people, strict=True))
    ContactNumber.objects.bulk_create(
        ContactNumber(contact_id=contact.id, organisation=organisation, address=address)
        for contact, person in pairs
        for address in person["numbers"]
    )
    GroupMember.objects.bulk_create(
        GroupMember(group_id=groups[name], contact_id=contact.id)
        for contact, person in pairs
        for name in person.get("groups", ())
    )
    return [{"a": contact.id, "p": _state(contact, person, groups)} for contact, person in pairs]


def _state(contact: Contact, person: Person, groups: dict[str, str]) -> dict[str, Any]:
    values = {"name": contact.name, "area": contact.area_id, "checked": None}
    values |= {name: getattr(contact, name) for name in known.PLAIN}
    own = sorted(groups[name] for name in person.get("groups", ()))
    return Known(contact.id, values, set(person["numbers"]), set(own)).state()


def change(
    organisation: Organisation, changed: list[tuple[Known, Person, list[list[Any]]]], groups: dict[str, str]
) -> list[dict[str, Any]]:
    """Keep what differs of people who are known. Returns for each the fields as they were and became."""
    contacts, numbers, members, undo = [], [], [], []
    for who, _person, diff in changed:
        after = {name: value for name, _before, value in diff}
        own = {groups[name]: name for name in after.pop("groups", ())}
        added = after.pop("numbers", [])
        undo.append(
            {"c": who.id, "d": [one for one in diff if one[0] not in ("groups", "numbers")], "n": added, "g": list(own)}
        )
        if after:
            values = {**who.values, **after}
            plain = {name: values[name] for name in known.PLAIN}
            contacts.append(
                Contact(id=who.id, organisation=organisation, name=who.values["name"], area_id=values["area"], **plain)
            )
        numbers += [ContactNumber(contact_id=who.id, organisation=organisation, address=one) for one in added]
        members += [GroupMember(group_id=one, contact_id=who.id) for one in own]
    Contact.objects.bulk_update(contacts, ["area", *known.PLAIN], batch_size=100)
    ContactNumber.objects.bulk_create(numbers)
    GroupMember.objects.bulk_create(members)
    return undo
