"""Where a request comes from and whether its device is known: what slows guessers without slowing the duty officer (fault X2)."""

import ipaddress
import secrets
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from fenghuo.ground.accounts import actions, queries
from fenghuo.ground.accounts.models import Account

COOKIE = "fenghuo_device"
_SALT = "fenghuo.device"
_LIFE = 400 * 24 * 3600  # seconds; browsers keep no cookie longer


def network(request: HttpRequest) -> str:
    """The address a request comes from; of an IPv6 address the network, which is one house."""
    try:
        address = ipaddress.ip_address(_peer(request))
    except ValueError:
        return "local"  # a socket file of a proxy on this machine
    if address.version == 6:
        mapped = address.ipv4_mapped
        return str(mapped) if mapped else str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _peer(request: HttpRequest) -> str:
    """Who stands at the other end, seen past our own proxies: each adds, at the right, whom it was called by."""
    proxies = settings.FENGHUO.proxies
    chain = [*request.headers.get("X-Forwarded-For", "").split(","), request.META.get("REMOTE_ADDR", "")]
    peer = chain.pop().strip()
    while peer in proxies and any(chain):
        peer = chain.pop().strip()
    return str(peer)


def browser(request: HttpRequest) -> str:
    """What the browser calls itself, cut to what a list shows."""
    return "".join(one for one in request.META.get("HTTP_USER_AGENT", "") if one.isprintable())[:120]


def token(request: HttpRequest) -> str:
    """The device's random token; empty where there is none or its signature is wrong."""
    signed = request.COOKIES.get(COOKIE, "")
    try:
        return signing.Signer(salt=_SALT).unsign(signed) if signed else ""
    except signing.BadSignature:
        return ""


def exempt(request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
    """For django-axes: a device on which this very account signed in before is not slowed by others."""
    username = str((credentials or {}).get("username") or "")
    held = token(request)
    return bool(username and held) and queries.device_is_known(username=username, token=held)


def slowed(request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
    """For django-axes: the answer while tries from here are not looked at. The same for names that exist and names that do not."""
    return render(request, "accounts/slowed.html", status=429)


def remember(request: HttpRequest, response: HttpResponse, account: Account) -> None:
    """Make the device known for an account and leave its token there."""
    held = token(request) or secrets.token_hex(32)
    actions.know_device(account=account, token=held, name=browser(request))
    response.set_cookie(
        COOKIE,
        signing.Signer(salt=_SALT).sign(held),
        max_age=_LIFE,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def token_hash(request: HttpRequest) -> str:
    """What is kept of the device's token, to mark "this device" in a list; empty without one."""
    held = token(request)
    return queries.device_hash(held) if held else ""
