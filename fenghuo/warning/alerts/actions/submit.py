"""Freezing: what will be sent and to whom is fixed before anybody reviews it."""

from array import array
from typing import Any

from django.conf import settings
from django.db import transaction

from fenghuo.delivery.ledger import actions as ledger
from fenghuo.ground import clock
from fenghuo.ground.accounts.models import Account
from fenghuo.ground.disk import rules as disk
from fenghuo.ground.ids import new_id
from fenghuo.ground.refusal import Refused, RefusedMany, Said
from fenghuo.readiness.contacts import queries as contacts
from fenghuo.warning.alerts import queries, rules
from fenghuo.warning.alerts.actions.kept import UNFROZEN, move, moved_on, note, reasoned
from fenghuo.warning.alerts.models import Alert
from fenghuo.warning.alerts.queries.document import digest_of, document, lane
from fenghuo.wire.cap import CapError


def submit(*, alert: Alert, version: int, by: Account) -> Alert:
    """Hand a draft to review. Raises RefusedMany with everything that is wrong; the draft stays as it is."""
    rules.require(alert=alert, verb="submit", account=by)
    disk.require()
    if version != alert.version:
        raise moved_on(alert)
    return freeze(alert, by, "submit", alert.version)


def refreeze(*, alert: Alert, version: int, by: Account) -> Alert:
    """Take the audience again from the contacts as they are now. A new version with a new digest: it must be reviewed again."""
    rules.require(alert=alert, verb="refreeze", account=by)
    if version != alert.version:
        raise moved_on(alert)
    return freeze(alert, by, "refreeze", alert.version + 1)


def send_back(
    *, alert: Alert, version: int, reason: str, by: Account, factor: str = "", evidence: dict[str, Any] | None = None
) -> Alert:
    """Return an alert to its author with a reason; what was frozen is void. `factor` and `evidence`: a leader's refusal by SMS."""
    rules.require(alert=alert, verb="return", account=by)
    reason = reasoned(reason)
    if version != alert.version:
        raise moved_on(alert)
    with transaction.atomic():
        move(alert, "return", **UNFROZEN, version=alert.version + 1)
        alert.refresh_from_db()
        note(alert, "return", by, reason=reason, factor=factor, evidence=evidence)
    return alert


def withdraw(*, alert: Alert, version: int, by: Account) -> Alert:
    """The author takes back what others have not yet signed, unchanged; what was frozen is void."""
    rules.require(alert=alert, verb="withdraw", account=by)
    if version != alert.version:
        raise moved_on(alert)
    with transaction.atomic():
        move(alert, "withdraw", **UNFROZEN, version=alert.version + 1)
        alert.refresh_from_db()
        note(alert, "withdraw", by)
    return alert


def freeze(alert: Alert, by: Account, verb: str, version: int) -> Alert:
    """The audience goes into the ledger and is committed there first; only then does the alert name it (DESIGN §2).

    Whatever stops this half-way leaves an audience that no alert names; it is swept after a day.
    """
    began = Alert(**{field.attname: getattr(alert, field.attname) for field in Alert._meta.concrete_fields})
    began.version = version
    before = queries.predecessors(alert)
    content, broadcast, frozen_at = queries.content_of(alert), new_id(), clock.now().replace(microsecond=0)
    frozen_at = max(one for one in (frozen_at, queries.not_before(before)) if one)
    wrong = [one.refused() for one in queries.problems(content, alert.organisation, alert) if one.severity == "error"]
    if wrong or content.expires_at is None:
        raise RefusedMany(wrong)
    revision = contacts.revision(
        alert.organisation
    )  # before resolving: a change in between must be noticed at sign-off
    lifts = queries.told_of(alert) if alert.relation == "lift" else []
    told = {} if lifts else _living(alert)
    try:
        draft = document(began, content, broadcast=broadcast, audience=("", 0), frozen_at=frozen_at, before=before)
    except CapError as error:
        raise Refused("cap_invalid", "%(said)s", params={"said": Said(error.zh, error.en)}, kept="draft") from error
    frozen = ledger.freeze(
        broadcast=broadcast,
        mode=settings.FENGHUO.mode,
        lane=lane(content),
        text=draft["texts"]["sms"],
        correction=draft["correction"]["sms"],
        src_id=draft["src_id"],
        expires_at=content.expires_at,
        policy=draft["policy"],
        organisation=alert.organisation_id,
        lifts=lifts,
        **told,
    )
    signed = {**draft, "audience": {"sha256": frozen.audience_sha256, "count": frozen.count}}
    values: dict[str, Any] = {
        **UNFROZEN,
        "version": version,
        "broadcast": broadcast,
        "frozen": signed,
        "digest": digest_of(signed),
        "audience_sha256": frozen.audience_sha256,
        "audience_count": frozen.count,
        "roster_revision": revision,
    }
    with transaction.atomic():
        move(alert, verb, **values)
        alert.refresh_from_db()
        note(alert, verb, by, digest=alert.digest, count=frozen.count)
    return alert


def _living(alert: Alert) -> dict[str, "array[int]"]:
    """The audience as the contacts are now."""
    audience = contacts.resolve(organisation=alert.organisation, audience=alert.audience)
    return {"contact_ids": audience.contact_ids, "addresses": audience.addresses}
