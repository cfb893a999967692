"""Scans beside an alert, for machines: a scanner's folder, a portal's export."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_noop as _
from ninja import File, Form, Router, Schema
from ninja.files import UploadedFile

from fenghuo.api.auth import caller, home
from fenghuo.api.once import Key, once
from fenghuo.ground.accounts import queries as people
from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.files import actions, queries, rules
from fenghuo.ground.files.models import Attachment
from fenghuo.ground.refusal import Refused
from fenghuo.warning.alerts import queries as alerts
from fenghuo.warning.alerts.models import Alert

router = Router(tags=["attachments"])
KIND = "alert"
Purpose = Literal["approval_scan", "approval_evidence", "portal_export", "other"]
PURPOSE: Any = Form("approval_scan")
FILE: Any = File(...)


class AttachmentOut(Schema):
    """One attachment. `sha256` is of what is kept and served; `arrived_sha256` of what was handed in (images are redrawn)."""

    id: str
    purpose: Purpose
    name: str
    media_type: str
    size: int
    sha256: str
    arrived_sha256: str
    by: str
    at: datetime


class AttachmentList(Schema):
    """All attachments of an alert, oldest first."""

    total: int
    items: list[AttachmentOut]


def _alert(request: HttpRequest, id: str) -> Alert:
    alert = alerts.alert(home(request), id if people.is_id(id) else "")
    rights.require(account=caller(request), act="alerts_read")
    return alert


def _shape(one: Attachment) -> AttachmentOut:
    plain = {name: getattr(one, name) for name in AttachmentOut.model_fields if name != "by"}
    return AttachmentOut(by=one.by.person.name, **plain)


@router.post("/{id}/attachments", response=AttachmentOut, operation_id="attach", summary="添加附件 Attach a file")
@once()
def attach(
    request: HttpRequest, id: str, file: UploadedFile = FILE, purpose: Purpose = PURPOSE, key: str = Key
) -> AttachmentOut:
    """A PDF, JPEG or PNG of at most 10 MB as multipart/form-data. What is attached is never removed."""
    alert = _alert(request, id)
    one = actions.attach(
        organisation=home(request),
        subject_kind=KIND,
        subject=alert.id,
        purpose=purpose,
        name=file.name or "",
        data=file.read(rules.MOST_BYTES + 1),
        by=caller(request),
    )
    return _shape(one)


@router.get("/{id}/attachments", response=AttachmentList, operation_id="attachments", summary="附件 Attachments")
def attachments(request: HttpRequest, id: str) -> AttachmentList:
    """What is attached to an alert."""
    items = [_shape(one) for one in queries.of(home(request), KIND, _alert(request, id).id)]
    return AttachmentList(total=len(items), items=items)


@router.get(
    "/{id}/attachments/{attachment}",
    response=None,
    operation_id="attachment",
    summary="下载附件 Download an attachment",
)
def download(request: HttpRequest, id: str, attachment: str) -> HttpResponse:
    """The bytes, for saving only."""
    alert = _alert(request, id)
    one = queries.one(home(request), attachment if people.is_id(attachment) else "")
    if (one.subject_kind, one.subject) != (KIND, alert.id):
        raise Refused("attachment_unknown", _("There is no such attachment."), kind="missing")
    response = HttpResponse(queries.content(one), content_type=one.media_type)
    response.headers["Content-Disposition"] = content_disposition_header(True, one.name) or "attachment"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
