"""One person at a time."""

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop as _

from fenghuo.ground.accounts.models import Account, Organisation
from fenghuo.ground.areas import queries as areas
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import rules
from fenghuo.readiness.contacts.actions.kept import note, require_right
from fenghuo.readiness.contacts.models import Contact, ContactNumber


def add_contact(
    *,
    organisation: Organisation,
    name: str,
    area: str,
    position: str = "",
    tags: Iterable[str] = (),
    risk: int = 0,
    numbers: Iterable[str] = (),
    by: Account | None,
) -> Contact:
    """Keep a new person. `numbers` as typed. Raises Refused naming the wrong field."""
    require_right(organisation, by)
    contact = Contact(organisation=organisation)
    return _keep(contact, name, area, position, tags, risk, numbers, by, "contact.add")


def edit_contact(
    *,
    contact: Contact,
    name: str,
    area: str,
    position: str = "",
    tags: Iterable[str] = (),
    risk: int = 0,
    numbers: Iterable[str] = (),
    by: Account | None,
) -> Contact:
    """Replace everything known of a person, numbers included."""
    require_right(contact.organisation, by)
    return _keep(contact, name, area, position, tags, risk, numbers, by, "contact.edit")


def remove_contact(*, contact: Contact, by: Account | None) -> None:
    """Destroy a person's entry and numbers. What was sent to them stays proved in the ledger by number."""
    require_right(contact.organisation, by)
    with transaction.atomic():
        note(contact.organisation, by, "contact.remove", str(contact.id), touched=[contact.id])
        contact.delete()


def _keep(
    contact: Contact,
    name: str,
    area: str,
    position: str,
    tags: Iterable[str],
    risk: int,
    numbers: Iterable[str],
    by: Account | None,
    act: str,
) -> Contact:
    addresses = tuple(rules.normalise(one) for one in numbers)
    row = rules.checked(rules.Row(name, area, addresses, position, tuple(tags), risk))
    _known(area)
    contact.name, contact.area_id, contact.position, contact.risk = row.name, row.area, row.position, row.risk
    contact.tags = rules.tag_text(row.tags)
    try:
        with transaction.atomic():
            contact.save()
            ContactNumber.objects.filter(contact=contact).exclude(address__in=row.addresses).delete()
            kept = set(contact.numbers.values_list("address", flat=True))
            ContactNumber.objects.bulk_create(
                ContactNumber(contact=contact, organisation=contact.organisation, address=address)
                for address in row.addresses
                if address not in kept
            )
            note(contact.organisation, by, act, str(contact.id), touched=[contact.id], numbers=len(row.addresses))
    except IntegrityError as error:
        raise Refused(
            "number_taken", _("One of these numbers already belongs to somebody else."), field="phone", kind="conflict"
        ) from error
    return contact


def _known(area: str) -> None:
    try:
        areas.get([area])
    except Refused as refused:
        refused.field = "area"
        raise
