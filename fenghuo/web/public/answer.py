"""A public answer: the same bytes for everyone, revalidated with ETag and Last-Modified so that a busy night costs little."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.csrf import csrf_exempt

FRESH = 15  # seconds a cache may answer by itself; a recall is seen everywhere this soon

View = Callable[Concatenate[HttpRequest, ...], HttpResponse]


def public(view: View) -> View:
    """Open to all, without session or cookie; the language is `?lang=en` or the installation's own, never a cookie's."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        english = request.GET.get("lang") == "en"
        with translation.override("en" if english else settings.LANGUAGE_CODE):
            return view(request, *args, **named)

    # Nothing behind these addresses changes anything, so a form on them needs no token, and without a token no cookie.
    return login_not_required(csrf_exempt(shown))


def conditional(request: HttpRequest, response: HttpResponse, changed: datetime | None) -> HttpResponse:
    """`response` with its validators, or 304 when the reader has these very bytes."""
    etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    stamp = int(changed.timestamp()) if changed else None
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = f"public, max-age={FRESH}"
    if stamp is not None:
        response.headers["Last-Modified"] = http_date(stamp)
    answer = get_conditional_response(request, etag=etag, last_modified=stamp, response=response)
    assert isinstance(answer, HttpResponse)
    answer.headers["Cache-Control"] = response.headers["Cache-Control"]
    return answer
