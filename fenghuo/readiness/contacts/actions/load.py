"""Many people at once. In batches, each its own transaction with its journal row: 100,000 rows must not hold the desk up."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from django.db import transaction
from django.utils.translation import gettext_noop as _

from fenghuo.ground.accounts.models import Account, Organisation
from fenghuo.ground.areas.models import Area
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import rules
from fenghuo.readiness.contacts.actions.kept import note, require_right
from fenghuo.readiness.contacts.models import Contact, ContactNumber, Group, GroupMember
from fenghuo.readiness.contacts.queries import LONGEST_IN
from fenghuo.readiness.contacts.rules import Row

BATCH = 5_000
MOST_ERRORS = 1_000


@dataclass(frozen=True)
class RowError:
    """Why a line was left out. `line` counts from 1; in a CSV the header is line 1."""

    line: int
    field: str | None
    reason: Refused


@dataclass
class Report:
    """Rows read; people added and updated; lines left out (the first 1,000 of `refused` are listed)."""

    rows: int = 0
    added: int = 0
    updated: int = 0
    refused: int = 0
    errors: list[RowError] = field(default_factory=list)

    def refuse(self, line: int, reason: Refused) -> None:
        """Count a line that is left out."""
        self.refused += 1
        if len(self.errors) < MOST_ERRORS:
            self.errors.append(RowError(line, reason.field, reason))


def load_many(*, organisation: Organisation, rows: Iterable[Row], by: Account | None) -> Report:
    """Keep many people; wrong rows are reported, not kept.

    A row whose number is known updates that person when the name is the same. Without a number, name, area and position decide.
    """
    require_right(organisation, by)
    report = Report()
    numbered = enumerate(rows, start=1)
    return load_lines(organisation, numbered, by, report)


def load_lines(
    organisation: Organisation, lines: Iterator[tuple[int, Row]], by: Account | None, report: Report
) -> Report:
    """As `load_many`, for rows that know their line in a file."""
    known_areas = set(Area.objects.values_list("code", flat=True))
    seen: set[int] = set()
    while batch := list(islice(lines, BATCH)):
        good = []
        for line, row in batch:
            report.rows += 1
            try:
                good.append((line, _checked(row, known_areas, seen)))
            except Refused as refused:
                report.refuse(line, refused)
        with transaction.atomic():
            _store(organisation, good, by, report)
        report.errors.sort(key=lambda error: error.line)
    return report


def _checked(row: Row, known_areas: set[str], seen: set[int]) -> Row:
    row = rules.checked(row)
    if row.area not in known_areas:
        raise Refused(
            "area_unknown",
            _("There is no area with the code %(codes)s."),
            field="area",
            params={"codes": row.area[:40]},
        )
    twice = [one for one in row.addresses if one in seen]
    if twice:
        raise Refused(
            "number_twice",
            _("The number %(number)s stands twice in the file."),
            field="phone",
            params={"number": twice[0]},
        )
    seen.update(row.addresses)
    return row


def _store(organisation: Organisation, good: list[tuple[int, Row]], by: Account | None, report: Report) -> None:
    added, updated = report.added, report.updated
    owners = _owners(organisation, [address for _line, row in good for address in row.addresses])
    silent = _without_number(organisation, [row for _line, row in good if not row.addresses])
    fresh: list[Row] = []
    kept: list[tuple[Contact, Row]] = []
    for line, row in good:
        try:
            contact = _same_person(row, owners, silent)
        except Refused as refused:
            report.refuse(line, refused)
            continue
        if contact is None:
            fresh.append(row)
        else:
            kept.append((contact, row))
    people = _create(organisation, fresh) + kept
    _update(kept, report)
    _numbers(organisation, people, owners)
    _groups(organisation, people)
    report.added += len(fresh)
    note(
        organisation,
        by,
        "contacts.load",
        "",
        rows=len(good),
        added=report.added - added,
        updated=report.updated - updated,
    )


def _owners(organisation: Organisation, addresses: list[int]) -> dict[int, Contact]:
    found: dict[int, Contact] = {}
    for start in range(0, len(addresses), LONGEST_IN):
        part = ContactNumber.objects.filter(
            organisation=organisation, address__in=addresses[start : start + LONGEST_IN]
        )
        found |= {one.address: one.contact for one in part.select_related("contact")}
    return found


def _without_number(organisation: Organisation, rows: list[Row]) -> dict[tuple[str, str, str], Contact]:
    """People without a number are the same when name, area and position are."""
    found: dict[tuple[str, str, str], Contact] = {}
    for start in range(0, len(rows), LONGEST_IN):
        names = [row.name for row in rows[start : start + LONGEST_IN]]
        part = Contact.objects.filter(organisation=organisation, name__in=names, numbers__isnull=True)
        found |= {(one.name, one.area_id, one.position): one for one in part}
    return found


def _same_person(row: Row, owners: dict[int, Contact], silent: dict[tuple[str, str, str], Contact]) -> Contact | None:
    found = {owners[address].id: owners[address] for address in row.addresses if address in owners}
    if not row.addresses:
        return silent.get((row.name, row.area, row.position))
    if len(found) > 1:
        raise Refused("numbers_of_two", _("These numbers belong to different people."), field="phone")
    for contact in found.values():
        if contact.name != row.name:
            raise Refused(
                "number_taken", _("This number already belongs to somebody else."), field="phone", kind="conflict"
            )
        return contact
    return None


def _create(organisation: Organisation, rows: list[Row]) -> list[tuple[Contact, Row]]:
    contacts = [
        Contact(
            organisation_id=organisation.id, area_id=row.area, name=row.name, position=row.position,
            tags=rules.tag_text(row.tags) if row.tags else "", risk=row.risk,
        )
        for row in rows
    ]  # fmt: skip
    return list(zip(Contact.objects.bulk_create(contacts), rows, strict=True))


def _update(kept: list[tuple[Contact, Row]], report: Report) -> None:
    changed = []
    for contact, row in kept:
        before = (contact.area_id, contact.position, contact.tags, contact.risk)
        contact.area_id, contact.position, contact.risk = row.area, row.position, row.risk
        contact.tags = rules.tag_text(row.tags)
        if before != (contact.area_id, contact.position, contact.tags, contact.risk):
            changed.append(contact)
    Contact.objects.bulk_update(changed, ["area", "position", "tags", "risk"], batch_size=100)
    report.updated += len(changed)


def _numbers(organisation: Organisation, people: list[tuple[Contact, Row]], owners: dict[int, Contact]) -> None:
    ContactNumber.objects.bulk_create(
        [
            ContactNumber(contact_id=contact.id, organisation_id=organisation.id, address=address)
            for contact, row in people
            for address in row.addresses
            if address not in owners
        ]
    )


def _groups(organisation: Organisation, people: list[tuple[Contact, Row]]) -> None:
    named = {name for _contact, row in people for name in row.groups}
    if not named:
        return
    Group.objects.bulk_create(
        [Group(organisation=organisation, name=name) for name in sorted(named)], ignore_conflicts=True
    )
    groups = {one.name: one for one in Group.objects.filter(organisation=organisation, name__in=named)}
    members = [
        GroupMember(group_id=groups[name].id, contact_id=contact.id) for contact, row in people for name in row.groups
    ]
    GroupMember.objects.bulk_create(members, ignore_conflicts=True)
