"""Deciding: propose, approve, adopt, retire. Whoever approves has not written; approving retires what was in use."""

from django.db import transaction

from fenghuo.ground import clock
from fenghuo.ground.accounts import queries as accounts
from fenghuo.ground.accounts.models import Account
from fenghuo.warning.templates import rules, states
from fenghuo.warning.templates.actions.kept import move, note, reasoned, written
from fenghuo.warning.templates.actions.write import own_of
from fenghuo.warning.templates.models import Template, TemplateVersion
from fenghuo.warning.templates.rules import Wording


def propose(*, version: TemplateVersion, by: Account) -> TemplateVersion:
    """Ask for approval."""
    rules.require(version=version, verb="propose", account=by)
    with transaction.atomic():
        move(version, "propose")
        note(version, "propose", by)
    return version


def approve(*, version: TemplateVersion, by: Account) -> TemplateVersion:
    """Put a proposed version into use; the one in use until now is retired."""
    rules.require(version=version, verb="approve", account=by)
    with transaction.atomic():
        _retire_current(version.template)
        move(version, "approve", approver_person=by.person, decided_at=clock.now())
        note(version, "approve", by)
    return version


def adopt(*, version: TemplateVersion, by: Account) -> TemplateVersion:
    """Take a shipped version over as the organisation's own, word for word, on this person's responsibility."""
    rules.require(version=version, verb="adopt", account=by)
    words = Wording.model_construct(
        **{one: getattr(version, one) for one in (*TemplateVersion.WORDS, "hours", "reason")}
    )
    with transaction.atomic():
        template = own_of(version.template, by)
        _retire_current(template)
        taken = {"state": states.APPROVED, "approver_person": by.person, "decided_at": clock.now()}
        own = written(template, words, by=None, based_on=version, **taken)
        note(own, "adopt", by, accounts.organisation_of(by).pk, based_on=version.pk)
    return own


def retire(*, version: TemplateVersion, reason: str, by: Account) -> TemplateVersion:
    """Take a version out of use, or decline or withdraw a proposal; the reason is kept with it."""
    rules.require(version=version, verb="retire", account=by)
    reason = reasoned(reason)
    with transaction.atomic():
        move(version, "retire", end_reason=reason, decided_at=clock.now())
        note(version, "retire", by, reason=reason)
    return version


def _retire_current(template: Template) -> None:
    template.versions.filter(state=states.APPROVED).update(state=states.RETIRED, decided_at=clock.now())
