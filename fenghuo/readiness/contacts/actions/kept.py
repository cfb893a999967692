"""What every write of contacts does besides itself: ask the right, raise the revision, write the journal."""

from array import array
from collections.abc import Iterable
from typing import Any

from fenghuo.ground.accounts import rules
from fenghuo.ground.accounts.models import Account, Organisation
from fenghuo.ground.ids import new_id
from fenghuo.ground.journal import actions as journal
from fenghuo.readiness.contacts.following import MOST_TOUCHED
from fenghuo.readiness.contacts.models import Roster, RosterChange

KEPT_CHANGES = 200  # how far behind a process may be and still follow


def require_right(organisation: Organisation, by: Account | None) -> None:
    """An account needs the right to edit contacts; None is a command on the server itself."""
    if by is not None:
        rules.require(account=by, act="contacts_edit", organisation=organisation)


def note(
    organisation: Organisation,
    by: Account | None,
    act: str,
    subject: str,
    *,
    touched: Iterable[int] | None = None,
    groups_touched: Iterable[str] = (),
    **detail: Any,
) -> None:
    """Raise the roster's revision and write the journal, inside the caller's transaction.

    `touched` are all contacts this act added, changed or removed, `groups_touched` all groups whose name, rules or members it
    changed: processes follow exactly these. None reads everybody again, which is always right.
    """
    Roster.objects.get_or_create(organisation=organisation)
    roster = Roster.objects.select_for_update().get(organisation=organisation)
    before, roster.revision, roster.stamp = roster.stamp, roster.revision + 1, new_id()
    roster.save(update_fields=["revision", "stamp"])
    people = None if touched is None else array("q", touched)
    if people is not None and len(people) > MOST_TOUCHED:
        people = None
    RosterChange.objects.create(
        organisation=organisation,
        revision=roster.revision,
        before=before,
        people=None if people is None else people.tobytes(),
        groups=list(groups_touched),
    )
    RosterChange.objects.filter(organisation=organisation, revision__lte=roster.revision - KEPT_CHANGES).delete()
    journal.record(act=act, by=by.actor() if by else None, organisation=organisation.id, subject=subject, detail=detail)
