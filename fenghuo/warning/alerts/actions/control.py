"""Deciding on recipients in doubt: of an alert and its correction, and of a text to one of our own people."""

from django.db import transaction

from fenghuo.delivery.ledger.models import Order
from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.accounts.models import Account
from fenghuo.ground.journal import actions as journal
from fenghuo.warning.alerts import rules
from fenghuo.warning.alerts.actions.kept import note
from fenghuo.warning.alerts.actions.settling import Chosen, settling
from fenghuo.warning.alerts.models import Alert, ServiceText


def settle(*, alert: Alert, recipients: Chosen, decision: str, people: int | None = None, by: Account) -> Order:
    """Decide on recipients in doubt: resend, give_up or accept. `recipients`: [[contact_id, address], …] or "all" of this alert.

    Those of its correction are decided on with it. `people`: how many the person was shown. Returns the first of the orders given.
    """
    rules.require(alert=alert, verb="settle", account=by)
    decided = settling(broadcast=alert.broadcast or "", recipients=recipients, decision=decision, people=people)
    with transaction.atomic():
        order = decided.order(by)
        note(alert, "settle", by, decision=decision, count=decided.count, all=decided.all)
    return order


def settle_text(*, text: ServiceText, decision: str, by: Account) -> Order:
    """Decide on a text to one of our own people of which nobody knows whether it was received."""
    rights.require(account=by, act="settle_in_doubt", organisation=text.organisation)
    decided = settling(broadcast=text.broadcast, recipients="all", decision=decision, people=1)
    with transaction.atomic():
        order = decided.order(by)
        journal.record(
            act="alert.settle_text", by=by.actor(), organisation=text.organisation_id, subject=text.alert_id or text.pk,
            detail={"decision": decision, "text": text.pk, "purpose": text.purpose, "person": text.person.name},
        )  # fmt: skip
    return order
