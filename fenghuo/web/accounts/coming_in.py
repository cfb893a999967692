"""The two steps of signing in, and what is left behind in the browser when they are done."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from fenghuo.ground import clock
from fenghuo.ground.accounts import actions, queries
from fenghuo.ground.accounts.models import Account, OpenSession, StepUp
from fenghuo.web.accounts import devices
from fenghuo.web.accounts.middleware import KEY

BACKEND = "django.contrib.auth.backends.ModelBackend"
HALF = "half_signed_in"  # {"account", "at"}: the password was right, the second factor is still to come
ARRIVAL = "arrival"  # {"account", "proof", "at"}: a passkey was shown first, the password is still to come
BETWEEN = timedelta(minutes=10)


def keep(request: HttpRequest, step: str, account: Account, **more: str) -> None:
    """Remember one step of two, under a new session key."""
    request.session.cycle_key()
    request.session[step] = {"account": account.pk, "at": clock.now().isoformat(), **more}


def kept(request: HttpRequest, step: str) -> tuple[Account, dict[str, Any]] | None:
    """Whose step is kept, while it is fresh and the account works."""
    found = request.session.get(step)
    if not found or clock.now() - datetime.fromisoformat(found["at"]) > BETWEEN:
        return None
    account = Account.objects.filter(pk=found["account"], is_active=True).first()
    return (account, found) if account else None


def let_in(request: HttpRequest, account: Account, proof: StepUp | None) -> HttpResponse:
    """Open the session, know the device, and go where the person wanted to go. The session key is new (ASVS 7.2.4)."""
    target = request.session.get("next", "")
    opened = actions.open_session(
        account=account, proof=proof, place=devices.network(request), browser=devices.browser(request)
    )
    for step in (HALF, ARRIVAL, "next"):
        request.session.pop(step, None)
    login(request, account, backend=BACKEND)
    request.session[KEY] = opened.pk
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    response = HttpResponseRedirect(target) if safe else redirect("desk")
    devices.remember(request, response, account)
    return response


def session_of(request: HttpRequest) -> OpenSession:
    """The line of this very session; the middleware has let in nobody without one."""
    return OpenSession.objects.get(pk=request.session[KEY])


def may_change_keys(request: HttpRequest, account: Account) -> bool:
    """Keys are changed by someone who has just shown one; who has none yet sets up the first."""
    return not queries.factors_of(account).any or queries.session_confirmed(session_of(request))
