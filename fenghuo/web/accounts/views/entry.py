"""Coming in: password, then a second factor; or a passkey first; or, in an exercise, a link. And going out."""

import secrets

from django.contrib import messages
from django.contrib.auth import authenticate, logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from fenghuo.ground.accounts import actions, queries
from fenghuo.ground.accounts.models import Account
from fenghuo.ground.refusal import Refused
from fenghuo.web.accounts import coming_in, devices, factor, forms
from fenghuo.web.accounts.coming_in import ARRIVAL, HALF
from fenghuo.web.forms import refuse

ARRIVAL_CHALLENGE = "arrival_challenge"


@login_not_required
@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Name and password. The answer to a wrong one is the same in words and time, whoever's name it was (fault X3)."""
    if request.user.is_authenticated:
        return redirect("desk")
    if "next" in request.GET:
        request.session["next"] = request.GET["next"]
    arrived = coming_in.kept(request, ARRIVAL)
    form = forms.SignIn(request.POST or None, initial={"username": arrived[0].username if arrived else ""})
    if request.method == "POST" and form.is_valid():
        username = form.cleaned_data["username"]
        account = authenticate(request, username=username, password=form.cleaned_data["password"])
        if isinstance(account, Account):
            return _password_right(request, account)
        if not getattr(request, "axes_locked_out", False):
            actions.device_failed(username=username, token=devices.token(request))
            actions.sign_in_failed(username=username, place=devices.network(request), stage="password")
        form.add_error(None, gettext("Name and password do not fit. Nobody is told which of the two is wrong."))
    status = 422 if request.method == "POST" else 200
    page = {"form": form, "arrived": arrived, "passkeys": queries.passkeys_work() is None}
    return render(request, "accounts/sign_in.html", page, status=status)


def _password_right(request: HttpRequest, account: Account) -> HttpResponse:
    arrived = coming_in.kept(request, ARRIVAL)
    if arrived and arrived[0].pk == account.pk:
        proof = queries.proof_of_presence(account, arrived[1]["proof"])
        if proof is not None:
            return coming_in.let_in(request, account, proof)
    coming_in.keep(request, HALF, account)
    return redirect("sign-in-factor")


@login_not_required
@never_cache
@sensitive_post_parameters("code", "passkey")
def second_factor(request: HttpRequest) -> HttpResponse:
    """The second step, for ten minutes after the first."""
    half = coming_in.kept(request, HALF)
    if half is None:
        return redirect("sign-in")
    account = half[0]
    form = forms.Factor(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return coming_in.let_in(request, account, factor.prove(request, account, form.cleaned_data))
        except Refused as refused:
            actions.sign_in_failed(username=account.username, place=devices.network(request), stage="factor")
            refuse(form, refused)
    status = 422 if request.method == "POST" else 200
    page = {"form": form, "account": account, "factors": queries.factors_of(account)}
    return render(request, "accounts/second_factor.html", page, status=status)


@login_not_required
@never_cache
@require_POST
def second_factor_challenge(request: HttpRequest) -> HttpResponse:
    """For passkey.js on the second step."""
    half = coming_in.kept(request, HALF)
    if half is None:
        return JsonResponse({"reason": gettext("Begin again with name and password.")}, status=409)
    return factor.challenge(request, half[0])


@login_not_required
@never_cache
@require_POST
def arrival_challenge(request: HttpRequest) -> HttpResponse:
    """For passkey.js on the sign-in page: whatever passkey the person holds for this place."""
    refused = queries.passkeys_work()
    if refused is not None:
        return JsonResponse({"reason": str(refused)}, status=422)
    challenge = secrets.token_bytes(32)
    request.session[ARRIVAL_CHALLENGE] = challenge.hex()
    return JsonResponse({"nonce": "", "options": queries.arrival_options(challenge)})


@login_not_required
@never_cache
@require_POST
def arrive(request: HttpRequest) -> HttpResponse:
    """A passkey first: the device is known from now on, and only the password is still asked for."""
    form = forms.Arrival(request.POST)
    challenge = bytes.fromhex(request.session.pop(ARRIVAL_CHALLENGE, ""))
    if not form.is_valid() or not challenge:
        messages.error(request, gettext("The passkey was not used. Try again, or sign in with name and password."))
        return redirect("sign-in")
    try:
        account, proof = actions.recognise_passkey(challenge=challenge, response=form.cleaned_data["passkey"])
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("sign-in")
    coming_in.keep(request, ARRIVAL, account, proof=proof.pk)
    response = redirect("sign-in")
    devices.remember(request, response, account)
    return response


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session."""
    account = request.user
    if isinstance(account, Account):
        actions.end_session(session=coming_in.session_of(request), by=account)
    logout(request)
    return redirect("sign-in")


@login_not_required
@never_cache
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """An exercise's link: one press opens a session. Looking at it uses nothing up, so that a preview cannot."""
    if request.method != "POST":
        invitation = queries.invitation(token, purposes=("enter",))
        page = {"invitation": invitation, "held": queries.posts_of(invitation.account) if invitation else ()}
        return render(request, "accounts/enter.html", page, status=200 if invitation else 404)
    try:
        account = actions.enter(token=token)
    except Refused as refused:
        return render(request, "accounts/enter.html", {"refusal": refused}, status=404)
    response = coming_in.let_in(request, account, proof=None)
    if "signer" in queries.posts_of(account) and not queries.factors_of(account).any:
        messages.warning(request, gettext("Before you can sign, set up a second factor under “My account”."))
    return response
