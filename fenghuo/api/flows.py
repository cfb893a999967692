"""The flows beside the general one: asking a leader by SMS, the whole network, urgent release; and what phones wrote back."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_noop as _
from ninja import Query, Router

from fenghuo.api import flow_schemas as schemas
from fenghuo.api import shapes
from fenghuo.api.alerts import alert_at, factor_missing, wrong_factor
from fenghuo.api.auth import caller, home
from fenghuo.api.once import Key, once
from fenghuo.api.schemas import AlertOut, VersionIn
from fenghuo.ground.accounts import actions as accounts
from fenghuo.ground.accounts import queries as people
from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.refusal import Refused, RefusedMany
from fenghuo.readiness.contacts import queries as contacts
from fenghuo.warning.alerts import actions, queries
from fenghuo.warning.alerts.models import Alert

router = Router(tags=["alerts"])
desk = Router(tags=["desk"])
Page: Any = Query(1, ge=1, le=1_000_000)
Size: Any = Query(50, ge=1, le=500)


def _shown(request: HttpRequest, alert: Alert) -> AlertOut:
    return shapes.whole(queries.alert(home(request), alert.id), caller(request))


@router.post("/urgent", response=schemas.UrgentOut, operation_id="urgent", summary="紧急发布 Urgent release")
@once()
def urgent(request: HttpRequest, body: schemas.UrgentIn, key: str = Key) -> schemas.UrgentOut:
    """Fill an approved life-safety template and, with a second factor, release it at once.

    Without `totp` or `code` it is only prepared: read `sms`, `audience_count` and `digest`, then call `release-urgent`.
    """
    account = caller(request)
    alert = actions.prepare_urgent(template=body.template, blanks=body.blanks, areas=body.areas, by=account)
    if body.totp or body.code:
        count = alert.audience_count if body.people is None else body.people
        _release(request, alert, alert.digest, count, body)
    return _urgent(request, alert)


@router.post(
    "/{id}/release-urgent",
    response=schemas.UrgentOut,
    operation_id="release_urgent",
    summary="紧急发布 Release what was prepared",
)
@once()
def release_urgent(request: HttpRequest, id: str, body: schemas.ReleaseUrgentIn, key: str = Key) -> schemas.UrgentOut:
    """What this signer prepared leaves now."""
    alert = alert_at(request, id)
    _release(request, alert, body.digest, body.people, body)
    return _urgent(request, alert)


def _release(
    request: HttpRequest, alert: Alert, digest: str, count: int, body: schemas.UrgentIn | schemas.ReleaseUrgentIn
) -> None:
    account = caller(request)
    asked: dict[str, Any] = {"alert": alert, "digest": digest, "people": count, "by": account}
    try:
        actions.ready_to_release(**asked)
    except Refused as refused:
        wrong = wrong_factor(account, body.totp, body.code) if refused.code == "people_differ" else None
        raise RefusedMany([refused, wrong]) if wrong else refused from refused
    if not (body.totp or body.code):
        raise factor_missing()
    step_up = accounts.step_up(account=account, digest=digest, totp=body.totp, code=body.code, place="api")
    actions.release_urgent(step_up=step_up, **asked)


@router.post(
    "/{id}/confirm", response=schemas.UrgentOut, operation_id="confirm", summary="核实 Confirm an urgent release"
)
@once()
def confirm(request: HttpRequest, id: str, body: schemas.ConfirmIn, key: str = Key) -> schemas.UrgentOut:
    """A second person has spoken with the signer: it is meant."""
    alert = alert_at(request, id)
    actions.confirm(alert=alert, digest=body.digest, remark=body.note, by=caller(request))
    return _urgent(request, alert)


@router.post(
    "/{id}/review-urgent", response=schemas.UrgentOut, operation_id="review_urgent", summary="复核 Review it afterwards"
)
@once()
def review_urgent(request: HttpRequest, id: str, body: schemas.ReviewUrgentIn, key: str = Key) -> schemas.UrgentOut:
    """Another person says in writing whether it was right; that closes it."""
    alert = alert_at(request, id)
    actions.review_urgent(alert=alert, digest=body.digest, reason=body.reason, by=caller(request))
    return _urgent(request, alert)


def _urgent(request: HttpRequest, alert: Alert) -> schemas.UrgentOut:
    found = queries.urgent_now(alert, caller(request))
    whole = _shown(request, alert).model_dump()
    return schemas.UrgentOut(**whole, urgent=schemas.clock_of(found) if found else None)


@router.post(
    "/{id}/ask-approval", response=AlertOut, operation_id="ask_approval", summary="短信请示 Ask a leader by SMS"
)
@once()
def ask_approval(request: HttpRequest, id: str, body: schemas.AskIn, key: str = Key) -> AlertOut:
    """The leader gets one SMS with what it is about and a code, and answers 同意 or 不同意 from the same number."""
    alert = alert_at(request, id)
    leaders = [one for one in people.holders(home(request), "leader") if one.username == body.leader]
    if not leaders:
        raise Refused("leader_unknown", _("No leader here has this user name."), field="leader")
    actions.ask_approval(alert=alert, digest=body.digest, leader=leaders[0].person, by=caller(request))
    return _shown(request, alert)


@router.post(
    "/{id}/approve-network", response=AlertOut, operation_id="approve_network", summary="全网批准 Approve for everyone"
)
@once()
def approve_network(request: HttpRequest, id: str, body: schemas.NetworkIn, key: str = Key) -> AlertOut:
    """The second approval that telling the whole network takes, with the number of people counted again."""
    alert = alert_at(request, id)
    actions.approve_network(alert=alert, digest=body.digest, people=body.people, by=caller(request))
    return _shown(request, alert)


@router.post("/{id}/withdraw", response=AlertOut, operation_id="withdraw", summary="取回 Take it back")
@once()
def withdraw(request: HttpRequest, id: str, body: VersionIn, key: str = Key) -> AlertOut:
    """The author takes back what is not yet signed, unchanged."""
    alert = alert_at(request, id)
    actions.withdraw(alert=alert, version=body.version, by=caller(request))
    return _shown(request, alert)


@desk.get("/replies", response=schemas.ReplyList, operation_id="replies", summary="来信 What phones wrote back")
def replies(request: HttpRequest, page: int = Page, size: int = Size) -> schemas.ReplyList:
    """Newest first, numbers masked; `outcome` says what became of a leader's answer."""
    rights.require(account=caller(request), act="replies_read")
    found = queries.replies(home(request), page=page, size=size)
    items = [schemas.reply_of(one, contacts.mask(one.reply.number or 0)) for one in found.rows]
    return schemas.ReplyList(total=found.total, page=page, size=size, items=items)
