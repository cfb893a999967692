"""Many people at once, from another program. In batches, each its own transaction: 100,000 rows must not hold the desk up."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from django.db import transaction
from django.utils.translation import gettext_noop as _

from fenghuo.ground.accounts.models import Account, Organisation
from fenghuo.ground.areas.models import Area
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import rules
from fenghuo.readiness.contacts.actions import keep, known
from fenghuo.readiness.contacts.actions.kept import note, require_right
from fenghuo.readiness.contacts.actions.known import Known
from fenghuo.readiness.contacts.cells import Person
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
    lines = enumerate(rows, start=1)
    known_areas = set(Area.objects.values_list("code", flat=True))
    seen: set[int] = set()
    while batch := list(islice(lines, BATCH)):
        with transaction.atomic():
            _store(organisation, list(_good(batch, known_areas, seen, report)), by, report)
        report.errors.sort(key=lambda error: error.line)
    return report


def _good(
    batch: list[tuple[int, Row]], known_areas: set[str], seen: set[int], report: Report
) -> Iterator[tuple[int, Person]]:
    for line, row in batch:
        report.rows += 1
        try:
            yield line, _person(_checked(row, known_areas, seen))
        except Refused as refused:
            report.refuse(line, refused)


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


def _person(row: Row) -> Person:
    """Such a row says everything of a person: what it leaves empty is empty."""
    tags = rules.tag_text(row.tags) if row.tags else ""
    said = {"name": row.name, "area": row.area, "position": row.position, "tags": tags, "risk": row.risk}
    return said | {"numbers": list(row.addresses), "groups": list(dict.fromkeys(row.groups))}


def _store(organisation: Organisation, good: list[tuple[int, Person]], by: Account | None, report: Report) -> None:
    fresh: list[Person] = []
    kept: list[tuple[Known, Person]] = []
    for (line, person), who in zip(good, known.known(organisation, [one for _line, one in good]), strict=True):
        if isinstance(who, Refused):
            report.refuse(line, who)
        elif who is None:
            fresh.append(person)
        else:
            kept.append((who, person))
    groups, _made = keep.groups(organisation, [*fresh, *(person for _who, person in kept)])
    changed = [(who, person, diff) for who, person in kept if (diff := known.changes(who, person, groups))]
    made = keep.add(organisation, fresh, groups)
    keep.change(organisation, changed, groups)
    report.added += len(fresh)
    report.updated += len(changed)
    counts = {"rows": len(good), "added": len(fresh), "updated": len(changed)}
    touched = [*(one["a"] for one in made), *(who.id for who, _person, _diff in changed)]
    note(organisation, by, "contacts.load", "", touched=touched, groups_touched=groups.values(), **counts)
