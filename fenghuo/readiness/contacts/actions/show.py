"""Showing one person's full number to somebody who needs it now. Everywhere else numbers are masked (fault X19)."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext_noop as _

from fenghuo.ground import clock
from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.accounts.models import Account
from fenghuo.ground.journal import actions as journal
from fenghuo.ground.journal.models import JournalEntry
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import queries, rules
from fenghuo.readiness.contacts.models import Contact

SAMPLE = 20  # numbers that a signer may look at in a day, to see for themselves that the list is right
DAY = timedelta(days=1)


def may_show(*, contact: Contact, by: Account) -> Refused | None:
    """None when the account may see this person's number, else why not."""
    refused = rights.may(account=by, act="contacts_view", organisation=contact.organisation)
    if refused is not None:
        return refused
    right = rights.right_of(account=by, act="contacts_view")
    if right == "own_village" and queries.village_of(contact.organisation, by.person.phone) != contact.area_id:
        return Refused("other_village", _("You may see the numbers of your own village only."), kind="forbidden")
    if right == "sample" and _shown_today(by) >= SAMPLE:
        reason, params = _("A signer may look at %(most)s numbers in a day."), {"most": SAMPLE}
        return Refused("sample_used", reason, kind="forbidden", params=params)
    return None


def _shown_today(by: Account) -> int:
    since = clock.now() - DAY
    mine = JournalEntry.objects.filter(act="contact.show", organisation=by.person.organisation_id, at__gt=since)
    return mine.filter(actor__person=by.person_id).count()


def show_numbers(*, contact: Contact, reason: str, by: Account) -> list[str]:
    """The person's numbers and landlines in full, with the reason in the journal; the number itself is not."""
    refused = may_show(contact=contact, by=by)
    if refused is not None:
        raise refused
    reason = rules.words("reason", reason, longest=200, required=True)
    if any(len(part) >= 7 and part.isdigit() for part in reason.replace("-", "").split()):
        raise Refused(
            "reason_number", _("Do not write a number into the reason; the journal keeps it for ever."), field="reason"
        )
    with transaction.atomic():
        journal.record(
            act="contact.show", by=by.actor(), organisation=contact.organisation_id, subject=str(contact.pk),
            detail={"reason": reason},
        )  # fmt: skip
    numbers = [str(one) for one in contact.numbers.order_by("id").values_list("address", flat=True)]
    return numbers + [one for one in contact.landlines.split(";") if one]
