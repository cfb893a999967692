"""The second factor of an act: a challenge for a passkey, or a code, turned into a proof bound to a digest."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext_noop

from fenghuo.ground.accounts import actions as accounts
from fenghuo.ground.accounts.models import StepUp
from fenghuo.ground.refusal import Refused
from fenghuo.web.shell.people import account_of


def challenge_for(request: HttpRequest, digest: str) -> HttpResponse:
    """JSON `{nonce, options}` for the browser's passkey dialogue, or `{reason}` when no passkey can be used here."""
    begun = accounts.begin_step_up(
        account=account_of(request), digest=digest, session=request.session.session_key or ""
    )
    if begun.passkey_options is None:
        reason = Refused(
            "no_passkey", gettext_noop("No passkey is registered for this account at this address. Use a code.")
        )
        return JsonResponse({"reason": str(reason)}, status=422)
    return JsonResponse({"nonce": begun.nonce, "options": begun.passkey_options})


def prove(request: HttpRequest, digest: str, typed: dict[str, Any]) -> StepUp:
    """The proof for `digest` from what the form brought: a passkey's answer to its challenge, else a code. Raises Refused."""
    account, session = account_of(request), request.session.session_key or ""
    factor, response, nonce = "passkey", typed["passkey"], typed["nonce"]
    if not response:
        factor, response = typed["factor"] or "totp", typed["code"].strip()
        nonce = accounts.begin_step_up(account=account, digest=digest, session=session).nonce
    try:
        return accounts.complete_step_up(
            account=account,
            digest=digest,
            nonce=nonce,
            factor=factor,
            response=response,
            session=session,
            place=request.META.get("REMOTE_ADDR", ""),
        )
    except Refused as refused:
        refused.field = "code"  # whichever factor it was, the page shows the reason where the code is typed
        raise
