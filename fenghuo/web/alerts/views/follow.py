"""After sign-off: progress that moves by itself, recipients by state, and the recall."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from fenghuo.delivery.ledger import queries as ledger
from fenghuo.ground.refusal import Refused, RefusedMany
from fenghuo.readiness.contacts import queries as contacts
from fenghuo.warning.alerts import actions, queries, rules
from fenghuo.warning.alerts.models import Alert, Release
from fenghuo.web import delivery_words
from fenghuo.web.alerts.forms import RecallForm
from fenghuo.web.forms import refuse
from fenghuo.web.shell.people import account_of, organisation_of, page_number

SIZE = 50


def progress(request: HttpRequest, id: str) -> HttpResponse:
    """How far the release, and the correction after a recall, have come. `?part` is the moving part alone."""
    alert = queries.alert(organisation_of(request), id)
    releases = {one.kind: one for one in alert.releases.all()}
    if "release" not in releases:
        return redirect("alert-review", id=alert.id)
    lanes = _lanes(alert, releases)
    context = {
        "alert": alert,
        "release": releases["release"],
        "recall": releases.get("recall"),
        "correction": releases.get("correct"),
        "lanes": lanes,
        "no_way": not any(one.state in ("bound", "throttled", "paused") for one in ledger.gateways()),
        "moving": any(lane["moving"] for lane in lanes),
        "why_not_recall": rules.may(alert=alert, verb="recall", account=account_of(request)),
    }
    page = "alerts/_progress.html" if "part" in request.GET else "alerts/progress.html"
    return render(request, page, context)


def _lanes(alert: Alert, releases: dict[str, Release]) -> list[dict[str, Any]]:
    """One line per broadcast: the alert itself, then its correction."""
    wanted = [(kind, releases[kind].broadcast) for kind in ("release", "correct") if kind in releases]
    found = ledger.progress([broadcast for _, broadcast in wanted])
    stopped = "recall" in releases
    return [
        delivery_words.lane(kind, found[broadcast], stopped=stopped and kind == "release")
        for kind, broadcast in wanted
        if broadcast in found
    ]


def recipients(request: HttpRequest, id: str) -> HttpResponse:
    """Recipients of the release or of its correction, by state, in plain words with the next step. Numbers are masked."""
    alert = queries.alert(organisation_of(request), id)
    releases = {one.kind: one for one in alert.releases.all()}
    kind = "correct" if request.GET.get("of") == "correct" and "correct" in releases else "release"
    if kind not in releases:
        return redirect("alert-review", id=alert.id)
    state = request.GET.get("state", "")
    state = state if state in delivery_words.STATES else ""
    broadcast = releases[kind].broadcast
    page = ledger.recipients(broadcast, state=state or None, page=page_number(request), size=SIZE)
    names = contacts.names([row.contact_id for row in page.rows])
    rows = [
        {
            "name": names.get(row.contact_id),
            "number": contacts.mask(row.address),
            "state": delivery_words.state(row.state),
            "at": row.at,
            "detail": delivery_words.status(row.state, row.status),
            "next": delivery_words.next_step(row.state),
        }
        for row in page.rows
    ]
    context = {
        "alert": alert,
        "of": kind,
        "corrected": "correct" in releases,
        "state": state,
        "states": [(one, delivery_words.state(one)) for one in delivery_words.STATES],
        "rows": rows,
        "page": page,
        "number": page_number(request),
        "pages": max(1, -(-page.total // SIZE)),
    }
    return render(request, "alerts/recipients.html", context)


def recall(request: HttpRequest, id: str) -> HttpResponse:
    """Stop what has not left, and tell those already reached with the correction that was signed with the alert."""
    alert = queries.alert(organisation_of(request), id)
    releases = {one.kind: one for one in alert.releases.all()}
    if "release" not in releases or "recall" in releases:
        return redirect("alert", id=alert.id)
    form = RecallForm(request.POST or None, initial={"correct": True})
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            actions.recall(alert=alert, reason=typed["reason"], correct=typed["correct"], by=account_of(request))
        except (Refused, RefusedMany) as refused:
            refuse(form, refused)
        else:
            messages.success(request, gettext("Recalled. What had not left is stopped."))
            return redirect("alert-progress", id=alert.id)
    context = {
        "alert": alert,
        "form": form,
        "texts": queries.texts(alert),
        "lanes": _lanes(alert, releases),
        "why_not": rules.may(alert=alert, verb="recall", account=account_of(request)),
        "most_in_doubt": ledger.max_in_doubt(),
    }
    return render(request, "alerts/recall.html", context, status=422 if form.errors else 200)
