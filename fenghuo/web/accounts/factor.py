"""A second factor, bound to a digest: of what is signed, else of mere presence (at the door, before keys are changed)."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext_noop

from fenghuo.ground.accounts import actions, queries
from fenghuo.ground.accounts.models import Account, StepUp
from fenghuo.ground.refusal import Refused
from fenghuo.web.accounts import devices


def challenge(request: HttpRequest, account: Account, digest: str = "") -> HttpResponse:
    """JSON `{nonce, options}` for passkey.js, or `{reason}`. An empty digest means presence."""
    digest = digest or queries.presence_digest(account)
    begun = actions.begin_step_up(account=account, digest=digest, session=request.session.session_key or "")
    if begun.passkey_options is None:
        refused = queries.passkeys_work() or Refused(
            "no_passkey", gettext_noop("No passkey is registered for this account at this address. Use a code.")
        )
        return JsonResponse({"reason": str(refused)}, status=422)
    return JsonResponse({"nonce": begun.nonce, "options": begun.passkey_options})


def examine(account: Account, typed: dict[str, Any]) -> Refused | None:
    """What is wrong with a typed code, without spending it; a passkey is not examined beforehand."""
    if typed.get("passkey") or not typed.get("code"):
        return None
    refused = actions.examine_code(account=account, **{_factor_of(typed["code"]): typed["code"]})
    if refused is not None:
        refused.field = "code"
    return refused


def _factor_of(code: str) -> str:
    """Six digits are an authenticator's, anything else a printed code."""
    plain = "".join(code.split())
    return "totp" if plain.isdecimal() and len(plain) <= 8 else "code"


def prove(request: HttpRequest, account: Account, typed: dict[str, Any], digest: str = "") -> StepUp:
    """The proof from `{code, nonce, passkey}`."""
    digest, session = digest or queries.presence_digest(account), request.session.session_key or ""
    factor, response, nonce = "passkey", typed["passkey"], typed["nonce"]
    if not response:
        response = typed["code"]
        factor = _factor_of(response)
        nonce = actions.begin_step_up(account=account, digest=digest, session=session).nonce
    try:
        return actions.complete_step_up(
            account=account,
            digest=digest,
            nonce=nonce,
            factor=factor,
            response=response,
            session=session,
            place=account.place or devices.network(request),  # at the door nobody is signed in yet
        )
    except Refused as refused:
        refused.field = "code"  # the page shows the reason where the code is typed, whichever factor it was
        raise
