"""After sign-off: progress that moves by itself, recipients by state, and the recall."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from fenghuo.delivery.ledger import queries as ledger
from fenghuo.ground.accounts import rights
from fenghuo.ground.accounts.models import Account
from fenghuo.ground.refusal import Refused, RefusedMany
from fenghuo.readiness.contacts import queries as contacts
from fenghuo.warning.alerts import actions, queries, rules
from fenghuo.warning.alerts.models import Alert, Release
from fenghuo.web import delivery_words
from fenghuo.web.alerts.forms import RecallForm
from fenghuo.web.alerts.reading import alert_of
from fenghuo.web.forms import refuse
from fenghuo.web.shell.people import account_of, page_number

SIZE = 50
SECOND = "second_person_needed"
SECONDS = rights.ROWS["recall"].seconds


def progress(request: HttpRequest, id: str) -> HttpResponse:
    """How far the release, and the correction after a recall, have come. `?part` is the moving part alone."""
    alert = alert_of(request, id)
    releases = {one.kind: one for one in alert.releases.all()}
    if "release" not in releases:
        return redirect("alert-review", id=alert.id)
    lanes = _lanes(alert, releases)
    why_not = rules.may(alert=alert, verb="recall", account=account_of(request))
    context = {
        "alert": alert,
        "release": releases["release"],
        "recall": releases.get("recall"),
        "correction": releases.get("correct"),
        "lanes": lanes,
        "no_way": not any(one.state in ("bound", "throttled", "paused") for one in ledger.gateways()),
        "moving": any(lane["moving"] for lane in lanes),
        "why_not_recall": None if why_not is not None and why_not.code == SECOND else why_not,
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


def _tabs(progress: ledger.Progress | None) -> list[dict[str, Any]]:
    """States somebody is in, those that need a person first."""
    order = ("failed", "in_doubt", "expired", "unsent", "intended", "accepted", "delivered", "stopped")
    counted = [(code, int(getattr(progress, code))) for code in order] if progress else []
    return [delivery_words.state(code) | {"count": count} for code, count in counted if count]


def _seconds(account: Account) -> QuerySet[Account]:
    """Who may confirm a recall by telephone: everyone else of the organisation at one of the posts that may recall."""
    return (
        Account.objects.filter(
            is_active=True,
            person__organisation=account.person.organisation,
            person__postings__post__in=SECONDS,
            person__postings__until=None,
        )
        .exclude(pk=account.pk)
        .select_related("person")
        .distinct()
    )


def recipients(request: HttpRequest, id: str) -> HttpResponse:
    """Recipients of the release or of its correction, by state, in plain words with the next step. Numbers are masked."""
    alert = alert_of(request, id)
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
            # A carrier's report knows the minute only (CMPP Done_time): seconds would make it look earlier than the sending.
            "precision": "minute" if row.state in ("delivered", "failed") else "second",
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
        "tabs": _tabs(ledger.progress([broadcast]).get(broadcast)),
        "rows": rows,
        "page": page,
        "number": page_number(request),
        "query": urlencode({"of": kind, "state": state}) + "&",
        "pages": max(1, -(-page.total // SIZE)),
    }
    return render(request, "alerts/recipients.html", context)


def recall(request: HttpRequest, id: str) -> HttpResponse:
    """Stop what has not left, and tell those already reached with the correction that was signed with the alert."""
    alert = alert_of(request, id)
    releases = {one.kind: one for one in alert.releases.all()}
    if "release" not in releases or "recall" in releases:
        return redirect("alert", id=alert.id)
    account = account_of(request)
    why_not = rules.may(alert=alert, verb="recall", account=account)
    needs_second = why_not is not None and why_not.code == SECOND
    form = RecallForm(
        request.POST or None, initial={"correct": True}, seconds=_seconds(account) if needs_second else None
    )
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            actions.recall(
                alert=alert,
                reason=typed["reason"],
                correct=typed["correct"],
                by=account,
                confirmed_by=typed.get("second"),
            )
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
        "why_not": None if needs_second else why_not,
        "most_in_doubt": min(ledger.max_in_doubt(), alert.audience_count),
    }
    return render(request, "alerts/recall.html", context, status=422 if form.errors else 200)
