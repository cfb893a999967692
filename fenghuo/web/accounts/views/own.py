"""My account: posts, keys, sessions, known devices, tokens. A key is changed by someone who has just shown one."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from fenghuo.ground.accounts import actions, queries
from fenghuo.ground.accounts.models import Account
from fenghuo.ground.refusal import Refused, RefusedMany
from fenghuo.web.accounts import coming_in, devices, factor, forms, qr
from fenghuo.web.accounts.views import invitation
from fenghuo.web.forms import refuse
from fenghuo.web.shell.people import account_of

Thing = TypeVar("Thing")
View = Callable[..., HttpResponse]
OWN = "own-account"


def changes_keys(view: View) -> View:
    """Ask for the second factor first when it was not shown within the last minutes; then the person presses again."""

    @wraps(view)
    def asked(request: HttpRequest, *args: str, **names: str) -> HttpResponse:
        if coming_in.may_change_keys(request, account_of(request)):
            return view(request, *args, **names)
        target = request.get_full_path() if request.method == "GET" else reverse(OWN)
        request.session["after_confirm"] = target
        return redirect("own-confirm")

    return asked


@never_cache
def own(request: HttpRequest) -> HttpResponse:
    """Everything about the signed-in person's own account."""
    account = account_of(request)
    page = {
        "account": account,
        "factors": queries.factors_of(account),
        "passkeys": queries.passkeys_of(account),
        "no_passkeys": queries.passkeys_work(),
        "sessions": queries.sessions_of(account),
        "this_session": coming_in.session_of(request),
        "devices": queries.devices_of(account),
        "this_device": devices.token_hash(request),
        "tokens": queries.tokens_of(account),
        "grants": queries.recent_grants(queries.organisation_of(account)),
    }
    return render(request, "accounts/own.html", page)


@never_cache
@sensitive_post_parameters("code", "passkey")
def confirm(request: HttpRequest) -> HttpResponse:
    """It is you: a second factor before keys are changed."""
    account = account_of(request)
    form = forms.Factor(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            proof = factor.prove(request, account, form.cleaned_data)
            actions.confirm(session=coming_in.session_of(request), proof=proof, by=account)
            return redirect(request.session.pop("after_confirm", reverse(OWN)))
        except Refused as refused:
            refuse(form, refused)
    status = 422 if request.method == "POST" else 200
    page = {"form": form, "factors": queries.factors_of(account)}
    return render(request, "accounts/confirm.html", page, status=status)


@never_cache
@require_POST
def confirm_challenge(request: HttpRequest) -> HttpResponse:
    """For passkey.js."""
    return factor.challenge(request, account_of(request))


@never_cache
@changes_keys
@sensitive_post_parameters()
def password(request: HttpRequest) -> HttpResponse:
    """A new password; every other session ends."""
    account = account_of(request)
    form = forms.NewPassword(request.POST or None)
    if not account.has_usable_password():
        del form.fields["current"]
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            actions.change_password(account=account, current=typed.get("current", ""), password=typed["password"])
        except (Refused, RefusedMany) as refused:
            refuse(form, refused)
        else:
            return _password_changed(request, account)
    return render(request, "accounts/password.html", {"form": form}, status=422 if request.method == "POST" else 200)


def _password_changed(request: HttpRequest, account: Account) -> HttpResponse:
    session = coming_in.session_of(request)
    actions.end_other_sessions(account=account, keep=session, by=account)
    update_session_auth_hash(request, account)
    messages.success(request, gettext("The password is changed; your sessions elsewhere are ended."))
    return redirect(OWN)


@never_cache
@changes_keys
@sensitive_post_parameters()
def app(request: HttpRequest) -> HttpResponse:
    """Set up an authenticator app, or take it away."""
    account = account_of(request)
    if request.POST.get("do") == "remove":
        return _done(request, lambda: actions.remove_totp(account=account), gettext("The app is taken away."))
    made = invitation.totp_secret(request, "")
    form = forms.App(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_totp(account=account, totp_secret=made, code=form.cleaned_data["totp_code"])
        except Refused as refused:
            refuse(form, refused)
        else:
            request.session.pop(invitation.SECRET, None)
            messages.success(request, gettext("The authenticator app is set up."))
            return redirect(OWN)
    page = {"form": form, "secret": qr.grouped(made), "picture": qr.picture(queries.totp_uri(account, made))}
    return render(request, "accounts/app.html", page, status=422 if request.method == "POST" else 200)


@never_cache
@changes_keys
def passkeys(request: HttpRequest) -> HttpResponse:
    """Make a passkey, or take one away."""
    account = account_of(request)
    if request.POST.get("do") == "remove":
        passkey = _own(queries.passkeys_of(account).filter(pk=_named(request, "passkey")).first())
        message = gettext("The passkey is taken away.")
        return _done(request, lambda: actions.remove_passkey(account=account, passkey=passkey), message)
    form = forms.NewPasskey(request.POST or None)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        challenge = invitation.offered_challenge(request)
        try:
            actions.add_passkey(account=account, name=typed["name"], challenge=challenge, response=typed["passkey"])
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, gettext("The passkey is set up."))
            return redirect(OWN)
    page = {"form": form, "no_passkeys": queries.passkeys_work()}
    return render(request, "accounts/passkeys.html", page, status=422 if request.method == "POST" else 200)


@never_cache
@require_POST
def passkey_options(request: HttpRequest) -> HttpResponse:
    """For keys.js."""
    if not coming_in.may_change_keys(request, account_of(request)):
        raise Refused("confirm_first", gettext_noop("Show your second factor first."), kind="forbidden")
    return invitation.offer_passkey(request, account_of(request))


@never_cache
@require_POST
@changes_keys
def codes(request: HttpRequest) -> HttpResponse:
    """A new sheet of one-time codes, shown once, to be printed."""
    account = account_of(request)
    return render(request, "accounts/codes.html", {"account": account, "codes": actions.print_codes(account=account)})


@never_cache
@require_POST
def sessions(request: HttpRequest) -> HttpResponse:
    """End one session, or all but this one. No factor is asked: ending is never dangerous."""
    account = account_of(request)
    if request.POST.get("do") == "others":
        actions.end_other_sessions(account=account, keep=coming_in.session_of(request), by=account)
    else:
        session = _own(account.open_sessions.filter(pk=_named(request, "session")).first())
        actions.end_session(session=session, by=account)
    messages.success(request, gettext("Ended."))
    return redirect(OWN)


@never_cache
@require_POST
def known_devices(request: HttpRequest) -> HttpResponse:
    """Forget a device."""
    account = account_of(request)
    device = _own(queries.devices_of(account).filter(pk=_named(request, "device")).first())
    actions.forget_device(device=device, by=account)
    messages.success(request, gettext("Forgotten."))
    return redirect(OWN)


@never_cache
@require_POST
@changes_keys
def tokens(request: HttpRequest) -> HttpResponse:
    """Make an API token, shown once, or revoke one."""
    account = account_of(request)
    if request.POST.get("do") == "revoke":
        token = _own(queries.tokens_of(account).filter(pk=_named(request, "token")).first())
        return _done(request, lambda: actions.revoke_token(token=token, by=account), gettext("The token is revoked."))
    form = forms.Token(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("Say what the token is for."))
        return redirect(OWN)
    text = actions.issue_token(account=account, by=account, name=form.cleaned_data["name"])
    return render(request, "accounts/token.html", {"text": text, "name": form.cleaned_data["name"]})


def _named(request: HttpRequest, field: str) -> str:
    """The id in a field; empty for what cannot be one."""
    text = request.POST.get(field, "")
    return text if queries.is_id(text) else ""


def _own(thing: Thing | None) -> Thing:
    if thing is None:
        raise Http404
    return thing


def _done(request: HttpRequest, act: Callable[[], None], message: str) -> HttpResponse:
    try:
        act()
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, message)
    return redirect(OWN)
