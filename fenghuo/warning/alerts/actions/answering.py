"""What a reply does: a leader's 同意 approves, 不同意 returns, and whatever only looks like an answer is told why it is none."""

from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import F

from fenghuo.ground import clock
from fenghuo.ground.accounts.models import Account
from fenghuo.ground.journal import actions as journal
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import queries as contacts
from fenghuo.warning.alerts import rules
from fenghuo.warning.alerts.actions import service
from fenghuo.warning.alerts.actions.ask import called, is_code_of
from fenghuo.warning.alerts.actions.review import approve_by_sms
from fenghuo.warning.alerts.actions.submit import send_back
from fenghuo.warning.alerts.models import ApprovalRequest, Reply, ServiceText
from fenghuo.warning.alerts.rules import Answer

LOOK_BACK = timedelta(days=2)  # an answer to anything older is read by people only
MOST_WRONG = 5  # codes that are not the one; then the question is void, whoever guesses
MOST_ANSWERS, WITHIN = 3, timedelta(minutes=10)
OWED_FOR = timedelta(hours=1)  # an answer later than that helps nobody
NO_REASON = "短信回复不同意，未写理由"
log = structlog.get_logger(__name__)

# What the leader is told. No sentence holds what somebody else could use.
SAID = {
    "approved": "已登记您对{what}的批准。如不是您本人回复，请立即致电值班室。",
    "refused": "已登记您的意见，{what}已退回起草人。",
    "late": "您对{what}的回复已超过时限，未登记。请值班室重新请示或电话答复。",
    "changed": "{what}在请示之后已有改动，您的回复未登记。值班室会重新请示。",
    "answered": "{what}此前已答复，本次回复未登记。",
    "void": "对{what}的请示已作废，您的回复未登记。请以最近一次请示为准。",
    "wrong_code": "验证码不符，未登记。请按请示短信中的六位数字回复。",
    "several": "您有多项请示，请在“同意”之后写明六位数字，本次未登记。",
    "other_number": "收到来自其他号码、含您验证码的回复，未登记{what}。如是您本人，请用预留号码回复。",
    "not_possible": "{what}现已不能批准，您的回复未登记。",
    "unclear": "您的回复不能作为批准或不批准登记。请只回复“同意”或“不同意”加六位数字。",
}


def understand(reply: Reply) -> None:
    """Act on what a reply says, in the transaction that keeps it."""
    said = rules.answer(reply.text)
    if said.says == "nothing" or reply.number is None:
        return
    request, why = _meant(reply, said)
    if request is None:
        if why:
            _reject(reply, None, why)
        return
    why = why or _too_late(reply, request)
    if not why:
        why = _obey(reply, request, said)
    if why:
        _reject(reply, request, why)


def _meant(reply: Reply, said: Answer) -> tuple[ApprovalRequest | None, str]:
    """(the question that was answered, why not); neither where nobody asked this number anything."""
    recent = list(
        ApprovalRequest.objects.filter(at__gte=reply.at - LOOK_BACK)
        .select_related("alert__organisation__area", "alert__author_person", "leader")
        .order_by("-at")
    )
    own = [one for one in recent if one.address == reply.number]
    if said.code:
        for one in own:
            if is_code_of(one, said.code):
                return one, ""
        elsewhere = next((one for one in recent if one.answer == "" and is_code_of(one, said.code)), None)
        if elsewhere is not None:
            return elsewhere, "other_number"
        return (own[0], "wrong_code") if own else (None, "")
    if not own:
        return None, ""
    if said.says == "unclear":
        return own[0], "unclear"
    waiting = [one for one in own if one.answer == ""]
    if len(waiting) > 1:
        in_time = [one for one in waiting if one.expires_at >= reply.at]
        return (in_time[0], "") if len(in_time) == 1 else (waiting[0], "several")
    return (waiting or own)[0], ""


def _too_late(reply: Reply, request: ApprovalRequest) -> str:
    if request.answer == "void":
        return "void"
    if request.answer:
        return "answered"
    return "late" if reply.at > request.expires_at else ""


def _obey(reply: Reply, request: ApprovalRequest, said: Answer) -> str:
    """Record the approval or the refusal; why not, where the alert has moved on."""
    alert, leader = request.alert, Account.objects.filter(person=request.leader).first()
    if alert.digest != request.digest:
        return "changed"
    if leader is None:
        return "not_possible"
    leader.place = "sms"
    evidence = {
        "text": reply.text[:1000],
        "number": contacts.mask(request.address),
        "gateway": reply.gateway,
        "message": reply.message_id,
        "at": reply.at.isoformat(),
    }
    try:
        with transaction.atomic():
            if said.says == "yes":
                approve_by_sms(alert=alert, digest=request.digest, evidence=evidence, by=leader)
            else:
                reason = said.reason or NO_REASON
                send_back(alert=alert, version=alert.version, reason=reason, by=leader, factor="sms", evidence=evidence)
    except Refused:
        return "not_possible"
    outcome = "approved" if said.says == "yes" else "refused"
    ApprovalRequest.objects.filter(pk=request.pk).update(answer=outcome, answered_at=reply.at)
    reply.request, reply.outcome, reply.owes = request, outcome, True
    reply.save(update_fields=["request", "outcome", "owes"])
    return ""


def _reject(reply: Reply, request: ApprovalRequest | None, why: str) -> None:
    """Nothing was approved: kept with the reason, journalled, and told to the leader who was asked."""
    if why == "wrong_code" and reply.number is not None:
        _count_wrong(reply, reply.number)
    reply.request, reply.outcome, reply.why, reply.owes = request, "rejected", why, request is not None
    reply.save(update_fields=["request", "outcome", "why", "owes"])
    journal.record(
        act="alert.reply_rejected",
        by=None,
        organisation=request.alert.organisation_id if request else "",
        subject=request.alert_id if request else f"reply.{reply.pk}",
        detail={
            "reply": reply.pk,
            "why": why,
            "number": contacts.mask(reply.number or 0),
            "leader": request.leader_id if request else "",
            "gateway": reply.gateway,
            "message": reply.message_id,
            "at": reply.at.isoformat(),
        },
    )


def _count_wrong(reply: Reply, address: int) -> None:
    """Somebody who guesses codes has few tries: after them the questions of this number are void."""
    mine = ApprovalRequest.objects.filter(address=address, answer="")
    mine.update(wrong=F("wrong") + 1)
    mine.filter(wrong__gte=MOST_WRONG).update(answer="void", answered_at=reply.at)


def answer_replies() -> int:
    """Send the answers that replies still owe; returns how many. Rarely more than one a second, so one by one."""
    sent = 0
    owing = Reply.objects.filter(owes=True, request__isnull=False)
    for reply in owing.select_related("request__alert__organisation__area", "request__leader").order_by("id")[:50]:
        sent += _answer(reply)
    return sent


def _answer(reply: Reply) -> bool:
    request = reply.request
    assert request is not None
    now = clock.now()
    lately = ServiceText.objects.filter(address=request.address, purpose="answer", at__gt=now - WITHIN).count()
    if now - reply.at > OWED_FOR or (reply.why and lately >= MOST_ANSWERS):
        Reply.objects.filter(pk=reply.pk).update(owes=False)
        return False
    said = SAID[reply.why or reply.outcome]
    try:
        prepared = service.prepare(
            organisation=request.alert.organisation,
            address=request.address,
            words=lambda longest: said.format(what=called(request.alert, longest)),
            expires_at=now + OWED_FOR,
        )
    except Refused as refused:
        log.warning("reply_not_answered", reply=reply.pk, reason=refused.code)
        Reply.objects.filter(pk=reply.pk).update(owes=False)
        return False
    with transaction.atomic():
        if not Reply.objects.filter(pk=reply.pk, owes=True).update(owes=False):
            return False
        text = service.send(
            prepared=prepared,
            organisation=request.alert.organisation,
            alert=request.alert,
            person=request.leader,
            purpose="answer" if reply.why else "done",
            by=None,
        )
        journal.record(
            act="alert.reply_answered",
            by=None,
            organisation=request.alert.organisation_id,
            subject=request.alert_id,
            detail={"reply": reply.pk, "said": reply.why or reply.outcome, "service_text": text.id},
        )
    return True
