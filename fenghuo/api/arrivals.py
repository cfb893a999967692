"""Warnings from above for machines: hand one in as CAP, national XML or words; take note, report, relay, put aside."""

import re
from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_noop as _
from ninja import Query, Router, Schema
from ninja.errors import HttpError
from pydantic import Field, ValidationError, field_validator

from fenghuo.api import schemas, shapes
from fenghuo.api.auth import caller, home
from fenghuo.api.middleware import XML_TYPES
from fenghuo.api.once import Key, once
from fenghuo.api.parser import StrictJson
from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.refusal import CHINESE, ENGLISH, Refused, RefusedMany, refusals
from fenghuo.warning.alerts import queries as alerts
from fenghuo.warning.relay import actions, queries
from fenghuo.warning.relay.models import Arrival

router = Router(tags=["arrivals"])
ULID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")
Page: Any = Query(1, ge=1, le=1_000_000)
Size: Any = Query(50, ge=1, le=500)


class ArrivalIn(schemas.Given):
    """A warning in words, or a document as text. `issuer` is required for words; `issued_at` ISO 8601 with a zone."""

    how: Literal["cap", "national", "paste", "phone", "fax"]
    text: str = Field(min_length=1, max_length=200_000)
    headline: str = Field("", max_length=120, pattern=schemas.TEXT)
    issuer: str = Field("", max_length=100, pattern=schemas.TEXT)
    reference: str = Field("", max_length=200, pattern=schemas.TEXT)
    issued_at: datetime | None = None

    @field_validator("text", "headline", "issuer", "reference")
    @classmethod
    def _storable(cls, value: str) -> str:
        if "\x00" in value or any("\ud800" <= one <= "\udfff" for one in value):
            raise ValueError("it contains something that is not text")
        return value

    _zoned = field_validator("issued_at", mode="before")(schemas._zoned)
    _parsed = field_validator("issued_at", mode="wrap")(schemas._parsed)


class ReportIn(schemas.Given):
    """Whom the arrival was reported to, and how: by telephone, in person …"""

    to: str = Field(min_length=1, max_length=100, pattern=schemas.TEXT)
    how: str = Field(min_length=1, max_length=100, pattern=schemas.TEXT)


class AsideIn(schemas.Given):
    """Put aside, with the reason."""

    reason: schemas.Reason


class RefusalOut(Schema):
    """Why it may not be relayed."""

    code: str
    reason_zh: str
    reason_en: str


class ArrivalOut(Schema):
    """One arrival: what it says, what was judged, what was done. `verdict` is of its signature, "" where there can be none."""

    id: str
    how: Literal["cap", "national", "paste", "phone", "fax"]
    source: str
    sha256: str
    sender: str
    identifier: str
    sent: datetime | None
    status: str
    msg_type: str
    headline: str
    text: str
    issuer: str
    level: int | None
    event: str
    areas: list[str]
    expires_at: datetime | None
    verdict: str
    signer: str
    refusal: RefusalOut | None
    silent: bool
    answers: str | None
    received_at: datetime
    seconds: int
    seen_at: datetime | None
    seen_by: str | None
    reported_at: datetime | None
    reported_to: str | None
    reported_how: str | None
    handled_at: datetime | None
    handled_by: str | None
    alert: str | None
    dismissed: str


class ArrivalList(Schema):
    """A page of arrivals."""

    total: int
    page: int
    size: int
    items: list[ArrivalOut]


BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": ArrivalIn.model_json_schema()},
            **{one: {"schema": {"type": "string", "format": "binary"}} for one in XML_TYPES},
        },
    }
}


def arrival_at(request: HttpRequest, id: str) -> Arrival:
    """The caller's organisation's arrival; any other is missing like one that never was."""
    if not ULID.fullmatch(id):
        raise Refused("arrival_unknown", _("There is no such arrival."), kind="missing")
    rights.require(account=caller(request), act="alerts_read")
    return queries.arrival(home(request), id)


@router.post(
    "", response=ArrivalOut, operation_id="receive", summary="来件 Hand in a warning from above", openapi_extra=BODY
)
@once()
def receive(request: HttpRequest, key: str = Key) -> ArrivalOut:
    """A CAP or national XML document as the body, or JSON with `how` and `text`. What may not be relayed is kept and refused (422)
    with the reason; the same message again gives the arrival that is there."""
    account = caller(request)
    if request.content_type in XML_TYPES:
        arrival = actions.receive(raw=request.body, source="api", by=account)
    else:
        given = _given(request)
        if given.how in ("cap", "national"):
            arrival = actions.receive(raw=given.text.encode(), source="api", by=account)
        else:
            arrival = actions.take_down(**given.model_dump(), source="api", by=account)
    refused = queries.refusal_of(arrival)
    if refused is not None:
        refused.params["arrival"] = arrival.id
        raise refused
    return shown(queries.arrival(home(request), arrival.id))


def _given(request: HttpRequest) -> ArrivalIn:
    try:
        return ArrivalIn.model_validate(StrictJson().parse_body(request))
    except ValidationError as error:
        raise RefusedMany(refusals(error)) from error
    except (ValueError, RecursionError) as error:
        raise HttpError(400, "body") from error


@router.get("", response=ArrivalList, operation_id="arrivals", summary="来件列表 Arrivals, newest first")
def listing(request: HttpRequest, page: int = Page, size: int = Size) -> ArrivalList:
    """With those that were refused, and why."""
    rights.require(account=caller(request), act="alerts_read")
    found = queries.listing(home(request), page=page, size=size)
    return ArrivalList(total=found.total, page=page, size=size, items=[shown(one) for one in found.rows])


@router.get("/{id}", response=ArrivalOut, operation_id="arrival", summary="查看来件 One arrival")
def read(request: HttpRequest, id: str) -> ArrivalOut:
    """What it says and what became of it."""
    return shown(arrival_at(request, id))


@router.get("/{id}/raw", operation_id="arrival_raw", summary="原文 Its bytes as they came")
def raw(request: HttpRequest, id: str) -> HttpResponse:
    """Byte for byte; empty where it was a secret and nothing was kept."""
    return HttpResponse(bytes(arrival_at(request, id).raw), content_type="application/octet-stream")


@router.post("/{id}/see", response=ArrivalOut, operation_id="see", summary="知悉 Take note: the alarm ends")
@once()
def see(request: HttpRequest, id: str, key: str = Key) -> ArrivalOut:
    """Whoever was first stays written down."""
    return shown(actions.see(arrival=arrival_at(request, id), by=caller(request)))


@router.post("/{id}/report", response=ArrivalOut, operation_id="report", summary="报告领导 The leader was told")
@once()
def report(request: HttpRequest, id: str, body: ReportIn, key: str = Key) -> ArrivalOut:
    """Recorded with the time."""
    return shown(actions.report(arrival=arrival_at(request, id), to=body.to, how=body.how, by=caller(request)))


@router.post(
    "/{id}/forward", response=schemas.AlertOut, operation_id="forward", summary="转发 Relay: a draft, filled in"
)
@once()
def forward(request: HttpRequest, id: str, key: str = Key) -> schemas.AlertOut:
    """The draft alert with origin and wording kept; it then goes through submit, review, approve and sign like any other."""
    alert = actions.forward(arrival=arrival_at(request, id), by=caller(request))
    return shapes.whole(alerts.alert(home(request), alert.id), caller(request))


@router.post("/{id}/dismiss", response=ArrivalOut, operation_id="dismiss", summary="不予转发 Put aside with a reason")
@once()
def dismiss(request: HttpRequest, id: str, body: AsideIn, key: str = Key) -> ArrivalOut:
    """Nothing is relayed."""
    return shown(actions.dismiss(arrival=arrival_at(request, id), reason=body.reason, by=caller(request)))


def shown(one: Arrival) -> ArrivalOut:
    """An arrival as the API writes it."""
    told, refused = queries.told_of(one), queries.refusal_of(one)
    return ArrivalOut(
        **{name: getattr(one, name) for name in _SAME},
        headline=told.headline,
        text=told.text,
        issuer=told.issuer,
        level=told.level,
        event=told.event,
        areas=list(told.areas),
        expires_at=told.expires_at,
        refusal=RefusalOut(
            code=refused.code, reason_zh=refused.in_language(CHINESE), reason_en=refused.in_language(ENGLISH)
        )
        if refused
        else None,
        answers=one.answers_id,
        seconds=queries.seconds(one),
        seen_by=one.seen_by.name if one.seen_by else None,
        reported_to=one.report.get("to"),
        reported_how=one.report.get("how"),
        handled_by=one.handled_by.name if one.handled_by else None,
        alert=one.alert_id,
    )


_SAME = (
    "id", "how", "source", "sha256", "sender", "identifier", "sent", "status", "msg_type", "verdict", "signer", "silent",
    "received_at", "seen_at", "reported_at", "handled_at", "dismissed",
)  # fmt: skip
