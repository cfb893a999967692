"""The main job for machines: draft → submit → review → approve → sign, recall and settle, and how far it has come."""

import re
from typing import Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext_noop as _
from ninja import Query, Router

from fenghuo.api import schemas, shapes
from fenghuo.api.auth import caller, home
from fenghuo.api.once import Key, once
from fenghuo.delivery.ledger import queries as ledger
from fenghuo.ground.accounts import actions as accounts
from fenghuo.ground.accounts import queries as people
from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.accounts.models import Account
from fenghuo.ground.refusal import Refused, RefusedMany
from fenghuo.warning.alerts import actions, queries, rules
from fenghuo.warning.alerts.models import Alert

router = Router(tags=["alerts"])

ULID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")
Page: Any = Query(1, ge=1, le=1_000_000)
Size: Any = Query(50, ge=1, le=500)
State = Literal["unsent", "intended", "accepted", "delivered", "failed", "in_doubt", "stopped", "expired"]


def alert_at(request: HttpRequest, id: str) -> Alert:
    """The caller's organisation's alert; any other is missing like one that never was (fault X7)."""
    if not ULID.fullmatch(id):
        raise Refused("alert_unknown", _("There is no such alert."), kind="missing")
    return queries.alert(home(request), id)


def _shown(request: HttpRequest, id: str) -> schemas.AlertOut:
    return shapes.whole(queries.alert(home(request), id), caller(request))


def _readable(request: HttpRequest) -> None:
    rights.require(account=caller(request), act="alerts_read")


@router.post("", response=schemas.AlertOut, operation_id="draft", summary="录入 Draft an alert")
@once(together=True)
def draft(request: HttpRequest, content: schemas.ContentIn, key: str = Key) -> schemas.AlertOut:
    """A draft may be incomplete: `problems` says what keeps it from being submitted.

    `template` and `blanks` fill what is left out.
    """
    alert = actions.draft(content=rules.filled(content.plain(), home(request)), by=caller(request))
    return shapes.whole(alert, caller(request))


@router.get("", response=schemas.AlertList, operation_id="list", summary="列表 Alerts, newest first")
def listing(
    request: HttpRequest,
    state: Literal["draft", "submitted", "reviewed", "approved", "signed"] | None = None,
    text: str = Query("", max_length=100, pattern=schemas.TEXT),
    live: bool | None = None,
    page: int = Page,
    size: int = Size,
) -> schemas.AlertList:
    """`text` searches headline and body; `live`: those in force that can be updated or lifted, or the others."""
    _readable(request)
    found = queries.listing(home(request), state=state, text=text, live=live, page=page, size=size)
    items = [shapes.brief(one, one.fate) for one in found.rows]
    return schemas.AlertList(total=found.total, page=page, size=size, items=items)


@router.get("/{id}", response=schemas.AlertOut, operation_id="read", summary="查看 One alert")
def read(request: HttpRequest, id: str) -> schemas.AlertOut:
    """With its texts as they will be sent, and for each verb why the asker may not."""
    alert = alert_at(request, id)
    _readable(request)
    return shapes.whole(alert, caller(request))


@router.put("/{id}", response=schemas.AlertOut, operation_id="edit", summary="修改 Edit a draft")
def edit(request: HttpRequest, id: str, body: schemas.EditIn) -> schemas.AlertOut:
    """Replaces the content. Another edit in between is a conflict, with both texts under `details.difference`."""
    content = rules.filled(body.content.plain(), home(request))
    actions.edit(alert=alert_at(request, id), version=body.version, content=content, by=caller(request))
    return _shown(request, id)


@router.post("/{id}/submit", response=schemas.AlertOut, operation_id="submit", summary="提交 Submit to review")
@once()
def submit(request: HttpRequest, id: str, body: schemas.VersionIn, key: str = Key) -> schemas.AlertOut:
    """Freezes the audience and every text; from here on the digest says what is meant."""
    actions.submit(alert=alert_at(request, id), version=body.version, by=caller(request))
    return _shown(request, id)


@router.post("/{id}/return", response=schemas.AlertOut, operation_id="return", summary="退回 Return with a reason")
@once()
def send_back(request: HttpRequest, id: str, body: schemas.ReturnIn, key: str = Key) -> schemas.AlertOut:
    """Back to a draft; review, approval and signature must be asked for again."""
    actions.send_back(alert=alert_at(request, id), version=body.version, reason=body.reason, by=caller(request))
    return _shown(request, id)


@router.post(
    "/{id}/refreeze", response=schemas.AlertOut, operation_id="refreeze", summary="重新冻结 Take the audience again"
)
@once()
def refreeze(request: HttpRequest, id: str, body: schemas.VersionIn, key: str = Key) -> schemas.AlertOut:
    """After the contacts changed: the audience is taken again and the alert goes back to review."""
    actions.refreeze(alert=alert_at(request, id), version=body.version, by=caller(request))
    return _shown(request, id)


@router.post("/{id}/review", response=schemas.AlertOut, operation_id="review", summary="审核 Review")
@once()
def review(request: HttpRequest, id: str, body: schemas.DigestIn, key: str = Key) -> schemas.AlertOut:
    """Confirms what was frozen."""
    actions.review(alert=alert_at(request, id), digest=body.digest, by=caller(request))
    return _shown(request, id)


@router.post("/{id}/approve", response=schemas.AlertOut, operation_id="approve", summary="批准 Approve")
@once()
def approve(request: HttpRequest, id: str, body: schemas.DigestIn, key: str = Key) -> schemas.AlertOut:
    """The leader's consent, where the jurisdiction profile asks for it."""
    actions.approve(alert=alert_at(request, id), digest=body.digest, by=caller(request))
    return _shown(request, id)


@router.post(
    "/{id}/record-approval", response=schemas.AlertOut, operation_id="record_approval", summary="登记批准 Record it"
)
@once()
def record_approval(request: HttpRequest, id: str, body: schemas.ApprovalIn, key: str = Key) -> schemas.AlertOut:
    """A leader's consent by telephone or on paper, with its evidence."""
    alert = alert_at(request, id)
    leaders = [one for one in people.holders(home(request), "leader") if one.username == body.leader]
    if not leaders:
        reason = _("No leader here has this user name.")
        raise Refused("leader_unknown", reason, field="leader", kind="invalid")
    evidence = {"note": body.note, "at": body.at}
    leader = leaders[0].person
    actions.record_approval(
        alert=alert, digest=body.digest, how=body.how, leader=leader, evidence=evidence, by=caller(request)
    )
    return _shown(request, id)


@router.post("/{id}/sign", response=schemas.AlertOut, operation_id="sign", summary="签发 Sign and so release")
@once()
def sign(request: HttpRequest, id: str, body: schemas.SignIn, key: str = Key) -> schemas.AlertOut:
    """Needs a fresh second factor, bound to the digest and used up by this call."""
    alert, account = alert_at(request, id), caller(request)
    accepted = (body.accept_difference[0], body.accept_difference[1]) if body.accept_difference else None
    count = alert.audience_count if body.people is None else body.people
    asked: dict[str, Any] = {"alert": alert, "digest": body.digest, "people": count, "by": account}
    asked["accept_difference"] = accepted
    # Whatever else is wrong is told before a one-time code is used up; with a wrong number also whether the code is wrong.
    try:
        actions.ready_to_sign(**asked)
    except Refused as refused:
        wrong = wrong_factor(account, body.totp, body.code) if refused.code == "people_differ" else None
        raise RefusedMany([refused, wrong]) if wrong else refused from refused
    if not (body.totp or body.code):
        raise factor_missing()
    step_up = accounts.step_up(account=account, digest=body.digest, totp=body.totp, code=body.code, place="api")
    actions.sign(step_up=step_up, **asked)
    return _shown(request, id)


def wrong_factor(account: Account, totp: str, code: str) -> Refused | None:
    """What is wrong with a second factor, without spending it."""
    if not (totp or code):
        return factor_missing()
    refused = accounts.examine_code(account=account, totp=totp, code=code, place="api")
    if refused is not None:
        refused.field = "totp" if totp else "code"
    return refused


def factor_missing() -> Refused:
    """Signing without a second factor."""
    reason = _("Signing takes a fresh second factor: send totp, or one printed code.")
    return Refused("factor_missing", reason, field="totp")


@router.post("/{id}/recall", response=schemas.AlertOut, operation_id="recall", summary="撤回 Recall")
@once()
def recall(request: HttpRequest, id: str, body: schemas.RecallIn, key: str = Key) -> schemas.AlertOut:
    """Stops what has not left; with `correct`, the prepared correction goes to whoever was reached."""
    alert, second = alert_at(request, id), _second(request, body.confirmed_by)
    actions.recall(alert=alert, reason=body.reason, correct=body.correct, by=caller(request), confirmed_by=second)
    return _shown(request, id)


@router.post("/{id}/correct", response=schemas.AlertOut, operation_id="correct", summary="更正 Correct")
@once()
def correct(request: HttpRequest, id: str, body: schemas.CorrectIn, key: str = Key) -> schemas.AlertOut:
    """Sends the prepared correction of an alert that was recalled without it."""
    alert, second = alert_at(request, id), _second(request, body.confirmed_by)
    actions.correct(alert=alert, reason=body.reason, by=caller(request), confirmed_by=second)
    return _shown(request, id)


@router.post(
    "/{id}/follow-up", response=schemas.AlertOut, operation_id="follow_up", summary="后续 Update, raise, lower, lift"
)
@once()
def follow_up(request: HttpRequest, id: str, body: schemas.FollowUpIn, key: str = Key) -> schemas.AlertOut:
    """更新 升级 降级 解除: a new draft, filled in from the alert in force and referring to it. It is then submitted like any other;
    with its signature what had not left of the older alert is stopped. A lift goes to whoever was told, and to nobody else."""
    draft = actions.follow_up(alert=alert_at(request, id), relation=body.relation, by=caller(request))
    return _shown(request, draft.id)


def _second(request: HttpRequest, username: str | None) -> Account | None:
    """The person whose agreement by telephone the duty officer reports; whether their post suffices, the rights say."""
    if username is None:
        return None
    found = [one for one in people.accounts_of(home(request)) if one.username == username and one.is_active]
    if not found:
        raise Refused("second_unknown", _("Nobody here has this user name."), field="confirmed_by")
    return found[0]


@router.get("/{id}/progress", response=schemas.AlertProgress, operation_id="progress", summary="进度 Progress")
def progress(request: HttpRequest, id: str) -> schemas.AlertProgress:
    """How many recipients are in each state, now."""
    alert = alert_at(request, id)
    _readable(request)
    broadcast = alert.broadcast or ""
    correction = ledger.correction_of(broadcast) or ""
    found = ledger.progress([one for one in (broadcast, correction) if one])
    released = alert.state == "signed"
    if correction and not found[correction].count and found[broadcast].reached:
        del found[correction]  # ordered, but whom it goes to is not written yet: no zeros that look like an end
    return schemas.AlertProgress(
        released=released,
        release=shapes.progress(broadcast, found) if released else None,
        correction=shapes.progress(correction, found),
    )


@router.get("/{id}/recipients", response=schemas.RecipientList, operation_id="recipients", summary="接收人 Recipients")
def recipients(
    request: HttpRequest,
    id: str,
    state: State | None = None,
    correction: bool = False,
    page: int = Page,
    size: int = Size,
) -> schemas.RecipientList:
    """Of the release, or of its correction; of one state or all; numbers masked."""
    alert = alert_at(request, id)
    _readable(request)
    broadcast = alert.broadcast or ""
    found = ledger.recipients(
        (ledger.correction_of(broadcast) or "") if correction else broadcast, state=state, page=page, size=size
    )
    return schemas.RecipientList(total=found.total, page=page, size=size, items=shapes.recipients(found.rows))


@router.get("/{id}/in-doubt", response=schemas.DoubtList, operation_id="in_doubt", summary="存疑 In doubt")
def in_doubt(request: HttpRequest, id: str, limit: int = Query(100, ge=1, le=1000)) -> schemas.DoubtList:
    """Who may or may not have received it, and what comes next."""
    alert = alert_at(request, id)
    _readable(request)
    both = _broadcasts(alert)
    total, _moved_at = ledger.count_in_doubt(both)
    return schemas.DoubtList(total=total, items=shapes.doubts(ledger.in_doubt(broadcasts=both, limit=limit)))


@router.post("/{id}/settle", response=schemas.AlertOut, operation_id="settle", summary="核实 Decide on those in doubt")
@once()
def settle(request: HttpRequest, id: str, body: schemas.SettleIn, key: str = Key) -> schemas.AlertOut:
    """Send again, count as sent (accept), or give up."""
    alert, wanted = alert_at(request, id), body.recipients
    chosen: list[list[int]] | Literal["all"] = "all"
    if wanted != "all":
        chosen = ledger.in_doubt_of(_broadcasts(alert), wanted)
        if set(wanted) - {contact for contact, _address in chosen}:
            raise Refused(
                "not_in_doubt", _("Not all of these people are in doubt."), field="recipients", kind="conflict"
            )
    people = body.people if wanted == "all" else None
    actions.settle(alert=alert, recipients=chosen, decision=body.decision, people=people, by=caller(request))
    return _shown(request, id)


def _broadcasts(alert: Alert) -> list[str]:
    broadcast = alert.broadcast or ""
    return [one for one in (broadcast, ledger.correction_of(broadcast)) if one]
