"""Links that make an account work: the printed code of a new installation, and the invitations that follow."""

import secrets

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from fenghuo.ground.accounts import actions, queries
from fenghuo.ground.accounts.models import Account, Invitation
from fenghuo.ground.refusal import Refused, RefusedMany
from fenghuo.web.accounts import forms, qr
from fenghuo.web.forms import refuse

PURPOSES = ("invite", "renew")
SECRET = "new_totp"  # {link or "": base 32}: shown until the app has shown that it works
CHALLENGE = "new_passkey"


def totp_secret(request: HttpRequest, link: str) -> str:
    """The authenticator key offered on this page, the same when the page comes back refused."""
    offered = request.session.get(SECRET)
    if not offered or offered[0] != link:
        offered = request.session[SECRET] = [link, queries.new_totp_secret()]
    return str(offered[1])


def offer_passkey(request: HttpRequest, account: Account) -> HttpResponse:
    """JSON `{options}` for keys.js, or `{reason}`."""
    challenge = secrets.token_bytes(32)
    try:
        options = queries.registration_options(account, challenge)
    except Refused as refused:
        return JsonResponse({"reason": str(refused)}, status=422)
    request.session[CHALLENGE] = challenge.hex()
    return JsonResponse({"options": options})


def offered_challenge(request: HttpRequest) -> bytes:
    """The challenge of the passkey being made; each is used once."""
    return bytes.fromhex(request.session.pop(CHALLENGE, ""))


@login_not_required
@never_cache
@sensitive_post_parameters()
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Password and second factor by a link that works once."""
    invitation = queries.invitation(token, purposes=PURPOSES)
    if invitation is None:
        return render(request, "accounts/dead_link.html", status=404)
    form = forms.Accept(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _accept(request, token, form)
        except (Refused, RefusedMany) as refused:
            refuse(form, refused)
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/invitation.html", _page(request, token, invitation, form), status=status)


def _accept(request: HttpRequest, token: str, form: forms.Accept) -> HttpResponse:
    typed = form.cleaned_data
    first = actions.FirstFactor(
        totp_secret=totp_secret(request, token),
        totp_code=typed["totp_code"],
        passkey_challenge=offered_challenge(request),
        passkey_response=typed["passkey"],
        printed=request.POST.get("factor") == "printed",
    )
    account, codes = actions.accept_invitation(token=token, password=typed["password"], factor=first)
    request.session.pop(SECRET, None)
    return render(request, "accounts/accepted.html", {"account": account, "codes": codes})


def _page(request: HttpRequest, token: str, invitation: Invitation, form: forms.Accept) -> dict[str, object]:
    account = invitation.account
    made = totp_secret(request, token)
    return {
        "form": form,
        "token": token,
        "account": account,
        "invited_to": account.person.organisation,
        "secret": qr.grouped(made),
        "picture": qr.picture(queries.totp_uri(account, made)),
        "no_passkeys": queries.passkeys_work(),
    }


@login_not_required
@never_cache
@require_POST
def passkey_options(request: HttpRequest, token: str) -> HttpResponse:
    """For keys.js on the invitation's page."""
    invitation = queries.invitation(token, purposes=PURPOSES)
    if invitation is None:
        return JsonResponse({"reason": ""}, status=404)
    return offer_passkey(request, invitation.account)


@login_not_required
@never_cache
@sensitive_post_parameters("code")
def bootstrap(request: HttpRequest) -> HttpResponse:
    """The printed code names the first system and the first security administrator: two persons, two links."""
    if request.user.is_authenticated:
        return redirect("desk")
    form = forms.Bootstrap(request.POST or None)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        people = [
            actions.NewPerson(typed[f"{who}_name"], typed[f"{who}_username"], typed[f"{who}_phone"])
            for who in ("system", "security")
        ]
        try:
            links = actions.bootstrap(code=typed["code"], system=people[0], security=people[1])
        except (Refused, RefusedMany) as refused:
            refuse(form, refused)
        else:
            return render(request, "accounts/bootstrapped.html", {"links": [shown(request, link) for link in links]})
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/bootstrap.html", {"form": form}, status=status)


def shown(request: HttpRequest, link: Invitation) -> dict[str, object]:
    """A link as it is shown, once: for whom, its address, until when."""
    address = request.build_absolute_uri(reverse("invitation", args=[link.link_token]))
    return {"account": link.account, "address": address, "expires_at": link.expires_at}
