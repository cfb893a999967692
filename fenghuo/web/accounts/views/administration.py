"""Accounts administration: one administrator invites, disables and proposes, another approves. Nobody else sees these pages."""

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
from fenghuo.ground.accounts.models import Account, Organisation, PostProposal
from fenghuo.ground.refusal import Refused, RefusedMany
from fenghuo.web.accounts import forms
from fenghuo.web.accounts.views.invitation import shown
from fenghuo.web.forms import refuse
from fenghuo.web.shell.people import account_of

READERS = {"system_admin", "security_admin", "auditor"}


def _reach(request: HttpRequest) -> list[Organisation]:
    """The organisations whose accounts the person may see. Raises Refused for everyone but administrators and the auditor."""
    account = account_of(request)
    if queries.provisioned_above(queries.organisation_of(account)):
        raise Http404  # XC 7: the tier above administers; this town has no such page
    if not queries.posts_of(account) & READERS:
        reason = _("Accounts are kept by the administrators.")
        raise Refused("not_your_post", reason, kind="forbidden")
    return queries.organisations_for(queries.organisation_of(account))


def _account(request: HttpRequest, key: str) -> Account:
    reach = _reach(request)
    found = Account.objects.filter(pk=key, person__organisation__in=reach).first() if queries.is_id(key) else None
    if found is None:
        raise Http404
    return found


@never_cache
def accounts(request: HttpRequest) -> HttpResponse:
    """Everyone's account, organisation by organisation, and what waits for approval."""
    by, reach = account_of(request), _reach(request)
    people = [
        (
            one,
            [
                (account, queries.posts_of(account), account.has_usable_password())
                for account in queries.accounts_of(one)
            ],
        )
        for one in reach
    ]
    page = {
        "people": people,
        "total": sum(len(lines) for _one, lines in people),
        "proposals": [
            (one, rules.may_approve(proposal=one, account=by)) for one in queries.proposals(queries.organisation_of(by))
        ],
        "why_not_invite": None if any(_may_create(by, one) for one in reach) else _first_reason(by, reach),
    }
    return render(request, "accounts/accounts.html", page)


def _may_create(by: Account, organisation: Organisation) -> bool:
    return rules.may(account=by, act="accounts_create", organisation=organisation) is None


def _first_reason(by: Account, reach: list[Organisation]) -> Refused | None:
    return rules.may(account=by, act="accounts_create", organisation=reach[0])


@never_cache
def invite(request: HttpRequest) -> HttpResponse:
    """A new person: the link is shown once; posts are proposed with it."""
    by = account_of(request)
    able = {one.pk: one for one in _reach(request) if _may_create(by, one)}
    if not able:
        rules.require(account=by, act="accounts_create")
    form = forms.Invite(request.POST or None, organisations=[(key, one.name) for key, one in able.items()])
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            link = actions.invite(
                organisation=able[typed["organisation"]],
                name=typed["name"],
                username=typed["username"],
                posts=typed["posts"],
                phone=typed["phone"],
                another_person=typed["another_person"],
                by=by,
            )
        except (Refused, RefusedMany) as refused:
            refuse(form, refused)
        else:
            return render(request, "accounts/invited.html", {"link": shown(request, link), "posts": typed["posts"]})
    return render(request, "accounts/invite.html", {"form": form}, status=422 if request.method == "POST" else 200)


@never_cache
def account(request: HttpRequest, key: str) -> HttpResponse:
    """One person: posts, proposals, sessions; and what an administrator can do."""
    person = _account(request, key)
    by, organisation = account_of(request), person.person.organisation
    page = {
        "account": person,
        "posts_held": sorted(queries.posts_of(person)),
        "waiting": [one for one in queries.proposals(organisation) if one.person_id == person.person_id],
        "factors": queries.factors_of(person),
        "sessions": queries.sessions_of(person),
        "signed_up": person.has_usable_password(),
        "why_not_propose": rules.may(account=by, act="posts_propose", organisation=organisation),
        "why_not_disable": rules.may(account=by, act="accounts_disable", organisation=organisation),
        "form": forms.ChoosePost(),
        "reason": forms.Reason(),
    }
    return render(request, "accounts/account.html", page)


@never_cache
@require_POST
def act(request: HttpRequest, key: str) -> HttpResponse:
    """What the buttons on a person's page do."""
    person, by = _account(request, key), account_of(request)
    post = request.POST.get("post", "")
    acts: dict[str, tuple[Callable[[], Any], str]] = {
        "grant": (lambda: actions.propose_grant(person=person.person, post=post, by=by), gettext("Proposed.")),
        "revoke": (lambda: actions.propose_revoke(person=person.person, post=post, by=by), gettext("Proposed.")),
        "renew": (lambda: actions.propose_renewal(person=person.person, by=by), gettext("Proposed.")),
        "again": (lambda: actions.invite_again(account=person, by=by), ""),
        "enable": (lambda: actions.enable(account=person, by=by), ""),
        "disable": (
            lambda: actions.disable(account=person, reason=request.POST.get("reason", ""), by=by),
            gettext("Disabled: nothing of this account works from now on."),
        ),
    }
    if request.POST.get("do") not in acts:
        raise Http404
    do, message = acts[request.POST["do"]]
    try:
        made = do()
    except Refused as refused:
        if refused.kind == "missing":
            raise
        messages.error(request, str(refused))
        return redirect("account", key=person.pk)
    if not message:
        return render(request, "accounts/invited.html", {"link": shown(request, made)})
    messages.success(request, message)
    return redirect("account", key=person.pk)


@never_cache
@require_POST
def decide(request: HttpRequest, key: str) -> HttpResponse:
    """Approve or reject a proposal; an approved renewal shows its link, once."""
    by = account_of(request)
    reach = _reach(request)
    proposal = PostProposal.objects.filter(pk=key, organisation__in=reach).first() if queries.is_id(key) else None
    if proposal is None:
        raise Http404
    try:
        if request.POST.get("do") == "approve":
            proposal = actions.approve_proposal(proposal=proposal, by=by)
        else:
            actions.reject_proposal(proposal=proposal, reason=request.POST.get("reason", ""), by=by)
    except Refused as refused:
        if refused.kind == "missing":
            raise
        messages.error(request, str(refused))
        return redirect("accounts")
    if proposal.link_token:
        invitation = queries.invitation(proposal.link_token, purposes=("renew",))
        if invitation is not None:
            invitation.link_token = proposal.link_token
            return render(request, "accounts/invited.html", {"link": shown(request, invitation)})
    messages.success(request, gettext("Decided, and written to the journal."))
    return redirect("accounts")
