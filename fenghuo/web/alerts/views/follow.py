"""After sign-off: progress that moves by itself, recipients by state, and the recall."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from fenghuo.delivery.ledger import queries as ledger
from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.refusal import Refused, RefusedMany
from fenghuo.readiness.contacts import queries as contacts
from fenghuo.warning.alerts import actions, queries, rules
from fenghuo.warning.alerts.models import Release
from fenghuo.web import delivery_words
from fenghuo.web.alerts.forms import RecallForm
from fenghuo.web.alerts.reading import alert_of
from fenghuo.web.alerts.seconds import SECOND, agreeing
from fenghuo.web.alerts.succession import buttons, chain_of
from fenghuo.web.forms import refuse
from fenghuo.web.lanes import lanes
from fenghuo.web.shell.people import account_of, page_number

SIZE = 50
UNTOLD = "untold"


def progress(request: HttpRequest, id: str) -> HttpResponse:
    """How far the release, and the correction after a recall, have come. `?part` is the moving part alone."""
    alert = alert_of(request, id)
    releases = {one.kind: one for one in alert.releases.all()}
    if "release" not in releases:
        return redirect("alert-review", id=alert.id)
    lines = _lanes(releases)
    why_not = rules.may(alert=alert, verb="recall", account=account_of(request))
    context = {
        "alert": alert,
        "release": releases["release"],
        "recall": releases.get("recall"),
        "correction": releases.get("correct"),
        "lanes": lines,
        "untold": len(_untold(releases["release"])),
        "no_way": not any(one.state in ("bound", "throttled", "paused") for one in ledger.gateways()),
        "moving": any(line["moving"] for line in lines),
        "why_not_recall": None if why_not is not None and why_not.code == SECOND else why_not,
        "buttons": buttons(request, [alert])[alert.pk],
        **chain_of(alert),
    }
    page = "alerts/_progress.html" if "part" in request.GET else "alerts/progress.html"
    return render(request, page, context)


def _lanes(releases: dict[str, Release]) -> list[dict[str, Any]]:
    return lanes(releases["release"].broadcast, recalled="recall" in releases, corrected="correct" in releases)


def _untold(release: Release) -> list[int]:
    """The contacts of the audience whom no message could reach: they had no number when this was signed."""
    return list(release.snapshot.get("untold", []))


def _tabs(progress: ledger.Progress | None, untold: int) -> list[dict[str, Any]]:
    """States somebody is in, those that need a person first; whoever has no number is in none and needs a person most."""
    order = ("failed", "in_doubt", "expired", "unsent", "intended", "accepted", "delivered", "stopped")
    counted = [(code, int(getattr(progress, code))) for code in order] if progress else []
    tabs = [delivery_words.state(code) | {"count": count} for code, count in counted if count]
    return [_no_number() | {"count": untold}, *tabs] if untold else tabs


def recipients(request: HttpRequest, id: str) -> HttpResponse:
    """Recipients of the release or of its correction, by state, in plain words with the next step. Numbers are masked."""
    alert = alert_of(request, id)
    releases = {one.kind: one for one in alert.releases.all()}
    kind = "correct" if request.GET.get("of") == "correct" and "correct" in releases else "release"
    if kind not in releases:
        return redirect("alert-review", id=alert.id)
    state = request.GET.get("state", "")
    state = state if state in delivery_words.STATES else ""
    broadcast = releases["release"].broadcast
    if kind == "correct":
        broadcast = (
            ledger.correction_of(broadcast) or ""
        )  # empty until the sender has taken it up: nobody is listed yet
    untold = _untold(releases["release"]) if kind == "release" else []
    state = UNTOLD if untold and request.GET.get("state") == UNTOLD else state
    number = page_number(request)
    if state == UNTOLD:
        rows, total = _untold_rows(untold[(number - 1) * SIZE : number * SIZE]), len(untold)
    else:
        page = ledger.recipients(broadcast, state=state or None, page=number, size=SIZE)
        rows, total = _rows(page.rows), page.total
    told = ledger.progress([broadcast]).get(broadcast)
    context = {
        "alert": alert,
        "of": kind,
        "corrected": "correct" in releases,
        "state": state,
        "tabs": _tabs(told, len(untold)),
        "doubts": told.in_doubt if told else 0,
        "reads_gateways": rights.may(account=account_of(request), act="gateways_read") is None,
        "rows": rows,
        "total": total,
        "number": number,
        "query": urlencode({"of": kind, "state": state}) + "&",
        "pages": max(1, -(-total // SIZE)),
    }
    return render(request, "alerts/recipients.html", context)


def _rows(found: list[ledger.Row]) -> list[dict[str, Any]]:
    names = contacts.names([row.contact_id for row in found])
    return [
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
        for row in found
    ]


def _untold_rows(ids: list[int]) -> list[dict[str, Any]]:
    names = contacts.names(ids)
    return [
        {
            "name": names.get(id),
            "number": "—",
            "state": _no_number(),
            "at": None,
            "precision": "minute",
            "next": gettext("Tell this person by word of mouth, and enter a number for the next time."),
        }
        for id in ids
    ]


def _no_number() -> dict[str, str]:
    return {"code": UNTOLD, "text": gettext("no number"), "tone": "warn"}


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
        request.POST or None, initial={"correct": True}, seconds=agreeing(account) if needs_second else None
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
    lines = _lanes(releases)
    context = {
        "alert": alert,
        "form": form,
        "texts": queries.texts(alert),
        "lanes": lines,
        "why_not": None if needs_second else why_not,
        "still_leaving": min([ledger.max_in_doubt(), *(line["progress"].unsent for line in lines)]),
    }
    return render(request, "alerts/recall.html", context, status=422 if form.errors else 200)
