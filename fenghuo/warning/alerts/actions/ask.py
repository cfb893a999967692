"""Asking a leader by SMS: one text with a code that is bound to this version and works once, from the leader's own number."""

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_noop as _

from fenghuo.ground import clock
from fenghuo.ground.accounts.models import Account, Person
from fenghuo.ground.ids import new_id
from fenghuo.ground.profile import queries as profiles
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import queries as contacts
from fenghuo.warning.alerts import rules, states
from fenghuo.warning.alerts.actions import service
from fenghuo.warning.alerts.actions.kept import moved_on, note
from fenghuo.warning.alerts.actions.review import same_digest
from fenghuo.warning.alerts.models import Alert, ApprovalRequest
from fenghuo.warning.alerts.queries.bulletin import KINDS
from fenghuo.wire.cap import levels

AGAIN_AFTER = timedelta(seconds=60)  # whoever presses twice asks once


def ask_approval(*, alert: Alert, digest: str, leader: Person, by: Account) -> ApprovalRequest:
    """Send the leader one SMS with what is to be approved and the code that answers it. An earlier open question is void."""
    rules.require(alert=alert, verb="ask_approval", account=by)
    same_digest(alert, digest)
    address = _may_be_asked(alert, leader)
    now = clock.now()
    until = now + timedelta(minutes=profiles.profile(alert.organisation.profile).flow.sms_reply_minutes.value)
    request = ApprovalRequest(
        id=new_id(),
        alert=alert,
        digest=digest,
        leader=leader,
        address=address,
        asked_by=by.person,
        at=now,
        expires_at=until,
    )
    code = f"{secrets.randbelow(10**rules.CODE_DIGITS):0{rules.CODE_DIGITS}d}"
    request.code_hash = hash_of(request, code)
    prepared = service.prepare(
        organisation=alert.organisation,
        address=address,
        words=lambda longest: _question(alert, code, until, longest),
        expires_at=until,
    )
    with transaction.atomic():
        _still_here(alert)
        alert.approval_requests.filter(leader=leader, answer="").update(answer="void", answered_at=now)
        request.text = service.send(
            prepared=prepared, organisation=alert.organisation, alert=alert, person=leader, purpose="ask", by=by
        )
        request.save(force_insert=True)
        asked = {"leader": leader.id, "name": leader.name, "number": contacts.mask(address), "until": until.isoformat()}
        note(alert, "ask_approval", by, digest=digest, evidence=asked)
    return request


def hash_of(request: ApprovalRequest, code: str) -> str:
    """How a code is kept: with the installation's own key, the question and the digest."""
    bound = f"{request.id}\0{request.digest}\0{code}"
    return salted_hmac("fenghuo.alerts.approval", bound, algorithm="sha256").hexdigest()


def is_code_of(request: ApprovalRequest, code: str) -> bool:
    """Whether this is the question's code."""
    return constant_time_compare(request.code_hash, hash_of(request, code))


def _may_be_asked(alert: Alert, leader: Person) -> int:
    """The number to ask. Raises Refused when this leader cannot be asked this way now."""
    profile = profiles.profile(alert.organisation.profile)
    ways = profile.flow.approval_ways
    if "sms" not in ways.value:
        reason = _("This government takes no approval by SMS (%(clause)s).")
        raise Refused("approval_way", reason, field="leader", params={"clause": profile.cited(ways)})
    if not rules.is_leader(leader, alert) or not Account.objects.filter(person=leader, is_active=True).exists():
        reason = _("%(name)s does not hold the leader's post.")
        raise Refused("not_a_leader", reason, field="leader", params={"name": leader.name})
    address = service.mobile(leader)
    if address is None:
        reason = _("%(name)s has no mobile number on file; ask by telephone and record the approval.")
        raise Refused("leader_without_mobile", reason, field="leader", params={"name": leader.name})
    just_now = alert.approval_requests.filter(leader=leader, answer="", at__gt=clock.now() - AGAIN_AFTER)
    if just_now.filter(digest=alert.digest).exists():
        reason = _("%(name)s was asked less than a minute ago.")
        raise Refused("asked_just_now", reason, field="leader", kind="conflict", params={"name": leader.name})
    return address


def _still_here(alert: Alert) -> None:
    """Nobody moved the alert while the text was prepared; from here on nobody can before we are done."""
    same = Alert.objects.filter(pk=alert.pk, version=alert.version, digest=alert.digest, state=states.REVIEWED)
    if not same.update(updated_at=clock.now()):
        raise moved_on(alert)


def _question(alert: Alert, code: str, until: datetime, longest: int) -> str:
    reviewer = alert.reviewer_person.name if alert.reviewer_person else ""
    hands = f"{service.plain(alert.author_person.name)}起草，{service.plain(reviewer)}审核。"
    answer = f"同意请回复“同意 {code}”，不同意请回复“不同意 {code} 理由”，{timezone.localtime(until):%H:%M}前有效。"
    return f"请审批{called(alert, longest)}，发给{alert.audience_count}人。{hands if longest else ''}{answer}"


def called(alert: Alert, longest: int) -> str:
    """An alert as a text message names it."""
    level = levels.Level(alert.level) if alert.level else None
    graded = f"{level.colour_zh}色" if level else ""
    return f"{graded}{KINDS[alert.kind]}《{service.plain(alert.headline)[:longest]}》"
