"""What every act on an alert leaves behind: a step, a line in the journal, and a version that nobody else has moved meanwhile."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from fenghuo.ground import clock
from fenghuo.ground.accounts.models import Account
from fenghuo.ground.journal import actions as journal
from fenghuo.ground.refusal import Refused
from fenghuo.warning.alerts import states
from fenghuo.warning.alerts.models import Alert, Step
from fenghuo.warning.alerts.rules import STATES, VERBS, already_signed, local

# What `submit` froze; emptied by whatever voids it.
UNFROZEN: dict[str, Any] = {
    "broadcast": None,
    "frozen": None,
    "digest": "",
    "audience_sha256": "",
    "audience_count": 0,
    "roster_revision": 0,
    "reviewer_person": None,
    "signer_person": None,
    "network_approver_person": None,
}


def move(alert: Alert, verb: str, *, seen: str | None = None, **values: Any) -> None:
    """Walk the graph's edge in one conditional UPDATE; only from the version, and the digest, that the caller has seen.

    Call it first inside `atomic()`: of several people at once exactly one gets through, the others are told who was first.
    """
    edge = states.GRAPH.transition(verb)
    unmoved = Alert.objects.filter(pk=alert.pk, version=alert.version, state__in=edge.sources)
    if seen is not None:
        unmoved = unmoved.filter(digest=seen)
    if not unmoved.update(**{"state": edge.target, "updated_at": clock.now(), **values}):
        raise moved_on(alert)


def moved_on(alert: Alert) -> Refused:
    """Why a conditional UPDATE found nothing: somebody was faster."""
    now = Alert.objects.select_related("signer_person").get(pk=alert.pk)
    if now.state == states.SIGNED:
        return already_signed(now)
    last = now.steps.select_related("person").last()
    return Refused(
        "moved_on",
        _(
            "%(name)s changed this meanwhile (%(verb)s, %(at)s); it is now version %(version)s in the state “%(state)s”."
        ),
        kind="conflict",
        params={
            "name": last.person.name if last else "",
            "verb": VERBS[last.verb] if last else "",
            "at": local(last.at) if last else "",
            "version": now.version,
            "state": STATES[now.state],
        },
    )


def note(
    alert: Alert,
    verb: str,
    by: Account,
    *,
    digest: str = "",
    factor: str = "",
    reason: str = "",
    evidence: dict[str, Any] | None = None,
    **detail: Any,
) -> Step:
    """The step and its line in the journal, in the transaction of the act itself (L1)."""
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("an act and its record belong in one transaction")
    step = Step.objects.create(
        alert=alert, version=alert.version, verb=verb, by=by, person=by.person, at=clock.now(),
        digest=digest, factor=factor, reason=reason, evidence=evidence or {},
    )  # fmt: skip
    told = {"version": alert.version, "digest": digest, "factor": factor, "reason": reason, "evidence": evidence or {}}
    journal.record(**entry(alert, verb, by, **told, **detail))
    return step


def entry(alert: Alert, verb: str, by: Account, **detail: Any) -> dict[str, Any]:
    """What the journal keeps of an act on an alert; empty details are left out."""
    return {
        "act": f"alert.{verb}",
        "by": by.actor(),
        "organisation": alert.organisation_id,
        "subject": alert.id,
        "detail": {name: value for name, value in detail.items() if value not in ("", {}, None)},
    }


def reasoned(reason: str) -> str:
    """A reason that says something. Raises Refused when empty."""
    reason = reason.strip()
    if not reason:
        raise Refused("reason_missing", _("State the reason."), field="reason")
    if len(reason) > 1000:
        raise Refused(
            "too_long", _("Too long: at most %(longest)s characters."), field="reason", params={"longest": 1000}
        )
    return reason
