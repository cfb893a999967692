"""Choosing the duty group, two administrators together; and the monthly test, which the machine writes and sends."""

from datetime import datetime, time
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from fenghuo.delivery.ledger import actions as ledger
from fenghuo.ground import clock
from fenghuo.ground.accounts import queries as accounts
from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.accounts.models import Account
from fenghuo.ground.ids import new_id
from fenghuo.ground.journal import actions as journal
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import queries as contacts
from fenghuo.warning.alerts import actions as alerts_actions
from fenghuo.warning.alerts import rules as alerts
from fenghuo.warning.linktests import queries, rules
from fenghuo.warning.linktests.models import DutyGroup, SmsTest
from fenghuo.wire.text import TextError

LANE = 5  # with notices, behind every warning
POLICY = "patient"


def propose(*, group: str, by: Account) -> DutyGroup:
    """Propose a contact group as the duty group; nothing is sent before another administrator approves."""
    refused = rules.may_propose(account=by)
    if refused is not None:
        raise refused
    organisation = accounts.organisation_of(by)
    found = contacts.group(organisation, group)
    _people, numbers = contacts.count(organisation=organisation, audience=_audience(found.pk))
    _fit(numbers)
    try:
        with transaction.atomic():
            made = DutyGroup.objects.create(
                organisation=organisation,
                group=found.pk,
                group_name=found.name,
                proposed_by=by.person,
                proposed_at=clock.now(),
            )
            _note("linktests.propose", made, by, numbers=numbers)
    except IntegrityError as error:
        raise Refused(
            "already_proposed", _("A duty group is proposed already: decide on that first."), kind="conflict"
        ) from error
    return made


def decide(*, proposal: DutyGroup, approve: bool, by: Account) -> None:
    """Approve or reject what another administrator proposed. Who proposed may take it back, which is to reject it."""
    refused = rules.may_decide(account=by, proposal=proposal)
    taken_back = not approve and proposal.proposed_by_id == by.person_id
    if refused is not None and not taken_back:
        raise refused
    decision = "approved" if approve else "withdrawn" if taken_back else "rejected"
    with transaction.atomic():
        waiting = DutyGroup.objects.filter(pk=proposal.pk, decision="")
        if not waiting.update(decision=decision, decided_by=by.person, decided_at=clock.now()):
            raise Refused("decided", _("This was decided meanwhile."), kind="conflict")
        _note(f"linktests.{decision}", proposal, by)


def end(*, by: Account) -> None:
    """No monthly test any more, until a group is chosen again."""
    refused = rules.may_end(account=by)
    if refused is not None:
        raise refused
    if queries.chosen() is None:
        raise Refused("no_duty_group", _("No duty group is chosen."), kind="conflict")
    now = clock.now()
    with transaction.atomic():
        made = DutyGroup.objects.create(
            organisation=accounts.organisation_of(by),
            proposed_by=by.person,
            proposed_at=now,
            decision="approved",
            decided_by=by.person,
            decided_at=now,
        )
        _note("linktests.end", made, by)


def settle(
    *, test: SmsTest, recipients: alerts_actions.Chosen, decision: str, people: int | None = None, by: Account
) -> None:
    """Decide on those of a monthly test of whom nobody knows whether they received it: resend, give_up or accept."""
    rights.require(account=by, act="settle_in_doubt", organisation=test.organisation)
    decided = alerts_actions.settling(broadcast=test.broadcast, recipients=recipients, decision=decision, people=people)
    with transaction.atomic():
        decided.order(by)
        journal.record(
            act="linktests.settle", by=by.actor(), organisation=test.organisation_id, subject=test.pk,
            detail={"decision": decision, "count": decided.count, "all": decided.all, "month": test.month},
        )  # fmt: skip


def _note(act: str, about: DutyGroup, by: Account, **detail: int) -> None:
    told = {"group": about.group, "name": about.group_name, **detail}
    journal.record(act=act, by=by.actor(), organisation=about.organisation_id, subject=about.pk, detail=told)


def _audience(group: str) -> dict[str, list[str]]:
    return {"groups": [group], "areas": []}


def _fit(numbers: int) -> None:
    if not numbers:
        raise Refused("audience_empty", _("Nobody would be told: the audience is empty."), field="group")
    if numbers > rules.MOST:
        raise Refused(
            "duty_group_large",
            _(
                "A duty group has at most %(most)s numbers, this one has %(numbers)s: a test is not a way to reach the public."
            ),
            field="group",
            params={"most": rules.MOST, "numbers": numbers},
        )


def send_due() -> SmsTest | None:
    """Send the month's test if it is due and was not sent. What could not be sent is tried again the next day."""
    chosen = queries.chosen()
    if chosen is None or chosen.decided_at is None:
        return None
    config, here = settings.FENGHUO, timezone.localtime(clock.now())
    at = time.fromisoformat(config.sms_test_at)
    month = rules.due_month(here, day=config.sms_test_day, at=at)
    if month is None or rules.due_on(month, day=config.sms_test_day) < timezone.localtime(chosen.decided_at).date():
        return None
    before = SmsTest.objects.filter(organisation=chosen.organisation, month=month).first()
    if before is not None and (before.broadcast or timezone.localtime(before.at).date() == here.date()):
        return None
    try:
        return _send(chosen, month, here)
    except Refused as refused:
        return _could_not(chosen, month, refused)


def _send(chosen: DutyGroup, month: int, here: datetime) -> SmsTest | None:
    """Freeze first (the ledger is written by itself), then record, order and journal in one transaction."""
    organisation = chosen.organisation
    told = contacts.resolve(organisation=organisation, audience=_audience(chosen.group))
    _fit(len(told.addresses))
    frame = alerts.frame_of(organisation)
    try:
        text = frame.sms(rules.words(here))
    except TextError as error:
        reason = _("No SMS can be sent for this organisation: %(why)s")
        raise Refused("service_text", reason, params={"why": str(error)}, kind="unavailable") from error
    now = clock.now()
    frozen = ledger.freeze(
        broadcast=new_id(),
        mode=settings.FENGHUO.mode,
        lane=LANE,
        text=text,
        correction="",
        src_id=frame.profile.sms.src_id.value,
        expires_at=now + rules.VALID,
        policy=POLICY,
        contact_ids=told.contact_ids,
        addresses=told.addresses,
        organisation=organisation.pk,
    )
    values = {"broadcast": frozen.broadcast, "count": frozen.count, "text": text, "problem": ""}
    with transaction.atomic():
        test = _kept(chosen, month, **values)
        if test is None:
            return None  # another worker was faster; what was frozen here is swept
        ledger.order(kind="release", broadcast=frozen.broadcast, by={"system": True}, detail={"sms_test": test.pk})
        journal.record(
            act="linktests.sent", by=None, organisation=organisation.pk, subject=test.pk,
            detail={"month": month, "group": chosen.group_name, "count": frozen.count, "broadcast": frozen.broadcast},
        )  # fmt: skip
    return test


def _could_not(chosen: DutyGroup, month: int, refused: Refused) -> SmsTest | None:
    with transaction.atomic():
        test = _kept(chosen, month, broadcast="", count=0, text="", problem=refused.in_language("zh-hans")[:300])
        if test is not None:
            journal.record(
                act="linktests.not_sent", by=None, organisation=chosen.organisation_id, subject=test.pk,
                detail={"month": month, "group": chosen.group_name, "reason": refused.code},
            )  # fmt: skip
    return test


def _kept(chosen: DutyGroup, month: int, **values: Any) -> SmsTest | None:
    """The month's row, written by one worker: None where another has sent, or failed today."""
    known = {"organisation": chosen.organisation, "month": month}
    said = {"group_name": chosen.group_name, "at": clock.now(), **values}
    test, made = SmsTest.objects.select_for_update().get_or_create(**known, defaults=said)
    if made:
        return test
    today = timezone.localtime(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    if not SmsTest.objects.filter(pk=test.pk, broadcast="", at__lt=today).update(**said):
        return None
    test.refresh_from_db()
    return test
