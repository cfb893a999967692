"""Urgent release on one screen: choose, fill in, count, prove, release; afterwards the others confirm and review it here."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_POST

from fenghuo.ground.accounts import queries as accounts
from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.refusal import Refused, RefusedMany
from fenghuo.warning.alerts import actions, queries, rules
from fenghuo.warning.alerts.models import Alert
from fenghuo.web.accounts import factor
from fenghuo.web.alerts.reading import alert_of
from fenghuo.web.alerts.restate import restated
from fenghuo.web.forms import refuse, status_of
from fenghuo.web.shell.people import account_of, organisation_of
from fenghuo.web.urgent.forms import ConfirmForm, PrepareForm, ReleaseForm, ReviewForm

BLANKS = "blanks."


def prepare(request: HttpRequest) -> HttpResponse:
    """GET: the approved life-safety templates, with `?template=` its blanks. POST freezes it; nothing leaves yet."""
    account, organisation = account_of(request), organisation_of(request)
    rights.require(account=account, act="release_urgent")
    usable = queries.urgent_templates(organisation)
    wanted = request.POST.get("template") or request.GET.get("template") or ""
    chosen = next((one for one in usable if one.pk == wanted), None)
    context: dict[str, Any] = {"templates": usable, "chosen": chosen}
    if chosen is None:
        return render(request, "urgent/prepare.html", context)
    posted = request.POST if request.method == "POST" else None
    form = PrepareForm(posted, organisation=organisation, version=chosen)
    if request.method == "POST" and form.is_valid():
        typed = {"blanks": form.told(), "areas": form.cleaned_data["areas"]}
        try:
            alert = actions.prepare_urgent(template=chosen.pk, by=account, **typed)
        except (Refused, RefusedMany) as refused:
            _refuse_blanks(form, refused)
        else:
            return redirect("alert-urgent", id=alert.id)
    return render(request, "urgent/prepare.html", context | {"form": form}, status=422 if form.errors else 200)


def _refuse_blanks(form: PrepareForm, refused: Refused | RefusedMany) -> None:
    for one in refused.refusals if isinstance(refused, RefusedMany) else [refused]:
        field = one.field or ""
        one.field = form.field_of(field.removeprefix(BLANKS)) if field.startswith(BLANKS) else one.field
        refuse(form, one)


def urgent(request: HttpRequest, id: str) -> HttpResponse:
    """Before the release: everything restated, people and factor. After it: the clocks, and what is others' to do."""
    alert = alert_of(request, id)
    if alert.flow != rules.URGENT:
        return redirect("alert", id=alert.id)
    kinds: dict[str, type[forms.Form]] = {"release": ReleaseForm, "confirm": ConfirmForm, "review": ReviewForm}
    forms_: dict[str, forms.Form] = {name: kind(initial={"digest": alert.digest}) for name, kind in kinds.items()}
    do = request.POST.get("do", "")
    if request.method != "POST":
        return _page(request, alert, forms_)
    if do not in kinds:
        raise Refused("unknown_act", gettext_noop("This page does not know that act."))
    form = forms_[do] = kinds[do](request.POST)
    if not form.is_valid():
        return _page(request, alert, forms_, status=422)
    try:
        said = _act(request, alert, do, form.cleaned_data)
    except (Refused, RefusedMany) as refused:
        refuse(form, refused)
        return _page(request, alert_of(request, id), forms_, status=status_of(refused))
    messages.success(request, said)
    return redirect("alert-urgent", id=alert.id)


def _act(request: HttpRequest, alert: Alert, do: str, typed: dict[str, Any]) -> str:
    account = account_of(request)
    if do == "release":
        asked = {"alert": alert, "digest": typed["digest"], "people": typed["people"], "by": account}
        actions.ready_to_release(**asked)
        actions.release_urgent(step_up=factor.prove(request, account, typed, typed["digest"]), **asked)
        return gettext("Released. A second person must now confirm it.")
    if do == "confirm":
        actions.confirm(alert=alert, digest=typed["digest"], remark=typed["note"], by=account)
        return gettext("Confirmed.")
    actions.review_urgent(alert=alert, digest=typed["digest"], reason=typed["reason"], by=account)
    return gettext("Reviewed and closed.")


@require_POST
def challenge(request: HttpRequest, id: str) -> HttpResponse:
    """A passkey challenge bound to the digest of what was prepared."""
    alert = alert_of(request, id)
    refused = rules.may(alert=alert, verb="release_urgent", account=account_of(request))
    if refused is not None:
        return JsonResponse({"reason": str(refused)}, status=403)
    return factor.challenge(request, account_of(request), alert.digest)


def _page(request: HttpRequest, alert: Alert, forms_: dict[str, forms.Form], status: int = 200) -> HttpResponse:
    account = account_of(request)
    verbs = ("release_urgent", "confirm", "review_urgent")
    context = restated(alert) | {
        "forms": forms_,
        "form": forms_["release"],
        "why": {verb: rules.may(alert=alert, verb=verb, account=account) for verb in verbs},
        "now": queries.urgent_now(alert, account),
        "factors": accounts.factors_of(account),
    }
    return render(request, "urgent/urgent.html", context, status=status)
