"""Urgent release (紧急发布): one signer, an approved life-safety text whose words nobody can change, a second factor; others after.

FAULTS §4, break-glass. Its limits raise an alarm and never block: whoever sees the water come does not wait for a number.
"""

from datetime import datetime, timedelta

import structlog
from django.db import OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from fenghuo.delivery.ledger import actions as ledger
from fenghuo.ground import clock
from fenghuo.ground.accounts import actions as accounts
from fenghuo.ground.accounts import queries as offices
from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.accounts.models import Account, Organisation, StepUp
from fenghuo.ground.disk import rules as disk
from fenghuo.ground.refusal import Refused, RefusedMany
from fenghuo.warning.alerts import queries, rules
from fenghuo.warning.alerts.actions.draft import begin
from fenghuo.warning.alerts.actions.kept import move, note, reasoned
from fenghuo.warning.alerts.actions.review import same_digest
from fenghuo.warning.alerts.actions.sign import beyond_quota, not_expired, released, same_number, unaltered
from fenghuo.warning.alerts.actions.submit import freeze
from fenghuo.warning.alerts.actions.watch import mark, tell_leaders
from fenghuo.warning.alerts.models import Alert, Release, Urgent
from fenghuo.warning.alerts.rules import Audience, Content
from fenghuo.warning.templates import queries as templates
from fenghuo.warning.templates import rules as fitness

PREPARED_FOR = timedelta(minutes=15)  # contacts and times move on; after that it is prepared anew
LONGEST_NOTE = 500
log = structlog.get_logger(__name__)


def prepare_urgent(*, template: str, blanks: dict[str, str], areas: list[str], by: Account) -> Alert:
    """Fill an approved life-safety template and freeze it for whoever is in `areas`. Nothing leaves before `release_urgent`.

    Raises RefusedMany with everything that is wrong; nothing is kept then.
    """
    rights.require(account=by, act="release_urgent")
    organisation = offices.organisation_of(by)
    version = templates.version(organisation, template)
    _fit(version.pk, organisation)
    typed = Content(
        kind="warning",
        template=version.pk,
        blanks=blanks,
        areas=areas,
        audience=Audience(areas=areas),
        issuer=organisation.name,
    )
    content = rules.filled(typed, organisation)
    _complete(content, organisation)
    with transaction.atomic():
        alert = begin(content, by, flow="urgent")
        note(alert, "draft", by, kind=alert.kind, flow="urgent")
    return freeze(alert, by, "submit", alert.version)


def ready_to_release(*, alert: Alert, digest: str, people: int, by: Account) -> None:
    """Refuse whatever `release_urgent` would refuse apart from the second factor."""
    disk.require(urgent=True)
    rules.require(alert=alert, verb="release_urgent", account=by)
    same_digest(alert, digest)
    not_expired(alert)
    if clock.now() - alert.updated_at > PREPARED_FOR:
        reason = _("This was prepared more than %(minutes)s minutes ago; prepare it anew.")
        minutes = int(PREPARED_FOR.total_seconds()) // 60
        raise Refused("prepared_long_ago", reason, kind="conflict", params={"minutes": minutes})
    _fit(alert.template_id or "", alert.organisation)
    same_number(alert, people)


def release_urgent(*, alert: Alert, digest: str, people: int, step_up: StepUp, by: Account) -> Release:
    """Sign and send at once what this signer prepared. `step_up` is bound to the digest and consumed."""
    ready_to_release(alert=alert, digest=digest, people=people, by=by)
    unaltered(alert)
    rule, now, over = rules.profile_of(alert).urgent, clock.now(), beyond_quota(alert)
    with transaction.atomic():
        move(alert, "release_urgent", seen=digest, signer_person=by.person)
        accounts.consume_step_up(step_up=step_up, account=by, digest=digest)
        release = released(alert, by, step_up.factor)
        ledger.order(kind="release", broadcast=alert.broadcast, by=by.actor(), detail={"release": release.id})
        urgent = Urgent.objects.create(
            alert=alert,
            organisation=alert.organisation,
            signer_person=by.person,
            at=now,
            confirm_by=now + timedelta(minutes=rule.confirm_minutes.value),
            review_by=now + timedelta(hours=rule.review_hours.value),
            limits=_passed(alert, by, now),
        )
        told = {"release": release.id, "count": alert.audience_count, "limits": urgent.limits, **over}
        note(alert, "release_urgent", by, digest=digest, factor=step_up.factor, **told)
        if urgent.limits:
            mark(urgent, "urgent_limit", {"limits": urgent.limits, "signer": by.person_id})
    alert.refresh_from_db()
    try:
        tell_leaders(urgent)
    except OperationalError as busy:  # released all the same: the worker's next tick tells them
        log.warning("leaders_told_later", alert=alert.id, reason=str(busy))
    return release


def confirm(*, alert: Alert, digest: str, remark: str = "", by: Account) -> Urgent:
    """A second person has spoken with the signer: the release is meant. Late is still better than never, and shown as late."""
    rules.require(alert=alert, verb="confirm", account=by)
    same_digest(alert, digest)
    said, now = remark.strip()[:LONGEST_NOTE], clock.now()
    with transaction.atomic():
        urgent = _first(alert, by, "confirm", confirmed_at=now, confirmed_person=by.person)
        note(alert, "confirm", by, digest=digest, evidence={"note": said, "late": now > urgent.confirm_by})
    return urgent


def review_urgent(*, alert: Alert, digest: str, reason: str, by: Account) -> Urgent:
    """Another person has looked at everything afterwards and says in writing whether it was right: that closes it."""
    rules.require(alert=alert, verb="review_urgent", account=by)
    same_digest(alert, digest)
    reason, now = reasoned(reason), clock.now()
    with transaction.atomic():
        urgent = _first(alert, by, "review_urgent", reviewed_at=now, reviewed_person=by.person)
        note(alert, "review_urgent", by, digest=digest, reason=reason, evidence={"late": now > urgent.review_by})
    return urgent


def _fit(version: str, organisation: Organisation) -> None:
    found = templates.version(organisation, version)
    refused = fitness.fit_for_urgent(version=found, organisation=organisation)
    if refused is not None:
        raise refused
    profile = offices.profile_of(organisation)
    levels = profile.urgent.levels
    if found.template.level not in levels.value:
        reason = _("This government releases nothing of this level urgently (%(clause)s).")
        raise Refused("urgent_level", reason, field="template", params={"clause": profile.cited(levels)})


def _complete(content: Content, organisation: Organisation) -> None:
    empty = dict.fromkeys(name for names in rules.unfilled(content).values() for name in names)
    reason = _("Fill in: %(name)s.")
    wrong = [Refused("blank_missing", reason, field=f"blanks.{name}", params={"name": name}) for name in empty]
    imagined = Alert(organisation=organisation, flow="urgent", kind=content.kind)
    found = () if wrong else queries.problems(content, organisation, imagined)
    wrong += [one.refused() for one in found if one.severity == "error"]
    if wrong:
        raise RefusedMany(wrong)


def _passed(alert: Alert, by: Account, now: datetime) -> list[str]:
    """Which limits this release passes: "person" (the same signer just did one), "month" (too many of the organisation)."""
    rule = rules.profile_of(alert).urgent
    lately = now - timedelta(minutes=rule.once_in_minutes.value)
    month = timezone.localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    earlier = Urgent.objects.filter(organisation=alert.organisation, at__gte=month).count()
    limits = {
        "person": Urgent.objects.filter(signer_person=by.person, at__gt=lately).exists(),
        "month": earlier >= rule.most_in_a_month.value,
    }
    return [name for name, passed in limits.items() if passed]


def _first(alert: Alert, by: Account, verb: str, **values: object) -> Urgent:
    """Of several people at once one is recorded; the others are told who was first."""
    unset = dict.fromkeys(values)
    if not Urgent.objects.filter(alert=alert, **unset).update(**values):
        rules.require(alert=alert, verb=verb, account=by)
    return Urgent.objects.get(alert=alert)
