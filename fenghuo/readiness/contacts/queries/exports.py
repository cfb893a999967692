"""Reading exports: the list of them, and one."""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext_noop as _

from fenghuo.ground import clock
from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import states
from fenghuo.readiness.contacts.models import ContactExport, GroupMember

FETCH_WITHIN = timedelta(minutes=15)


def exports(organisation: Organisation) -> QuerySet[ContactExport]:
    """Newest first."""
    found = ContactExport.objects.filter(organisation=organisation).order_by("-asked_at", "-id")
    return found.select_related("by__person", "second__person", "organisation")


def export(organisation: Organisation, id: str) -> ContactExport:
    """One export of this organisation. Raises Refused kind missing."""
    found = exports(organisation).filter(pk=id if id.isalnum() else "").first()
    if found is None:
        raise Refused("export_unknown", _("There is no such export."), kind="missing")
    return found


def put_into(contacts: Iterable[int]) -> dict[int, list[str]]:
    """Names of the groups into which somebody put these contacts; whom a rule selects, the rule finds again anywhere."""
    found: dict[int, list[str]] = {}
    members = GroupMember.objects.filter(contact__in=list(contacts)).order_by("group__name")
    for contact, name in members.values_list("contact_id", "group__name"):
        found.setdefault(contact, []).append(name)
    return found


def export_state(export: ContactExport) -> str:
    """Its state, or "expired" when it was agreed to and not fetched in time."""
    late = export.decided_at is not None and clock.now() - export.decided_at > FETCH_WITHIN
    return "expired" if export.state == states.AGREED and late else export.state
