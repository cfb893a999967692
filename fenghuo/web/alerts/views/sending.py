"""The hand brake: pause all sending at once, and resume it with a second factor."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST

from fenghuo.ground import clock
from fenghuo.ground.accounts import queries as accounts
from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.refusal import Refused, RefusedMany
from fenghuo.warning.alerts import actions, queries
from fenghuo.web.accounts import factor
from fenghuo.web.accounts.forms import Factor
from fenghuo.web.alerts.forms import ReasonForm
from fenghuo.web.forms import refuse
from fenghuo.web.shell.people import account_of, organisation_of


class PauseForm(ReasonForm):
    """Why, and for who stands above all others: whose sending."""

    everything = forms.BooleanField(
        label=gettext_lazy("Stop the sending of all organisations of this installation, not only of mine"),
        required=False,
    )


def pause(request: HttpRequest) -> HttpResponse:
    """Nothing more leaves until someone resumes. Asks only for a reason: a brake must be quick."""
    above = Organisation.objects.count() > 1 and accounts.above_all(organisation_of(request))
    form = PauseForm(request.POST or None)
    if not above:
        del form.fields["everything"]
    if request.method == "POST" and form.is_valid():
        try:
            everything = form.cleaned_data["everything"] if above else None
            actions.pause(by=account_of(request), reason=form.cleaned_data["reason"], everything=everything)
        except (Refused, RefusedMany) as refused:
            refuse(form, refused)
        else:
            stopped = queries.paused(organisation_of(request))
            both = (gettext("All sending is paused."), gettext("The sending of your organisation is paused."))
            messages.warning(request, both[bool(stopped and stopped.organisation)])
            return redirect("desk")
    return _page(request, "alerts/pause.html", form, "pause")


def resume(request: HttpRequest) -> HttpResponse:
    """Sending goes on; asks for the second factor."""
    form = Factor(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            digest = queries.resume_digest(organisation_of(request))
            proof = factor.prove(request, account_of(request), form.cleaned_data, digest)
            actions.resume(by=account_of(request), step_up=proof)
        except (Refused, RefusedMany) as refused:
            refuse(form, refused)
        else:
            messages.success(request, gettext("Sending goes on."))
            return redirect("desk")
    return _page(request, "alerts/resume.html", form, "resume", _waiting(organisation_of(request)))


@require_POST
def challenge(request: HttpRequest) -> HttpResponse:
    """A passkey challenge for resuming."""
    rights.require(account=account_of(request), act="resume")
    return factor.challenge(request, account_of(request), queries.resume_digest(organisation_of(request)))


def _waiting(organisation: Organisation) -> dict[str, Any]:
    """What would leave, so that nobody resumes unseen; after a restore some of it may have left already (fault B6)."""
    stopped = queries.paused(organisation)
    everybody = stopped is not None and not stopped.organisation
    return {
        "now": clock.now(),
        "restored": stopped.detail.get("restored") if stopped else None,
        "leaving": queries.leaving(organisation),
        "elsewhere": queries.leaving_elsewhere(organisation) if everybody else [],
    }


def _page(
    request: HttpRequest, template: str, form: forms.Form, act: str, more: dict[str, Any] | None = None
) -> HttpResponse:
    account = account_of(request)
    context = {
        "form": form,
        "alone": Organisation.objects.count() == 1,
        "why_not": rights.may(account=account, act=act),
        "factors": accounts.factors_of(account),
        **(more or {}),
    }
    return render(request, template, context, status=422 if form.errors else 200)
