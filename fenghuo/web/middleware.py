"""What every page gets before a view sees it: language, who may come in, what a refusal looks like, and the strict CSP."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_noop

from fenghuo.ground.disk import rules as disk
from fenghuo.ground.refusal import Refused

Handler = Callable[[HttpRequest], HttpResponse]


def _images() -> str:
    """Ours alone, and the map tiles of the server that the operator named."""
    parts = urlsplit(settings.FENGHUO.map_tiles)
    return f"img-src 'self' {parts.scheme}://{parts.netloc}" if parts.netloc else "img-src 'self'"


# Everything ours, nothing inline, nothing from elsewhere (DESIGN §8). Passkeys need no directive.
POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        _images(),
        "font-src 'self'",
        "media-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "manifest-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
)
LARGEST = 24 * 1024 * 1024  # a list of people, the largest file that a form takes, and the form around it
BUSY = Refused(
    "database_unavailable",
    gettext_noop(
        "The database could not take this just now, so nothing was done, not even half. Go back, what you typed is still there, "
        "and try again in a moment. If it stays so, call the administrator."
    ),
    kind="unavailable",
)
STATUS = {"invalid": 422, "forbidden": 403, "conflict": 409, "missing": 404, "unavailable": 503}


def headers(get_response: Handler) -> Handler:
    """The security headers of every answer; a page of a signed-in person is never stored by a shared computer."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return middleware


def language(get_response: Handler) -> Handler:
    """Chinese first: the language is the person's own choice (a cookie) or the installation's, never the browser's guess."""
    known = {code for code, _ in settings.LANGUAGES}

    def middleware(request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        code = chosen if chosen in known else settings.LANGUAGE_CODE
        translation.activate(code)
        request.LANGUAGE_CODE = code
        response = get_response(request)
        response.headers.setdefault("Content-Language", code)
        patch_vary_headers(response, ["Cookie"])
        return response

    return middleware


def sized(get_response: Handler) -> Handler:
    """A body larger than any of our forms is refused before a byte of it is read: nobody fills the disk, signed in or not."""

    def middleware(request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isascii() and length.isdigit() and int(length) <= LARGEST:
            return get_response(request)
        reason = gettext_noop(
            "What was sent is larger than %(most)s MB, more than any form here takes. Nothing was kept."
        )
        refusal = Refused("too_large", reason, params={"most": LARGEST // 1024 // 1024}, kept="nothing")
        return render(request, "refused.html", {"refusal": refusal}, status=413)

    return middleware


class SignedIn(LoginRequiredMiddleware):
    """Every page asks for a signed-in person unless its view says otherwise; the API's doors have their own keys."""

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        if not view_func.__module__.startswith("fenghuo.web."):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)


class Refusals:
    """An act that was declined becomes a page with the reason in words; another organisation's thing is a 404 like any other."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        match = request.resolver_match
        if match is None or not match.func.__module__.startswith("fenghuo.web."):
            return None
        if isinstance(exception, OperationalError):
            # Locked, full or gone (faults B2, B3): nothing is half done, and trying again is right.
            return render(request, "refused.html", {"refusal": disk.behind(exception) or BUSY}, status=503)
        if not isinstance(exception, Refused):
            return None
        if exception.kind == "missing":
            return render(request, "404.html", status=404)
        return render(request, "refused.html", {"refusal": exception}, status=STATUS[exception.kind])
