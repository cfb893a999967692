"""The steps between draft and sign-off. Each is bound to the digest that the person has read."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop as _

from fenghuo.ground import clock
from fenghuo.ground.accounts.models import Account, Person
from fenghuo.ground.profile import queries as profiles
from fenghuo.ground.refusal import Refused
from fenghuo.warning.alerts import rules
from fenghuo.warning.alerts.actions.kept import move, note
from fenghuo.warning.alerts.models import Alert

ASKED_BEFORE = timedelta(days=1)  # a leader who is called first may agree before anybody types
RECORDED = ("phone", "paper")  # the other ways record themselves: a page, or a reply that the gateway delivered


def review(*, alert: Alert, digest: str, by: Account) -> Alert:
    """Pass an alert on as reviewed; never by somebody who wrote in it."""
    rules.require(alert=alert, verb="review", account=by)
    same_digest(alert, digest)
    try:
        with transaction.atomic():
            move(alert, "review", seen=digest, reviewer_person=by.person)
            note(alert, "review", by, digest=digest)
    except IntegrityError as error:
        rules.require(alert=Alert.objects.get(pk=alert.pk), verb="review", account=by)
        raise Refused("own_draft", _("You wrote in this; another person must review it."), kind="forbidden") from error
    alert.refresh_from_db()
    return alert


def approve(*, alert: Alert, digest: str, by: Account) -> Alert:
    """A leader's approval, given in the system."""
    rules.require(alert=alert, verb="approve", account=by)
    same_digest(alert, digest)
    with transaction.atomic():
        move(alert, "approve", seen=digest)
        note(
            alert,
            "approve",
            by,
            digest=digest,
            evidence={"leader": by.person_id, "name": by.person.name, "how": "system"},
        )
    alert.refresh_from_db()
    return alert


def record_approval(
    *, alert: Alert, digest: str, how: str, leader: Person, evidence: dict[str, Any], by: Account
) -> Alert:
    """Record a leader's approval by telephone or on paper; `evidence`: {"note": what was said or filed, "at": datetime}."""
    rules.require(alert=alert, verb="record_approval", account=by)
    same_digest(alert, digest)
    ways = profiles.profile(alert.organisation.profile).flow.approval_ways.value
    if how not in RECORDED or how not in ways:
        raise Refused(
            "approval_way", _("An approval is not recorded this way: %(how)s."), field="how", params={"how": how}
        )
    if not rules.is_leader(leader, alert):
        raise Refused(
            "not_a_leader", _("%(name)s does not hold the leader's post."), field="leader", params={"name": leader.name}
        )
    told, at = str(evidence.get("note", "")).strip(), evidence.get("at")
    if not told:
        raise Refused(
            "evidence_missing",
            _("State what proves the approval: who called when, or where the paper is."),
            field="note",
        )
    if not isinstance(at, datetime) or at.tzinfo is None or at > clock.now():
        raise Refused("evidence_time", _("State when the approval was given; it cannot lie in the future."), field="at")
    if at < alert.created_at - ASKED_BEFORE:
        reason = _("That was more than a day before anything of this was written; it cannot be the approval of this.")
        raise Refused("evidence_time", reason, field="at")
    kept = {"leader": leader.id, "name": leader.name, "how": how, "note": told[:1000], "at": at.isoformat()}
    with transaction.atomic():
        move(alert, "approve", seen=digest)
        note(alert, "record_approval", by, digest=digest, evidence=kept)
    alert.refresh_from_db()
    return alert


def approve_by_sms(*, alert: Alert, digest: str, evidence: dict[str, Any], by: Account) -> Alert:
    """A leader's 同意 as the gateway delivered it; `evidence` holds the text verbatim and where it came from."""
    rules.require(alert=alert, verb="approve", account=by)
    same_digest(alert, digest)
    kept = {"leader": by.person_id, "name": by.person.name, "how": "sms", **evidence}
    with transaction.atomic():
        move(alert, "approve", seen=digest)
        note(alert, "approve", by, digest=digest, factor="sms", evidence=kept)
    alert.refresh_from_db()
    return alert


def same_digest(alert: Alert, digest: str) -> None:
    """What the person saw must be what the alert holds now."""
    if not digest or digest != alert.digest:
        raise Refused(
            "digest_changed",
            _("This is no longer the text you read (version %(version)s); read it again."),
            field="digest",
            kind="conflict",
            params={"version": alert.version, "digest": alert.digest},
        )
