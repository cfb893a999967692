"""Hosted organisations (X2): the tier above proposes them, another person approves; so with a change of name, signature or profile.

What an organisation signed and froze under its old name or rules cannot be signed under the new ones: see alerts.rules.identity.
"""

from dataclasses import asdict
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop as _

from fenghuo.ground import clock
from fenghuo.ground.accounts import queries, rules
from fenghuo.ground.accounts.actions.notes import note
from fenghuo.ground.accounts.actions.organisations import Identity, create_organisation, identity
from fenghuo.ground.accounts.actions.people import open_or_refuse, shut
from fenghuo.ground.accounts.models import Account, Organisation, OrganisationProposal
from fenghuo.ground.areas import queries as areas
from fenghuo.ground.refusal import Refused


@transaction.atomic
def propose_organisation(
    *, area_code: str, name: str, profile: str, by: Account, signature: str | None = None, why: str = ""
) -> OrganisationProposal:
    """Propose that an area below one's own get a desk; a security administrator approves. `signature` None: a proposed one."""
    upper = queries.organisation_of(by)
    rules.require(account=by, act="organisations_propose")
    area = areas.get([area_code])[area_code]
    if area.code == upper.area_id or not areas.inside(area.code, upper.area_id):
        reason = _("The area %(area)s does not lie below %(organisation)s.")
        params = {"area": area.name, "organisation": upper.name}
        raise Refused("area_not_below", reason, field="area_code", params=params)
    own = identity(area_code=area.code, name=name, signature=signature, profile=profile)
    return _propose("add", by=by, area_code=area.code, own=own, why=why)


@transaction.atomic
def propose_change(
    *, organisation: Organisation, name: str, signature: str, profile: str, by: Account, why: str = ""
) -> OrganisationProposal:
    """Propose another name, signature or profile. Nothing changes until another person approves."""
    rules.require(account=by, act="profile_propose", organisation=organisation)
    open_or_refuse(organisation)
    before = Identity(organisation.name, organisation.signature, organisation.profile)
    own = identity(area_code=organisation.area_id, name=name, signature=signature, profile=profile, but=organisation)
    if own == before:
        raise Refused("unchanged", _("Nothing would change."), kind="conflict")
    return _propose("change", by=by, organisation=organisation, own=own, before=before, why=why)


@transaction.atomic
def propose_closing(*, organisation: Organisation, why: str, by: Account) -> OrganisationProposal:
    """Propose to close an organisation below: its accounts stop working and it sends nothing; what was kept stays."""
    _of_the_tier_above(organisation, by)
    open_or_refuse(organisation)
    if not why.strip():
        raise Refused("reason_missing", _("Give a reason; the journal keeps it."), field="why")
    return _propose("close", by=by, organisation=organisation, why=why)


@transaction.atomic
def propose_reopening(*, organisation: Organisation, by: Account, why: str = "") -> OrganisationProposal:
    """Propose to open a closed organisation again. Its people are enabled one by one; a signer resumes its sending."""
    _of_the_tier_above(organisation, by)
    if organisation.closed_at is None:
        raise Refused("not_closed", _("This organisation is not closed."), kind="conflict")
    return _propose("reopen", by=by, organisation=organisation, why=why)


@transaction.atomic
def approve_organisation(*, proposal: OrganisationProposal, by: Account) -> Organisation:
    """Another person agrees, and it takes effect now. Where a tier above is hosted here, it is that tier which approves."""
    _may_decide(proposal, by)
    if by.person_id == proposal.proposed_by_id:
        raise Refused("another_person", _("Another person must approve this."), kind="forbidden")
    _decide(proposal, "approved", by)
    try:
        with transaction.atomic():
            organisation = _take_effect(proposal, by)
    except IntegrityError as error:
        reason = _("Another organisation has taken this name or signature meanwhile.")
        raise Refused("identity_taken", reason, kind="conflict") from error
    told = {name: value for name, value in _said(proposal).items() if value}
    note(f"approve_organisation_{proposal.act}", by=by, organisation=organisation, proposal=proposal.pk, **told)
    return organisation


@transaction.atomic
def reject_organisation(*, proposal: OrganisationProposal, reason: str, by: Account) -> OrganisationProposal:
    """Another person does not agree, and says why. Whoever proposed may take it back the same way."""
    if by.person_id != proposal.proposed_by_id:
        _may_decide(proposal, by)
    if not reason.strip():
        raise Refused("reason_missing", _("Give a reason; the journal keeps it."), field="reason")
    withdrawn = by.person_id == proposal.proposed_by_id
    _decide(proposal, "withdrawn" if withdrawn else "rejected", by, reason.strip())
    verb = "withdraw" if withdrawn else "reject"
    about = proposal.organisation or proposal.upper
    note(f"{verb}_organisation_{proposal.act}", by=by, organisation=about, proposal=proposal.pk, reason=reason.strip())
    return proposal


def _of_the_tier_above(organisation: Organisation, by: Account) -> None:
    rules.require(account=by, act="organisations_propose", organisation=organisation)
    if organisation.pk == queries.organisation_of(by).pk:
        raise Refused("own_organisation", _("An organisation is closed by the tier above it."), kind="forbidden")


def _propose(
    act: str,
    *,
    by: Account,
    why: str,
    organisation: Organisation | None = None,
    area_code: str = "",
    own: Identity | None = None,
    before: Identity | None = None,
) -> OrganisationProposal:
    if organisation is not None:
        area_code = organisation.area_id
        own = own or Identity(organisation.name, organisation.signature, organisation.profile)
    assert own is not None
    try:
        with transaction.atomic():
            proposal = OrganisationProposal.objects.create(
                upper=queries.organisation_of(by),
                organisation=organisation,
                act=act,
                area_id=area_code,
                **asdict(own),
                before=asdict(before) if before else {},
                why=why.strip()[:200],
                proposed_by=by.person,
                proposed_at=clock.now(),
            )
    except IntegrityError as error:
        reason = _("This is already proposed and waits for approval.")
        raise Refused("already_proposed", reason, kind="conflict") from error
    about = organisation or proposal.upper
    note(f"propose_organisation_{act}", by=by, organisation=about, proposal=proposal.pk, **_said(proposal))
    return proposal


def _said(proposal: OrganisationProposal) -> dict[str, Any]:
    """What a proposal would make true, for the journal."""
    return {
        "area": proposal.area_id,
        "title": proposal.name,
        "signature": proposal.signature,
        "profile": proposal.profile,
        "before": proposal.before,
        "why": proposal.why,
    }


def _may_decide(proposal: OrganisationProposal, by: Account) -> None:
    refused = rules.may_decide(proposal=proposal, account=by)
    if refused is not None:
        raise refused


def _take_effect(proposal: OrganisationProposal, by: Account) -> Organisation:
    own = Identity(proposal.name, proposal.signature, proposal.profile)
    if proposal.act == "add":
        return create_organisation(area_code=proposal.area_id, by=by, **asdict(own))
    organisation = proposal.organisation
    assert organisation is not None  # a constraint of the table
    if proposal.act == "change":
        identity(area_code=organisation.area_id, **asdict(own), but=organisation)
        Organisation.objects.filter(pk=organisation.pk).update(**asdict(own))
    elif proposal.act == "close":
        Organisation.objects.filter(pk=organisation.pk).update(closed_at=clock.now())
        for account in Account.objects.filter(person__organisation=organisation, is_active=True):
            shut(account=account, by=by, reason=proposal.why)
    else:
        Organisation.objects.filter(pk=organisation.pk).update(closed_at=None)
    organisation.refresh_from_db()
    return organisation


def _decide(proposal: OrganisationProposal, decision: str, by: Account, reason: str = "") -> None:
    """The conditional update lets one decision win, whoever races."""
    open_ones = OrganisationProposal.objects.filter(pk=proposal.pk, decision="")
    if not open_ones.update(decision=decision, decided_by=by.person, decided_at=clock.now(), reason=reason[:200]):
        raise Refused("already_decided", _("This proposal has already been decided."), kind="conflict")
    proposal.refresh_from_db()
