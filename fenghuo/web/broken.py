"""The last answer: what nobody foresaw is a 500; a database that is away is a 503, asked for again in a moment (fault B2)."""

import sys

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.views.defaults import server_error

AGAIN = "2"  # seconds until it is worth asking again


def answer(request: HttpRequest) -> HttpResponse:
    """Called while the exception is being handled; the page asks nothing of any database."""
    if not isinstance(sys.exc_info()[1], OperationalError):
        return server_error(request)
    page = HttpResponse(get_template("503.html").render(), status=503)
    page.headers["Retry-After"] = AGAIN
    return page
