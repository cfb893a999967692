"""Under /api/ every answer is JSON: whatever Django, a middleware or the router refuses is put into the API's own shape."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from fenghuo.api import errors as shapes

PREFIX = "/api/"
BODY_LIMIT = 256 * 1024  # bytes; the largest alert with its lists is a few kilobytes
WITH_BODY = ("POST", "PUT", "PATCH")
# An outline drawn on a map may have 50,000 corners and more.
OUTLINES = ("/api/v1/alerts", "/api/v1/audience")
OUTLINES_LIMIT = 3 * 1024 * 1024
# The addresses that take a file.
UPLOADS = re.compile(r"/api/v1/(contacts/imports|alerts/[^/]+/attachments)")
# The address that takes a warning from above as it came: the document itself, or JSON.
ARRIVALS = "/api/v1/arrivals"
ARRIVALS_LIMIT = 1024 * 1024
XML_TYPES = ("application/cap+xml", "application/xml", "text/xml")
UPLOAD_LIMIT = 21 * 1024 * 1024  # the largest list of people, and the form around it


def _unreadable(request: HttpRequest) -> int | None:
    """The status with which a body is refused before it is read; None when it may be read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isascii() or not length.isdigit():
        return 400
    upload = UPLOADS.fullmatch(request.path_info) is not None
    if int(length) > (UPLOAD_LIMIT if upload else _most(request)):
        return 413
    expected = "multipart/form-data" if upload else "application/json"
    if request.path_info == ARRIVALS and request.content_type in XML_TYPES:
        return None
    if upload and request.method != "POST":
        return None  # whatever it carries: the router answers 405
    if request.method in WITH_BODY and int(length) and request.content_type != expected:
        return 415
    return None


def _most(request: HttpRequest) -> int:
    if request.path_info == ARRIVALS:
        return ARRIVALS_LIMIT
    content = request.path_info in OUTLINES or (request.method == "PUT" and request.path_info.startswith(OUTLINES[0]))
    return OUTLINES_LIMIT if content else BODY_LIMIT


def errors(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Outermost middleware. A 401 says which scheme is expected, a 405 keeps its Allow."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return get_response(request)
        refused = _unreadable(request)
        response = shapes.answer([shapes.of_status(refused)], refused) if refused else get_response(request)
        if response.status_code >= 400 and not response.headers.get("Content-Type", "").startswith("application/json"):
            plain = response
            response = shapes.answer([shapes.of_status(plain.status_code)], plain.status_code)
            if "Allow" in plain.headers:
                response.headers["Allow"] = plain.headers["Allow"]
        if response.status_code == 401:
            response.headers["WWW-Authenticate"] = 'Bearer realm="fenghuo"'
        response.headers["Cache-Control"] = "no-store"
        response.headers.setdefault(
            "X-Content-Type-Options", "nosniff"
        )  # for what was refused before any other middleware
        return response

    return middleware
