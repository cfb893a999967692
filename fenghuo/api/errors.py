"""Every refusal of the API in one shape: code, field, the reason in both languages, and what was kept."""

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext_noop

from fenghuo.ground.refusal import CHINESE, ENGLISH, Refused

STATUS = {"invalid": 422, "forbidden": 403, "conflict": 409, "missing": 404, "unavailable": 503}
NOTHING = "nothing"

# What HTTP itself refuses, before any of our acts was asked.
OF_STATUS = {
    400: ("malformed_request", gettext_noop("The request cannot be read.")),
    401: ("not_signed_in", gettext_noop("A valid bearer token is needed: Authorization: Bearer fh_…")),
    403: ("forbidden", gettext_noop("This is not allowed.")),
    404: ("not_found", gettext_noop("There is nothing at this address.")),
    405: ("method_not_allowed", gettext_noop("This address does not know this method.")),
    413: ("too_large", gettext_noop("The request is larger than 256 KiB.")),
    415: ("not_json", gettext_noop("The body must be JSON: Content-Type: application/json")),
    503: ("unavailable", gettext_noop("This cannot be done just now; try again shortly.")),
}
FAULT = ("internal_error", gettext_noop("Something went wrong inside; it is in the log. Nothing more is known here."))


def of_status(status: int) -> Refused:
    """The refusal that an HTTP status alone tells."""
    code, reason = OF_STATUS.get(status, OF_STATUS[400] if status < 500 else FAULT)
    return Refused(code=code, reason=reason, kept=NOTHING)


def not_json(why: str) -> Refused:
    """The body is no JSON document; `why` is the parser's own remark, with line and column."""
    reason = gettext_noop("The body is not JSON: %(why)s")
    return Refused("malformed_json", reason, params={"why": why[:200]}, kept=NOTHING)


def shape(refused: Refused) -> dict[str, Any]:
    """One refusal as the API writes it."""
    return {
        "code": refused.code,
        "field": refused.field,
        "reason_zh": refused.in_language(CHINESE),
        "reason_en": refused.in_language(ENGLISH),
        "kept": refused.kept,
    }


def document(refusals: list[Refused]) -> dict[str, Any]:
    """The first refusal at the top, all of them under `errors`, the facts behind the first under `details`."""
    return {**shape(refusals[0]), "errors": [shape(one) for one in refusals], "details": refusals[0].params}


def answer(refusals: list[Refused], status: int) -> HttpResponse:
    """The refusals as a response."""
    return JsonResponse(document(refusals), status=status, json_dumps_params={"ensure_ascii": False, "default": str})
