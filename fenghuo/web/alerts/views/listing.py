"""The list of alerts, and where each one opens."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from fenghuo.ground.accounts import rules as rights
from fenghuo.warning.alerts import queries, rules, states
from fenghuo.web import words
from fenghuo.web.alerts.reading import alert_of
from fenghuo.web.shell.people import account_of, organisation_of, page_number

LIVE = "live"


def listing(request: HttpRequest) -> HttpResponse:
    """All alerts of the organisation, newest first, narrowed by state and words."""
    rights.require(account=account_of(request), act="alerts_read")
    organisation = organisation_of(request)
    state = request.GET.get("state", "")
    text = request.GET.get("text", "").strip()
    page = queries.listing(
        organisation,
        state=state if state in states.GRAPH.states else None,
        text=text,
        live=True if state == LIVE else None,
        page=page_number(request),
    )
    context = {
        "page": page,
        "pages": page.pages,
        "query": urlencode({"state": state, "text": text}) + "&",
        "state": state,
        "text": text,
        "choices": [(one, words.alert_state(one)) for one in states.GRAPH.states],
        "why_not_draft": rights.may(account=account_of(request), act="draft"),
    }
    return render(request, "alerts/list.html", context)


def arrive(request: HttpRequest, id: str) -> HttpResponse:
    """Opens an alert where its next step is."""
    alert = alert_of(request, id)
    if alert.state == states.SIGNED:
        return redirect("alert-progress", id=alert.id)
    if alert.flow == rules.URGENT:
        return redirect("alert-urgent", id=alert.id)
    if (
        alert.relation == "lift"
        and alert.state == states.DRAFT
        and rules.may(alert=alert, verb="edit", account=account_of(request)) is None
    ):
        return redirect("alert-lift", id=alert.id)
    if alert.state == states.DRAFT and rules.may(alert=alert, verb="edit", account=account_of(request)) is None:
        return redirect("alert-edit", id=alert.id)
    return redirect("alert-review", id=alert.id)
