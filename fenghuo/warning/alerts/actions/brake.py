"""The hand brake on sending. A town stops its own; who stands above all others on this installation may stop everybody's."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from fenghuo.delivery.ledger import actions as ledger
from fenghuo.delivery.ledger.models import Order
from fenghuo.ground.accounts import actions as accounts
from fenghuo.ground.accounts import queries as people
from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.accounts.models import Account, Organisation, OrganisationProposal, StepUp
from fenghuo.ground.journal import actions as journal
from fenghuo.ground.refusal import Refused
from fenghuo.warning.alerts import queries
from fenghuo.warning.alerts.actions.kept import reasoned


def pause(*, by: Account, reason: str, everything: bool | None = None) -> Order:
    """Stop sending; anyone with the right may, and it takes a signer to go on.

    `everything`: everybody's on this installation, for who stands above all others; None: that where nobody else is here, else
    one's own organisation's.
    """
    rights.require(account=by, act="pause")
    organisation, reason = people.organisation_of(by), reasoned(reason)
    if everything is None:
        everything = Organisation.objects.count() == 1
    if everything and not people.above_all(organisation):
        raise Refused(
            "not_above_all",
            _("Only who stands above all organisations of this installation stops the sending of all."),
            field="everything",
            kind="forbidden",
        )
    now = queries.paused(organisation)
    if now is not None and (not now.organisation or not everything):
        raise Refused("already_paused", _("Sending is already paused."), kind="conflict")
    return _ordered("pause", by, organisation, "" if everything else organisation.pk, {"reason": reason})


def resume(*, by: Account, step_up: StepUp) -> Order:
    """Go on sending. `step_up` is bound to `queries.resume_digest(organisation)`."""
    rights.require(account=by, act="resume")
    organisation = people.organisation_of(by)
    now = queries.paused(organisation)
    if now is None:
        raise Refused("not_paused", _("Sending is not paused."), kind="conflict")
    if not now.organisation and not people.above_all(organisation):
        raise Refused(
            "paused_above",
            _("%(name)s stopped the sending of all organisations here; who is above all lets it go on."),
            kind="forbidden",
            params={"name": now.by.get("name", "")},
        )
    return _ordered("resume", by, organisation, now.organisation, {"factor": step_up.factor}, step_up)


def approve_organisation(*, proposal: OrganisationProposal, by: Account) -> Organisation:
    """Approve what was proposed about an organisation. One that closes stops sending in the same transaction."""
    with transaction.atomic():
        organisation = accounts.approve_organisation(proposal=proposal, by=by)
        if proposal.act == "close" and queries.paused(organisation) is None:
            _ordered("pause", by, organisation, organisation.pk, {"reason": proposal.why})
    return organisation


def _ordered(
    kind: str, by: Account, about: Organisation, whose: str, detail: dict[str, Any], step_up: StepUp | None = None
) -> Order:
    with transaction.atomic():
        if step_up is not None:
            accounts.consume_step_up(step_up=step_up, account=by, digest=queries.resume_digest(about))
        order = ledger.order(kind=kind, broadcast=None, organisation=whose, by=by.actor(), detail=detail)
        journal.record(
            act=f"alert.{kind}",
            by=by.actor(),
            organisation=about.pk,
            subject=f"order.{order.seq}",
            detail=detail | {"everybody": not whose},
        )
    return order
