"""Review, approval and return: one page that restates everything and offers what this person may do, or says why not."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_noop

from fenghuo.ground.accounts import queries as accounts
from fenghuo.ground.accounts.models import Organisation, Person
from fenghuo.ground.refusal import Refused, RefusedMany
from fenghuo.warning.alerts import actions, queries, rules
from fenghuo.warning.alerts.models import Alert
from fenghuo.web.alerts.forms import AskForm, NetworkForm, ReasonForm, RecordedApprovalForm
from fenghuo.web.alerts.reading import alert_of
from fenghuo.web.alerts.restate import restated
from fenghuo.web.forms import refuse, status_of
from fenghuo.web.shell.people import account_of, organisation_of

VERBS = (
    "edit", "review", "approve", "approve_network", "ask_approval", "record_approval", "sign", "return", "refreeze", "withdraw",
)  # fmt: skip
# Which form of the page an act fills in; the others need none.
FORMS = {"return": "return", "record_approval": "record", "ask_approval": "ask", "approve_network": "network"}


def review(request: HttpRequest, id: str) -> HttpResponse:
    """GET restates; POST does one verb (`do`), bound to the digest that was on the page."""
    organisation = organisation_of(request)
    alert = alert_of(request, id)
    leaders = _leaders(organisation)
    do = request.POST.get("do", "") if request.method == "POST" else ""
    forms = _forms(request, do, leaders)
    if request.method != "POST":
        return _page(request, alert, forms)
    used = forms[FORMS.get(do, "return")]
    if used.is_bound and not used.is_valid():
        return _page(request, alert, forms, opened=do, status=422)
    try:
        done = _act(request, alert, do, used)
    except (Refused, RefusedMany) as refused:
        if not used.is_bound:
            raise
        refuse(used, refused)
        return _page(request, alert, forms, opened=do, status=status_of(refused))
    messages.success(request, done)
    return redirect("alert", id=alert.id) if do != "return" else redirect("alerts")


def _forms(request: HttpRequest, do: str, leaders: Any) -> dict[str, Any]:
    """The page's forms; the one of the act that was asked for is bound."""
    kinds: dict[str, Any] = {
        "return": ReasonForm,
        "record": partial(RecordedApprovalForm, leaders=leaders),
        "ask": partial(AskForm, leaders=leaders),
        "network": NetworkForm,
    }
    bound = FORMS.get(do)
    return {name: kind(request.POST if name == bound else None, prefix=name) for name, kind in kinds.items()}


def _act(request: HttpRequest, alert: Alert, do: str, form: Any) -> str:
    account, digest = account_of(request), request.POST.get("digest", "")
    if do == "review":
        actions.review(alert=alert, digest=digest, by=account)
        return gettext("Reviewed.")
    if do == "approve":
        actions.approve(alert=alert, digest=digest, by=account)
        return gettext("Approved.")
    if do == "refreeze":
        actions.refreeze(alert=alert, version=alert.version, by=account)
        return gettext("The audience was taken again. The alert goes back to review.")
    if do == "withdraw":
        actions.withdraw(alert=alert, version=alert.version, by=account)
        return gettext("Taken back: it is a draft again.")
    if do == "ask_approval":
        actions.ask_approval(alert=alert, digest=digest, leader=form.cleaned_data["leader"], by=account)
        return gettext("The question is on its way to the leader's phone.")
    if do == "approve_network":
        actions.approve_network(alert=alert, digest=digest, people=form.cleaned_data["people"], by=account)
        return gettext("Approved for the whole network.")
    if do == "return":
        actions.send_back(alert=alert, version=alert.version, reason=form.cleaned_data["reason"], by=account)
        return gettext("Returned to the author with your reason.")
    if do == "record_approval":
        typed = form.cleaned_data
        evidence = {"note": typed["note"], "at": typed["at"]}
        actions.record_approval(
            alert=alert, digest=digest, how=typed["how"], leader=typed["leader"], evidence=evidence, by=account
        )
        return gettext("The approval is recorded.")
    raise Refused("unknown_act", gettext_noop("This page does not know that act."))


def _leaders(organisation: Organisation) -> Any:
    people = [one.person_id for one in accounts.holders(organisation, "leader")]
    return Person.objects.filter(id__in=people)


def _page(
    request: HttpRequest, alert: Alert, forms: dict[str, Any], *, opened: str = "", status: int = 200
) -> HttpResponse:
    account = account_of(request)
    why = {verb: rules.may(alert=alert, verb=verb, account=account) for verb in VERBS}
    context = restated(alert) | {"why": why, "forms": forms, "opened": opened, "asked": queries.asked(alert)}
    return render(request, "alerts/review.html", context, status=status)
