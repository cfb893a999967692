"""After release: recall and correction, both already worded, checked and signed with the alert (W8)."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from fenghuo.delivery.ledger import actions as ledger
from fenghuo.ground import clock
from fenghuo.ground.accounts.models import Account
from fenghuo.ground.profile import queries as profiles
from fenghuo.warning.alerts import rules
from fenghuo.warning.alerts.actions.follow import hold, stand_again
from fenghuo.warning.alerts.actions.kept import note, reasoned
from fenghuo.warning.alerts.actions.publish import documents_or_wait
from fenghuo.warning.alerts.models import Alert, Release
from fenghuo.warning.alerts.queries.bulletin import filled, identifier_of
from fenghuo.warning.alerts.queries.national import agency_of

PARTS = {"recall": "recall", "correct": "correction"}


def recall(*, alert: Alert, reason: str, correct: bool, by: Account, confirmed_by: Account | None = None) -> Release:
    """Stop what has not left; with `correct` also send the prepared correction to everyone already reached, ahead of all else.

    `confirmed_by`: the second person where the right asks for one (the duty officer, by telephone). Returns the recall.
    """
    rules.require(alert=alert, verb="recall", account=by, second=confirmed_by)
    if correct:
        _may_correct(alert, by, confirmed_by)
    reason = reasoned(reason)
    try:
        with transaction.atomic():
            hold(alert)
            release = _after(alert, "recall", reason, by, confirmed_by)
            if correct:
                _after(alert, "correct", reason, by, confirmed_by)
            stand_again(alert)
    except IntegrityError as error:
        refused = rules.may(alert=alert, verb="recall", account=by, second=confirmed_by)
        if refused is None:
            raise
        raise refused from error
    return release


def correct(*, alert: Alert, reason: str, by: Account, confirmed_by: Account | None = None) -> Release:
    """Send the prepared correction of an alert that was recalled without it."""
    rules.require(alert=alert, verb="correct", account=by, second=confirmed_by)
    reason = reasoned(reason)
    try:
        with transaction.atomic():
            return _after(alert, "correct", reason, by, confirmed_by)
    except IntegrityError as error:
        refused = rules.may(alert=alert, verb="correct", account=by, second=confirmed_by)
        if refused is None:
            raise
        raise refused from error


def _may_correct(alert: Alert, by: Account, confirmed_by: Account | None) -> None:
    refused = rules.may(alert=alert, verb="correct", account=by, second=confirmed_by)
    if refused is not None and refused.code != "recall_first":  # the recall comes in the same transaction
        raise refused


def _after(alert: Alert, kind: str, reason: str, by: Account, confirmed_by: Account | None) -> Release:
    """The release row, the order, the step and the journal of a recall or a correction, in the caller's transaction."""
    first = Release.objects.get(alert=alert, kind="release")
    at = max(clock.now(), first.at + timedelta(seconds=1))  # CAP knows whole seconds, and a reference must be older
    document: dict[str, Any] = first.snapshot["document"]
    part: dict[str, str] = document[PARTS[kind]]
    until = _until(alert, first, at) if kind == "correct" else first.expires_at
    message = filled(part["cap"], sent=at, alert_sent=first.at) if first.public else b""
    release = Release.objects.create(
        alert=alert,
        organisation=alert.organisation,
        kind=kind,
        public=first.public,
        at=at,
        expires_at=until,
        code=first.code,
        broadcast=first.broadcast,
        digest=first.digest,
        cap_identifier=identifier_of(part["cap"]) if first.public else f"{first.broadcast}.{kind}",
        **documents_or_wait(
            message,
            area=alert.organisation.area_id,
            agency=agency_of(first.snapshot),
            by=by.person.name,
            about=first,
        ),
        snapshot={
            **first.snapshot,
            "text": part.get("sms", ""),
            "headline": part["headline"] if kind == "correct" else part["web"],
            "web": part["web"],
            "reason": reason,
            "by": by.person.name,
            "confirmed_by": confirmed_by.person.name if confirmed_by else "",
            "at": at.isoformat(),
        },
    )
    detail = {"release": release.id, **({"expires_at": until.isoformat()} if kind == "correct" else {})}
    ledger.order(kind=kind, broadcast=first.broadcast, by=by.actor(), detail=detail)
    second = {"confirmed_by": confirmed_by.person_id, "name": confirmed_by.person.name} if confirmed_by else {}
    note(alert, kind, by, digest=first.digest, reason=reason, evidence=second, release=release.id)
    return release


def _until(alert: Alert, first: Release, at: datetime) -> datetime:
    """Until when a correction is still worth sending: a late one is better than none, so never less than its full time from now."""
    stands = timedelta(hours=profiles.profile(alert.organisation.profile).deadlines.correction_hours.value)
    return max(first.expires_at, at) + stands
