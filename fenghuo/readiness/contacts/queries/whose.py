"""Whose a number is: asked when a phone writes to us."""

from collections.abc import Collection

from fenghuo.ground.accounts.models import Organisation
from fenghuo.readiness.contacts.models import ContactNumber


def organisations_of(address: int) -> list[str]:
    """Ids of the organisations on this installation that keep a contact with this number."""
    # By organisation first: that is how the numbers are indexed.
    everywhere = Organisation.objects.values("pk")
    found = ContactNumber.objects.filter(organisation__in=everywhere, address=address)
    return list(found.values_list("organisation_id", flat=True))


def names_of(organisation: Organisation, addresses: Collection[int]) -> dict[int, str]:
    """The names of an organisation's contacts by their numbers; numbers it does not keep are left out."""
    found = ContactNumber.objects.filter(organisation=organisation, address__in=addresses)
    return dict(found.values_list("address", "contact__name"))
