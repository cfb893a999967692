"""Sign-off (签发): state, release, order and journal in one transaction, or nothing at all (S1–S4)."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop as _

from fenghuo.delivery.ledger import actions as ledger
from fenghuo.delivery.ledger import queries as frozen
from fenghuo.ground import clock
from fenghuo.ground.accounts import actions as accounts
from fenghuo.ground.accounts import queries as organisations
from fenghuo.ground.accounts.models import Account, StepUp
from fenghuo.ground.disk import rules as disk
from fenghuo.ground.keyring import queries as keyring
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import queries as contacts
from fenghuo.warning.alerts import queries, rules
from fenghuo.warning.alerts.actions.follow import take_place
from fenghuo.warning.alerts.actions.kept import move, note
from fenghuo.warning.alerts.actions.publish import documents, documents_or_wait
from fenghuo.warning.alerts.actions.review import same_digest
from fenghuo.warning.alerts.models import Alert, Release, Step
from fenghuo.warning.alerts.queries.bulletin import filled, identifier_of
from fenghuo.warning.alerts.queries.document import digest_of
from fenghuo.warning.alerts.queries.national import agency_of
from fenghuo.warning.alerts.queries.verify import stored_document
from fenghuo.wire import cap


def sign(
    *,
    alert: Alert,
    digest: str,
    step_up: StepUp,
    people: int,
    by: Account,
    accept_difference: tuple[int, int] | None = None,
) -> Release:
    """Sign what was reviewed and so release it.

    `people` is the number the signer typed and must equal the frozen count. When contacts changed since the freeze this is refused
    with +a/−b; the signer either refreezes (back to review) or passes `accept_difference=(a, b)` as seen. `step_up` is consumed.
    """
    ready_to_sign(alert=alert, digest=digest, people=people, by=by, accept_difference=accept_difference)
    unaltered(alert)
    over = beyond_quota(alert)
    try:
        with transaction.atomic():
            move(alert, "sign", seen=digest, signer_person=by.person)
            accounts.consume_step_up(step_up=step_up, account=by, digest=digest)
            take_place(alert, by)
            release = released(alert, by, step_up.factor)
            ledger.order(kind="release", broadcast=alert.broadcast, by=by.actor(), detail={"release": release.id})
            note(
                alert, "sign", by, digest=digest, factor=step_up.factor, release=release.id,
                count=alert.audience_count, **over,
            )  # fmt: skip
    except IntegrityError as error:
        refused = _beaten(alert, by)
        if refused is None:
            raise
        raise refused from error
    alert.refresh_from_db()
    return release


def ready_to_sign(
    *, alert: Alert, digest: str, people: int, by: Account, accept_difference: tuple[int, int] | None = None
) -> None:
    """Refuse whatever `sign` would refuse apart from the second factor: asked first, so that no mistake costs a one-time code."""
    disk.require()
    rules.require(alert=alert, verb="sign", account=by)
    same_digest(alert, digest)
    not_expired(alert)
    same_number(alert, people)
    _same_contacts(alert, accept_difference)
    if (alert.frozen or {})["texts"]["cap"]:
        keyring.signer()  # a key that is not fit stops the sign-off before it costs a code


def not_expired(alert: Alert) -> None:
    """After its expiry nothing would be sent."""
    if alert.expires_at is None or alert.expires_at <= clock.now():
        raise Refused("expired", _("This has expired: nothing would be sent."), field="expires_at", kind="conflict")


def same_number(alert: Alert, people: int) -> None:
    """Whoever decides has counted the people."""
    if people != alert.audience_count:
        raise Refused(
            "people_differ",
            _("You typed %(typed)s, but %(count)s people will be told. Read the audience again."),
            field="people",
            params={"typed": people, "count": alert.audience_count},
        )


def unaltered(alert: Alert) -> None:
    """The texts and the audience as they lie in the ledger must still give the digest that was reviewed."""
    stored = stored_document(alert.frozen) if alert.frozen else None
    if stored is None or digest_of(stored) != alert.digest or digest_of(alert.frozen) != alert.digest:
        raise Refused(
            "stored_altered",
            _("What is stored is not what was reviewed. Do not sign; return it and call the auditor."),
            kind="unavailable",
        )


def _same_contacts(alert: Alert, accepted: tuple[int, int] | None) -> None:
    if contacts.revision(alert.organisation) == alert.roster_revision:
        return
    added, removed = queries.difference(alert)
    if (added or removed) and accepted != (added, removed):
        raise Refused(
            "contacts_changed",
            _(
                "The contacts changed since submission: +%(added)s/−%(removed)s numbers. Take the audience again, or accept this."
            ),
            field="accept_difference",
            kind="conflict",
            params={"added": added, "removed": removed},
        )


def beyond_quota(alert: Alert) -> dict[str, Any]:
    """For the journal: the accounts whose monthly quota this release exceeds. A quota is money; it never stops a release."""
    over = [
        {"account": one.account, "quota": one.quota, "used": one.used, "waiting": one.waiting, "needs": one.needs}
        for one in frozen.quota_shares(alert.broadcast or "")
        if one.exceeded
    ]
    return {"over_quota": over} if over else {}


def released(alert: Alert, by: Account, factor: str) -> Release:
    """The frozen snapshot that leaves, in the caller's transaction."""
    before = queries.predecessors(alert)
    at = max(one for one in (clock.now(), queries.not_before(before)) if one)
    # One sender code through a whole chain: its messages refer to each other by it.
    agency = (
        agency_of(before[0].snapshot) if before else organisations.profile_of(alert.organisation).warnings.agency.value
    )
    document: dict[str, Any] = alert.frozen or {}
    signed_cap: str = document["texts"]["cap"]
    broadcast: str = document["broadcast"]
    message = filled(signed_cap, sent=at) if signed_cap else b""
    if message and cap.validate(message):
        raise Refused(
            "cap_invalid", _("The CAP message is not valid any more; nothing was released."), kind="unavailable"
        )
    # An urgent release never waits for a key: its documents do.
    signed = documents_or_wait if alert.flow == "urgent" else documents
    return Release.objects.create(
        alert=alert,
        organisation=alert.organisation,
        kind="release",
        public=bool(message),
        at=at,
        expires_at=datetime.fromisoformat(document["expires_at"]),
        code=alert.code,
        broadcast=broadcast,
        digest=alert.digest,
        cap_identifier=identifier_of(signed_cap) if message else broadcast,
        **signed(message, area=alert.organisation.area_id, agency=agency, by=by.person.name),
        snapshot={**_snapshot(alert, by, factor, at), "agency": agency},
    )


def _snapshot(alert: Alert, by: Account, factor: str, at: datetime) -> dict[str, Any]:
    """Everything that pages, feeds and the operation log show, so that they need nothing else."""
    steps = Step.objects.filter(alert=alert).select_related("person").order_by("id")
    # The last of each verb counts; what an edit voided has been done again since.
    last = {step.verb: step for step in steps}
    approval = next((last[verb] for verb in ("approve", "record_approval") if _counts(last.get(verb), alert)), None)
    submitted = last.get("refreeze") if _counts(last.get("refreeze"), alert) else last.get("submit")
    reviewed = last.get("review")  # an urgent release is reviewed after it left
    document: dict[str, Any] = alert.frozen or {}
    return {
        "document": document,
        "flow": alert.flow,
        "whole_network": alert.whole_network,
        "digest": alert.digest,
        "code": alert.code,
        "organisation": alert.organisation.name,
        "headline": document["texts"]["web"]["headline"],
        "text": document["texts"]["sms"],
        "origin": alert.origin,
        "untold": queries.untold(alert),
        "factor": factor,
        "by": by.person.name,
        "persons": {
            "author": alert.author_person.name,
            "reviewer": reviewed.person.name if reviewed else "",
            "approver": approval.evidence["name"] if approval else "",
            "approval_how": approval.evidence["how"] if approval else "",
            "network_approver": alert.network_approver_person.name if alert.network_approver_person else "",
            "signer": by.person.name,
        },
        "times": {
            "submitted": submitted.at.isoformat() if submitted else "",
            "reviewed": reviewed.at.isoformat() if reviewed else "",
            "approved": approval.at.isoformat() if approval else "",
            "signed": at.isoformat(),
        },
    }


def _counts(step: Step | None, alert: Alert) -> bool:
    return step is not None and step.version == alert.version


def _beaten(alert: Alert, by: Account) -> Refused | None:
    """What a constraint of the database refused: somebody else signed, or the signer wrote this."""
    now = Alert.objects.select_related("signer_person").get(pk=alert.pk)
    return rules.may(alert=now, verb="sign", account=by)
