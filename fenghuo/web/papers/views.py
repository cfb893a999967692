"""Papers of one alert, and the workflow diagram: every one a PDF in one click."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.profile import queries as profiles
from fenghuo.warning.alerts.models import Alert
from fenghuo.web.alerts.reading import alert_of
from fenghuo.web.papers import forms, operation_log, recipients
from fenghuo.web.papers import workflow as diagram
from fenghuo.web.papers.answer import pdf
from fenghuo.web.shell.people import account_of, organisation_of


def card(request: HttpRequest, id: str) -> HttpResponse:
    """Which papers there are, which not yet and why; long lists volume by volume."""
    alert = alert_of(request, id)
    context: dict[str, Any] = {
        "alert": alert,
        "frozen": bool(alert.frozen),
        "released": alert.state == "signed",
        "lists": _lists(alert) if alert.broadcast else [],
    }
    return render(request, "papers/card.html", context)


def _lists(alert: Alert) -> list[dict[str, Any]]:
    found = []
    for wake_up, page in ((False, "recipient-list"), (True, "wake-up-list")):
        parts = recipients.parts(alert, wake_up=wake_up)
        found.append(
            {
                "wake_up": wake_up,
                "page": page,
                "people": sum(one.count for one in parts),
                "volumes": range(1, recipients.volumes(parts) + 1),
            }
        )
    return found


def approval(request: HttpRequest, id: str) -> HttpResponse:
    """审批表."""
    alert = alert_of(request, id)
    return pdf(forms.approval(alert), f"approval-form-{alert.code}")


def filing(request: HttpRequest, id: str) -> HttpResponse:
    """备案表."""
    alert = alert_of(request, id)
    return pdf(forms.filing(alert), f"filing-form-{alert.code}")


def log(request: HttpRequest, id: str) -> HttpResponse:
    """The operation log of this alert alone."""
    alert = alert_of(request, id)
    return pdf(operation_log.of_alert(organisation_of(request), alert), f"operation-log-{alert.code}")


def recipient_list(request: HttpRequest, id: str) -> HttpResponse:
    """发布对象名单, one volume (`?volume=`)."""
    return _list(request, id, wake_up=False)


def wake_up_list(request: HttpRequest, id: str) -> HttpResponse:
    """叫应名单: whom no message is known to have reached, with a box to sign."""
    return _list(request, id, wake_up=True)


def _list(request: HttpRequest, id: str, *, wake_up: bool) -> HttpResponse:
    alert = alert_of(request, id)
    text = request.GET.get("volume", "1")
    volume = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    name = "wake-up-list" if wake_up else "recipient-list"
    paper = recipients.paper(alert, account_of(request), volume=volume, wake_up=wake_up)
    return pdf(paper, f"{name}-{alert.code}-{volume}")


def workflow(request: HttpRequest) -> HttpResponse:
    """The diagram as a page, for whoever works on alerts."""
    rights.require(account=account_of(request), act="alerts_read")
    profile = profiles.profile(organisation_of(request).profile)
    return render(request, "papers/workflow.html", {"chart": diagram.chart(profile)})


def workflow_pdf(request: HttpRequest) -> HttpResponse:
    """The same on one sheet."""
    rights.require(account=account_of(request), act="alerts_read")
    organisation = organisation_of(request)
    return pdf(diagram.paper(organisation), f"workflow-{organisation.profile}")
