"""Doors for machines."""

from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path

from fenghuo.api import errors
from fenghuo.api.health import healthz
from fenghuo.api.metrics import metrics
from fenghuo.api.service import api


def nothing_here(request: HttpRequest) -> HttpResponse:
    """An address under /api/ that does not exist: no redirect to add a slash, no page for people."""
    return errors.answer([errors.of_status(404)], 404)


urlpatterns = [
    path("api/v1/", api.urls),
    re_path(r"^api/", nothing_here),
    path("healthz", healthz),
    path("metrics", metrics),
]
