"""Update, raise, lower, lift, correct: one click on an alert in force (W8)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from fenghuo.ground.refusal import Refused, RefusedMany
from fenghuo.warning.alerts import actions, queries, rules
from fenghuo.warning.alerts.models import Alert
from fenghuo.warning.alerts.rules import Content
from fenghuo.web.alerts import checks, differing
from fenghuo.web.alerts.forms import ReasonForm, typed_from
from fenghuo.web.alerts.reading import alert_of
from fenghuo.web.alerts.seconds import SECOND, seconds
from fenghuo.web.alerts.succession import chain_of
from fenghuo.web.alerts.succession_forms import LiftForm
from fenghuo.web.forms import refuse
from fenghuo.web.shell.people import account_of


@require_POST
def begin(request: HttpRequest, id: str, relation: str) -> HttpResponse:
    """Make the follow-up and open it, filled in. Whoever clicks second is led to the draft of whoever clicked first."""
    alert = alert_of(request, id)
    try:
        draft = actions.follow_up(alert=alert, relation=relation, by=account_of(request))
    except Refused as refused:
        if "follow_up" not in refused.params:
            raise
        messages.info(request, str(refused))
        return redirect("alert", id=refused.params["follow_up"])
    return redirect("alert", id=draft.id)


def lift(request: HttpRequest, id: str) -> HttpResponse:
    """The short form of a lift: title, words, until when it stands, and how word of it came. Everything else is known."""
    alert = alert_of(request, id)
    if alert.relation != "lift":
        return redirect("alert", id=alert.id)
    rules.require(alert=alert, verb="edit", account=account_of(request))
    before = queries.content_of(alert)
    initial = typed_from(before.model_dump()) | {"version": alert.version}
    form = LiftForm(request.POST or None, initial=initial, relayed=before.origin is not None)
    if request.method == "POST":
        saved = _saved(request, form, alert, before)
        if saved is not None:
            return saved
    content = _content(form, before) if form.is_bound and form.is_valid() else before
    context: dict[str, Any] = {
        "alert": alert,
        "form": form,
        "counter": checks.counter(content, alert.organisation),
        "people": alert.follows.audience_count if alert.follows else 0,
        **chain_of(alert),
    }
    return render(request, "alerts/lift.html", context, status=422 if form.errors else 200)


def _saved(request: HttpRequest, form: LiftForm, alert: Alert, before: Content) -> HttpResponse | None:
    """Where to go once it is saved, and submitted where that was asked; None when something is wrong, with it in the form."""
    if not form.is_valid():
        return None
    account = account_of(request)
    try:
        content = _content(form, before)
        alert = actions.edit(alert=alert, version=form.cleaned_data["version"] or 0, content=content, by=account)
        if request.POST.get("do") != "submit":
            messages.success(request, gettext("Saved."))
            return redirect("alert-lift", id=alert.id)
        actions.submit(alert=alert, version=alert.version, by=account)
    except (Refused, RefusedMany) as refused:
        refuse(form, refused)
        params = refused.params if isinstance(refused, Refused) else {}
        form.difference = differing.difference(params.get("difference", {}), alert.organisation)
        typed = request.POST.copy()
        typed["version"] = str(params.get("version", alert.version))
        form.data = typed
        return None
    messages.success(request, gettext("Submitted for review."))
    return redirect("alert-review", id=alert.id)


def _content(form: LiftForm, before: Content) -> Content:
    return rules.read(before.model_dump() | form.data_for_lift(before.origin.model_dump() if before.origin else None))


def correct(request: HttpRequest, id: str) -> HttpResponse:
    """Send the prepared correction of an alert that was recalled without it."""
    alert = alert_of(request, id)
    releases = {one.kind for one in alert.releases.all()}
    if "recall" not in releases or "correct" in releases:
        return redirect("alert-recall" if "release" in releases and "recall" not in releases else "alert", id=alert.id)
    account = account_of(request)
    why_not = rules.may(alert=alert, verb="correct", account=account)
    needs_second = why_not is not None and why_not.code == SECOND
    form = ReasonForm(request.POST or None)
    if needs_second:
        form.fields["second"] = seconds(account)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            actions.correct(alert=alert, reason=typed["reason"], by=account, confirmed_by=typed.get("second"))
        except (Refused, RefusedMany) as refused:
            refuse(form, refused)
        else:
            messages.success(request, gettext("The correction is on its way to everyone who had been reached."))
            return redirect("alert-progress", id=alert.id)
    context = {
        "alert": alert,
        "form": form,
        "texts": queries.texts(alert),
        "why_not": None if needs_second else why_not,
    }
    return render(request, "alerts/correct.html", context, status=422 if form.errors else 200)
