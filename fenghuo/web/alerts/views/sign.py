"""Sign-off: everything restated, the number of people typed by hand, a second factor bound to the digest."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from fenghuo.ground.accounts import queries as accounts
from fenghuo.ground.refusal import Refused, RefusedMany
from fenghuo.warning.alerts import actions, rules
from fenghuo.warning.alerts.models import Alert
from fenghuo.web.accounts import factor
from fenghuo.web.alerts.forms import SignForm
from fenghuo.web.alerts.reading import alert_of
from fenghuo.web.alerts.restate import restated
from fenghuo.web.forms import refuse, status_of
from fenghuo.web.shell.people import account_of

PEOPLE = "people_differ"


def sign(request: HttpRequest, id: str) -> HttpResponse:
    """GET restates and asks; POST signs. What was on the page (digest, difference) travels with the form."""
    alert = alert_of(request, id)
    if request.method != "POST":
        return _page(request, alert, SignForm(initial={"digest": alert.digest}))
    form = SignForm(request.POST)
    if not form.is_valid():
        _other_mistake(request, alert, form)
        return _page(request, alert, form, status=422)
    try:
        _sign(request, alert, form.cleaned_data)
    except (Refused, RefusedMany) as refused:
        return _refused(request, alert, form, refused)
    messages.success(request, gettext("Signed. Sending has begun."))
    return redirect("alert-progress", id=alert.id)


@require_POST
def challenge(request: HttpRequest, id: str) -> HttpResponse:
    """A passkey challenge bound to the alert's digest, made when the button is pressed so that it is fresh."""
    alert = alert_of(request, id)
    refused = rules.may(alert=alert, verb="sign", account=account_of(request))
    if refused is not None:
        return JsonResponse({"reason": str(refused)}, status=403)
    return factor.challenge(request, account_of(request), alert.digest)


def _sign(request: HttpRequest, alert: Alert, typed: dict[str, Any]) -> None:
    account = account_of(request)
    seen = (typed["added"] or 0, typed["removed"] or 0)
    asked: dict[str, Any] = {
        "alert": alert,
        "digest": typed["digest"],
        "people": typed["people"],
        "by": account,
        "accept_difference": seen if any(seen) else None,
    }
    # Everything else is asked before the factor, so that a mistake does not cost a one-time code.
    try:
        actions.ready_to_sign(**asked)
    except Refused as refused:
        wrong = factor.examine(account, typed) if refused.code == PEOPLE else None
        raise RefusedMany([refused, wrong]) if wrong else refused from refused
    actions.sign(step_up=factor.prove(request, account, typed, typed["digest"]), **asked)


def _other_mistake(request: HttpRequest, alert: Alert, form: SignForm) -> None:
    """What is wrong with the field that could be read, beside the one that could not."""
    account, typed = account_of(request), form.cleaned_data
    if rules.may(alert=alert, verb="sign", account=account) is not None:
        return
    if "people" not in typed and "code" not in form.errors:
        wrong = factor.examine(account, typed)
        if wrong is not None:
            refuse(form, wrong)
    elif typed.get("people") is not None and typed.get("digest"):
        try:
            actions.ready_to_sign(alert=alert, digest=typed["digest"], people=typed["people"], by=account)
        except Refused as refused:
            if refused.code == PEOPLE:
                refuse(form, refused)


def _refused(request: HttpRequest, alert: Alert, form: SignForm, refused: Refused | RefusedMany) -> HttpResponse:
    alert = alert_of(request, alert.id)
    if (
        isinstance(refused, Refused)
        and refused.code == "already_signed"
        and alert.signer_person_id == account_of(request).person_id
    ):
        # The same press, twice: the first one counted.
        return redirect("alert-progress", id=alert.id)
    refuse(form, refused)
    return _page(request, alert, form, status=status_of(refused))


def _page(request: HttpRequest, alert: Alert, form: SignForm, status: int = 200) -> HttpResponse:
    account = account_of(request)
    why = rules.may(alert=alert, verb="sign", account=account)
    context = restated(alert) | {"form": form, "why_not": why, "factors": accounts.factors_of(account)}
    return render(request, "alerts/sign.html", context, status=status)
