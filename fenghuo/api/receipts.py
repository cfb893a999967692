"""The door for HTTP gateways: receipts and replies, signed by whoever holds the account's secret, kept before they are answered."""

import ipaddress
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_noop as _
from ninja import Router, Schema

from fenghuo.api import errors
from fenghuo.delivery.gateways.config import HttpGateway
from fenghuo.delivery.gateways.http import callback
from fenghuo.delivery.ledger import actions
from fenghuo.delivery.sender import Unfit, secret
from fenghuo.ground import clock
from fenghuo.ground.refusal import Refused, Said

log = structlog.get_logger("fenghuo.api")
router = Router(tags=["gateways"])


class Taken(Schema):
    """How much was kept. `own_time`: receipts with an impossible time, absent where there is none; when we heard of it counts."""

    receipts: int
    replies: int
    own_time: int | None = None


# Not in the OpenAPI document: what a body looks like is each account's own affair, and no one calls but its gateway.
@router.post("/gateways/{name}/receipts", auth=None, response=Taken, exclude_none=True, include_in_schema=False)
def receipts(request: HttpRequest, name: str) -> Any:
    """Signed as the account's requests are, within five minutes and once; the body is as `[gateway.callback]` says."""
    gateway = next((one for one in settings.FENGHUO.gateway if one.name == name), None)
    if not isinstance(gateway, HttpGateway):
        return _unsigned()
    nonce, now = _nonce(request, gateway), clock.now()
    if nonce is None:
        log.warning("callback_refused", account=gateway.name, peer=_peer(request))
        return _unsigned()
    try:
        said = callback.called(gateway, request.body)
    except callback.Malformed as wrong:
        log.warning("callback_malformed", account=name, peer=_peer(request), reason=str(wrong), bytes=len(request.body))
        reason = _("The callback cannot be read as the settings of this account say: %(why)s. Nothing of it was kept.")
        raise Refused(
            "callback_malformed", reason, "body", params={"why": Said(*wrong.said)}, kept=errors.NOTHING
        ) from wrong
    at_ms = round(now.timestamp() * 1000)
    if not actions.keep_callback(account=gateway.name, nonce=nonce, body=request.body, at_ms=at_ms):
        return _unsigned()
    odd = said.undated + said.ahead(now.timestamp())
    if odd:
        log.warning("callback_times", account=name, peer=_peer(request), receipts=odd)
    return Taken(receipts=said.count, replies=len(said.replies), own_time=odd or None)


def _unsigned() -> HttpResponse:
    """One answer for whatever is wrong: an unknown account, no signature, a wrong, old or repeated one."""
    reason = _("The call is not signed with the secret of this account, within five minutes and for the first time.")
    return errors.answer([Refused("not_signed", reason, kept=errors.NOTHING)], 401)


def _nonce(request: HttpRequest, gateway: HttpGateway) -> str | None:
    """The nonce of a call that may be believed: from an allowed address, with a right and fresh signature."""
    if not _allowed(_peer(request), gateway.callback.allow):
        return None
    try:
        key = secret(gateway.callback.secret_file or gateway.secret_file)
    except Unfit as wrong:
        log.error("callback_secret", account=gateway.name, code=wrong.code, path=str(wrong.path))
        return None
    return callback.genuine(gateway, key, request.headers, request.body, clock.now().timestamp())


def _allowed(peer: str, networks: list[str]) -> bool:
    if not networks:
        return True
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return any((mapped or address) in ipaddress.ip_network(one) for one in networks)


def _peer(request: HttpRequest) -> str:
    """Who stands at the other end, seen past our own proxies: each adds, at the right, whom it was called by."""
    chain = [*request.headers.get("X-Forwarded-For", "").split(","), request.META.get("REMOTE_ADDR", "")]
    peer = chain.pop().strip()
    while peer in settings.FENGHUO.proxies and any(chain):
        peer = chain.pop().strip()
    return str(peer)
