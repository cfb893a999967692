"""A list of people leaves by two hands: asked for, agreed to on another person's own session, fetched once."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from fenghuo.ground.accounts import queries as accounts
from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.accounts.models import Account
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import actions, queries
from fenghuo.readiness.contacts.models import ContactExport, Group
from fenghuo.web.accounts import factor
from fenghuo.web.areas import area_choices
from fenghuo.web.contacts import words
from fenghuo.web.contacts.forms import ExportForm
from fenghuo.web.contacts.imports import download
from fenghuo.web.forms import refuse, status_of
from fenghuo.web.shell.people import account_of, organisation_of

SHOWN = 30


class AgreeForm(forms.Form):
    """A second factor and nothing else."""

    nonce = forms.CharField(required=False, widget=forms.HiddenInput)
    passkey = forms.CharField(required=False, widget=forms.HiddenInput)
    code = forms.CharField(label=_("Code"), required=False, max_length=20)


def _sees(account: Account) -> None:
    """Whoever may ask, and whoever may be the second person."""
    seconds = rights.seconds_of(act="contacts_export")
    if accounts.posts_of(account).isdisjoint(seconds):
        rights.require(account=account, act="contacts_export")


def listing(request: HttpRequest) -> HttpResponse:
    """What was asked for lately, and a new request."""
    organisation, account = organisation_of(request), account_of(request)
    _sees(account)
    why_not = actions.may_ask(organisation=organisation, by=account)
    form = ExportForm(request.POST or None, organisation=organisation, initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        wanted = {name: typed[name] for name in ("text", "area", "group")}
        try:
            made = actions.ask_export(
                organisation=organisation, format=typed["format"], purpose=typed["purpose"], wanted=wanted, by=account
            )
        except Refused as refused:
            refuse(form, refused)
            return _list_page(request, form, why_not, status_of(refused))
        return redirect("contact-export", id=made.id)
    return _list_page(request, form, why_not, 422 if form.errors else 200)


def _list_page(request: HttpRequest, form: ExportForm, why_not: Refused | None, status: int) -> HttpResponse:
    shown = [
        {"one": one, "state": words.EXPORTS[queries.export_state(one)]}
        for one in queries.exports(organisation_of(request))[:SHOWN]
    ]
    return render(request, "contacts/exports.html", {"form": form, "exports": shown, "why_not": why_not}, status=status)


def one(request: HttpRequest, id: str) -> HttpResponse:
    """One request: the second person agrees or declines, whoever asked fetches it."""
    account, export = account_of(request), queries.export(organisation_of(request), id)
    _sees(account)
    if request.method != "POST":
        return _page(request, export, AgreeForm())
    form = AgreeForm(request.POST)
    do = request.POST.get("do", "")
    try:
        if do == "decline":
            actions.decline_export(export=export, by=account)
            return redirect("contact-export", id=export.id)
        if form.is_valid():
            return _act(request, export, form, do)
    except Refused as refused:
        export = queries.export(organisation_of(request), id)
        refuse(form, refused)
        return _page(request, export, form, status_of(refused))
    return _page(request, export, form, 422)


def _act(request: HttpRequest, export: ContactExport, form: AgreeForm, do: str) -> HttpResponse:
    account = account_of(request)
    # Whether it may be done at all is asked first, so that a refusal costs no one-time code.
    refused = _why_not(export, account, do)
    if refused is not None:
        raise refused
    proof = factor.prove(request, account, form.cleaned_data, actions.export_digest(export, account))
    if do == "agree":
        actions.agree_export(export=export, step_up=proof, by=account)
        return redirect("contact-export", id=export.id)
    return download(
        actions.fetch_export(export=export, step_up=proof, by=account), f"contacts-{export.id}", export.format
    )


def _why_not(export: ContactExport, account: Account, do: str) -> Refused | None:
    state = queries.export_state(export)
    if do == "agree":
        late = (
            None
            if state == "asked"
            else Refused("export_state", gettext_noop("It is no longer open."), kind="conflict")
        )
        return actions.may_agree(export=export, by=account) or late
    if do == "fetch":
        if account.pk != export.by_id:
            return Refused("not_yours", gettext_noop("Only the person who asked for it fetches it."), kind="forbidden")
        late = Refused("export_state", gettext_noop("It cannot be fetched now; ask again."), kind="conflict")
        return None if state == "agreed" else late
    return Refused("unknown_act", gettext_noop("This page does not know that act."))


@require_POST
def challenge(request: HttpRequest, id: str) -> HttpResponse:
    """A passkey challenge bound to this request by this person."""
    account, export = account_of(request), queries.export(organisation_of(request), id)
    do = "fetch" if account.pk == export.by_id else "agree"
    refused = _why_not(export, account, do)
    if refused is not None:
        return JsonResponse({"reason": str(refused)}, status=403)
    return factor.challenge(request, account, actions.export_digest(export, account))


def _page(request: HttpRequest, export: ContactExport, form: AgreeForm, status: int = 200) -> HttpResponse:
    account, state = account_of(request), queries.export_state(export)
    group = Group.objects.filter(organisation=export.organisation, pk=export.wanted["group"]).first()
    areas = dict(area_choices(export.organisation))
    context: dict[str, Any] = {
        "export": export,
        "state": words.EXPORTS[state],
        "code": state,
        "form": form,
        "factors": accounts.factors_of(account),
        "mine": account.pk == export.by_id,
        "why_not_agree": actions.may_agree(export=export, by=account),
        "wanted": {
            "text": export.wanted["text"],
            "area": areas.get(export.wanted["area"], export.wanted["area"]),
            "group": group.name if group else "",
        },
    }
    return render(request, "contacts/export.html", context, status=status)
