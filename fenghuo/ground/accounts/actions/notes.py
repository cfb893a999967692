"""How this room writes to the journal: who did what to whose account."""

from typing import Any

from fenghuo.ground.accounts.models import Account, Organisation, Person
from fenghuo.ground.journal import actions as journal


def note(
    act: str, *, by: Account | None, about: Account | Person | None = None, organisation: Organisation, **detail: Any
) -> None:
    """One entry. `by` None is the system; `about` is whose account is meant, when it is not the actor's own."""
    person = about.person if isinstance(about, Account) else about
    if person is not None:
        detail |= {"person": person.pk, "name": person.name}
    journal.record(
        act=f"accounts.{act}",
        by=by.actor() if by else None,
        organisation=organisation.pk,
        subject=person.pk if person else organisation.pk,
        detail=detail,
    )
