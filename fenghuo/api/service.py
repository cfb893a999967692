"""The API as a whole: version 1, its doors, its key, its words for every refusal."""

from dataclasses import replace
from functools import cached_property
from typing import Any

import structlog
from django.conf import settings
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from fenghuo import __version__
from fenghuo.api import (
    alerts,
    areas,
    arrivals,
    attachments,
    audience,
    contacts,
    desk,
    errors,
    flows,
    receipts,
    templates,
)
from fenghuo.api.auth import Token
from fenghuo.api.openapi import described
from fenghuo.api.parser import StrictJson
from fenghuo.ground.disk import rules as disk
from fenghuo.ground.refusal import Refused, RefusedMany, refusals_of

log = structlog.get_logger("fenghuo.api")


class Api(NinjaAPI):
    """With the shared answers (401, 404, 422 …) in its OpenAPI document."""

    @cached_property
    def _document(self) -> Any:
        """Made once in a process: it takes as long as ten pages, and anybody may ask for it."""
        return described(super().get_openapi_schema())

    def get_openapi_schema(self, **_kwargs: Any) -> Any:
        return self._document  # no parameter stands before /api/v1/, so there is only this one


api = Api(
    title="烽火 Fenghuo",
    version=__version__,
    description="预警信息从录入到回执 · Warnings from draft to proof of receipt. docs/reference/api.md",
    urls_namespace="api-v1",
    auth=Token(),
    parser=StrictJson(),
    docs_url=None,  # its pages would fetch scripts from elsewhere; any OpenAPI reader shows /api/v1/openapi.json
    servers=[{"url": settings.FENGHUO.public_url}],
)
api.add_router("/alerts", flows.router)  # before /alerts/{id}
api.add_router("/alerts", alerts.router)
api.add_router("", flows.desk)
api.add_router("/alerts", attachments.router)
api.add_router("/contacts/imports", contacts.router)
api.add_router("/templates", templates.router)
api.add_router("/arrivals", arrivals.router)
api.add_router("", desk.router)
api.add_router("", receipts.router)
api.add_router("", areas.router)
api.add_router("", audience.router)


@api.exception_handler(Refused)
def _refused(request: HttpRequest, refused: Refused) -> HttpResponse:
    return errors.answer([refused], errors.STATUS[refused.kind])


@api.exception_handler(RefusedMany)
def _refused_many(request: HttpRequest, several: RefusedMany) -> HttpResponse:
    return errors.answer(several.refusals, errors.STATUS[several.refusals[0].kind])


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Where pydantic found it, without ninja's own levels: body.content.kind of the code is `kind` for the caller."""
    details = [{**one, "loc": _place(one["loc"])} for one in error.errors]
    return errors.answer([replace(one, kept=errors.NOTHING) for one in refusals_of(details)], 422)


def _place(loc: tuple[Any, ...]) -> tuple[Any, ...]:
    """Without ninja's first levels, and without pydantic's names for the branches of a union ("list[constrained-int]")."""
    path = loc[2:] if loc[0] == "body" else loc[1:]
    return tuple(part for part in path if not (isinstance(part, str) and "[" in part))


@api.exception_handler(HttpError)
def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    refused = errors.of_status(error.status_code)
    if error.status_code == 400 and error.__cause__ is not None:
        refused = errors.not_json(error.__cause__)
    return errors.answer([refused], error.status_code)


@api.exception_handler(Http404)
def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return errors.answer([errors.of_status(404)], 404)


@api.exception_handler(OperationalError)
def _busy(request: HttpRequest, error: OperationalError) -> HttpResponse:
    """A locked or vanished database (fault B2), or a full one (B3): nothing is half done, and trying again is right."""
    log.warning("database unavailable", path=request.path, reason=str(error))
    response = errors.answer([disk.behind(error) or errors.of_status(503)], 503)
    response.headers["Retry-After"] = "2"
    return response
