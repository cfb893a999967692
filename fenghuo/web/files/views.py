"""Scans beside an alert: added by a form, only ever downloaded, never shown inside our pages (fault X12)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext, gettext_noop

from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.files import actions, queries, rules
from fenghuo.ground.refusal import Refused
from fenghuo.warning.alerts.models import Alert
from fenghuo.web.alerts.reading import alert_of
from fenghuo.web.files.forms import PURPOSES, AttachForm
from fenghuo.web.forms import refuse, status_of
from fenghuo.web.shell.people import account_of, organisation_of

KIND = "alert"


def attachments(request: HttpRequest, id: str) -> HttpResponse:
    """The list, and the form for one more."""
    alert = alert_of(request, id)
    if request.method != "POST":
        return _page(request, alert, AttachForm())
    form = AttachForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, alert, form, status=422)
    file = form.cleaned_data["file"]
    try:
        actions.attach(
            organisation=organisation_of(request),
            subject_kind=KIND,
            subject=alert.id,
            purpose=form.cleaned_data["purpose"],
            name=file.name,
            data=file.read(rules.MOST_BYTES + 1),
            by=account_of(request),
        )
    except Refused as refused:
        refuse(form, refused)
        return _page(request, alert, form, status=status_of(refused))
    messages.success(request, gettext("Attached. It stays with this alert."))
    return redirect("attachments", id=alert.id)


def download(request: HttpRequest, id: str, attachment: str) -> HttpResponse:
    """The bytes, to be saved: sandboxed, without sniffing, under the name they were given."""
    alert = alert_of(request, id)
    found = queries.one(organisation_of(request), attachment)
    if (found.subject_kind, found.subject) != (KIND, alert.id):
        raise Refused("attachment_unknown", gettext_noop("There is no such attachment."), kind="missing")
    response = HttpResponse(queries.content(found), content_type=found.media_type)
    response.headers["Content-Disposition"] = content_disposition_header(True, found.name) or "attachment"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _page(request: HttpRequest, alert: Alert, form: AttachForm, status: int = 200) -> HttpResponse:
    found = queries.of(organisation_of(request), KIND, alert.id)
    context: dict[str, Any] = {
        "alert": alert,
        "form": form,
        "attachments": [{"one": one, "purpose": PURPOSES[one.purpose]} for one in found],
        "why_not": rights.may(account=account_of(request), act="attach"),
        "most": rules.MOST_BYTES // 1024 // 1024,
    }
    return render(request, "files/attachments.html", context, status=status)
