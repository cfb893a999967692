"""What every write of contacts does besides itself: ask the right, raise the revision, write the journal."""

from typing import Any

from django.db.models import F

from fenghuo.ground.accounts import rules
from fenghuo.ground.accounts.models import Account, Organisation
from fenghuo.ground.journal import actions as journal
from fenghuo.readiness.contacts.models import Roster


def require_right(organisation: Organisation, by: Account | None) -> None:
    """An account needs the right to edit contacts; None is a command on the server itself."""
    if by is not None:
        rules.require(account=by, act="contacts_edit", organisation=organisation)


def note(organisation: Organisation, by: Account | None, act: str, subject: str, **detail: Any) -> None:
    """Raise the roster's revision and write the journal, inside the caller's transaction."""
    Roster.objects.get_or_create(organisation=organisation)
    Roster.objects.filter(organisation=organisation).update(revision=F("revision") + 1)
    journal.record(act=act, by=by.actor() if by else None, organisation=organisation.id, subject=subject, detail=detail)
