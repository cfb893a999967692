"""Organisations of this installation, as the administrators of the tier above see them. Nobody else sees these pages."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from fenghuo.ground.accounts import actions, queries, rules
from fenghuo.ground.accounts.models import Organisation, OrganisationProposal
from fenghuo.ground.areas import queries as areas
from fenghuo.ground.refusal import Refused, RefusedMany
from fenghuo.warning.alerts import actions as alerts
from fenghuo.web.forms import refuse, status_of
from fenghuo.web.organisations import forms
from fenghuo.web.shell.people import account_of

READERS = {"system_admin", "security_admin", "auditor"}
LONGEST_CODE = 9  # towns are offered; a village with its own desk is typed by its code
ANSWERS = {
    "add": _("Approved: the organisation is there. Invite its people under “Accounts”."),
    "change": _("Approved: it holds from now on. What was submitted and is not signed must be reviewed anew."),
    "close": _("Approved: nobody works there any more, and nothing more is sent. What was kept stays."),
    "reopen": _("Approved: it is open again. Enable its people one by one; a signer resumes its sending."),
}


def _reach(request: HttpRequest) -> list[Organisation]:
    """One's own organisation and those below. Raises Refused for everyone but administrators and the auditor, 404 where the
    tier above administers."""
    account = account_of(request)
    own = queries.organisation_of(account)
    if queries.provisioned_above(own):
        raise Http404
    if not queries.posts_of(account) & READERS:
        raise Refused("not_your_post", _("Organisations are kept by the administrators."), kind="forbidden")
    return queries.organisations_for(own)


def _organisation(request: HttpRequest, key: str) -> Organisation:
    found = next((one for one in _reach(request) if one.pk == key), None)
    if found is None:
        raise Http404
    return found


def _named(proposal: OrganisationProposal, request: HttpRequest) -> dict[str, Any]:
    return {"proposal": proposal, "why_not": rules.may_decide(proposal=proposal, account=account_of(request))}


@never_cache
def organisations(request: HttpRequest) -> HttpResponse:
    """Own organisation, those below, and what waits for approval."""
    reach = _reach(request)
    by = account_of(request)
    own = queries.organisation_of(by)
    page = {
        "lines": [(one, queries.profile_of(one)) for one in reach],
        "own": own,
        "proposals": [_named(one, request) for one in queries.organisation_proposals(own)],
        "why_not_propose": rules.may(account=by, act="organisations_propose"),
        "account": by,
    }
    return render(request, "organisations/organisations.html", page)


@never_cache
def new(request: HttpRequest) -> HttpResponse:
    """Propose an organisation for an area below."""
    _reach(request)
    by = account_of(request)
    rules.require(account=by, act="organisations_propose")
    own = queries.organisation_of(by)
    form = forms.New(request.POST or None, initial={"profile": own.profile})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            typed = form.cleaned_data
            try:
                actions.propose_organisation(**typed | {"signature": typed["signature"].strip() or None}, by=by)
            except (Refused, RefusedMany) as refused:
                refuse(form, refused)
                status = status_of(refused)
            else:
                messages.success(request, gettext("Proposed. Another administrator approves it."))
                return redirect("organisations")
    return render(request, "organisations/new.html", {"form": form, "areas": _free(own)}, status=status)


def _free(own: Organisation) -> list[tuple[str, str]]:
    """Areas below that have no organisation yet, with the signature each would get."""
    taken = set(Organisation.objects.filter(area__code__startswith=own.area_id).values_list("area_id", flat=True))
    below = areas.subtree(own.area_id).exclude(code=own.area_id)
    towns = [one for one in below.filter(level__in=("city", "county", "town")) if one.code not in taken]
    return [(one.code, one.name) for one in towns if len(one.code) <= LONGEST_CODE]


@never_cache
def show(request: HttpRequest, key: str) -> HttpResponse:
    """One organisation: in whose name it speaks, and what may be proposed; POST proposes a change."""
    organisation = _organisation(request, key)
    by = account_of(request)
    now = {"name": organisation.name, "signature": organisation.signature, "profile": organisation.profile}
    form = forms.Change(request.POST or None, initial=now)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                actions.propose_change(organisation=organisation, **form.cleaned_data, by=by)
            except (Refused, RefusedMany) as refused:
                refuse(form, refused)
                status = status_of(refused)
            else:
                messages.success(request, gettext("Proposed. Another administrator approves it."))
                return redirect("organisation", key=organisation.pk)
    own = queries.organisation_of(by)
    page = {
        "it": organisation,
        "profile": queries.profile_of(organisation),
        "path": areas.path(organisation.area_id),
        "is_own": own.pk == organisation.pk,
        "form": form,
        "why_form": forms.Why(auto_id="close_%s"),
        "proposal": next(
            (one for one in queries.organisation_proposals(own) if one.organisation_id == organisation.pk), None
        ),
        # It is on the page, so the reason is the post that is lacking, never that there is no such organisation.
        "why_not_change": rules.may(account=by, act="profile_propose")
        or rules.may(account=by, act="profile_propose", organisation=organisation),
        "why_not_close": rules.may(account=by, act="organisations_propose", organisation=organisation),
    }
    return render(request, "organisations/organisation.html", page, status=status)


@never_cache
@require_POST
def act(request: HttpRequest, key: str) -> HttpResponse:
    """Propose to close, or to open again."""
    organisation, by = _organisation(request, key), account_of(request)
    why = request.POST.get("why", "")
    acts: dict[str, Callable[[], Any]] = {
        "close": lambda: actions.propose_closing(organisation=organisation, why=why, by=by),
        "reopen": lambda: actions.propose_reopening(organisation=organisation, why=why, by=by),
    }
    if request.POST.get("do") not in acts:
        raise Http404
    try:
        acts[request.POST["do"]]()
    except Refused as refused:
        if refused.kind == "missing":
            raise
        messages.error(request, str(refused))
    else:
        messages.success(request, gettext("Proposed. Another administrator approves it."))
    return redirect("organisation", key=organisation.pk)


@never_cache
@require_POST
def decide(request: HttpRequest, key: str) -> HttpResponse:
    """Approve, reject or take back a proposal."""
    reach, by = _reach(request), account_of(request)
    found = OrganisationProposal.objects.filter(pk=key, upper__in=reach) if queries.is_id(key) else None
    proposal = found.first() if found is not None else None
    if proposal is None:
        raise Http404
    try:
        if request.POST.get("do") == "approve":
            alerts.approve_organisation(proposal=proposal, by=by)
            messages.success(request, gettext(ANSWERS[proposal.act]))
        else:
            actions.reject_organisation(proposal=proposal, reason=request.POST.get("reason", ""), by=by)
            messages.success(request, gettext("Decided, and written to the journal."))
    except (Refused, RefusedMany) as refused:
        if isinstance(refused, Refused) and refused.kind == "missing":
            raise
        messages.error(request, str(refused))
    return redirect("organisations")
