"""Every refusal of the API in one shape: code, field, the reason in both languages, and what was kept."""

from json import JSONDecodeError
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext_noop

from fenghuo.api.parser import NotJson
from fenghuo.ground.refusal import CHINESE, ENGLISH, Refused, Said

STATUS = {"invalid": 422, "forbidden": 403, "conflict": 409, "missing": 404, "unavailable": 503}
NOTHING = "nothing"

# What HTTP itself refuses, before any of our acts was asked.
OF_STATUS = {
    400: ("malformed_request", gettext_noop("The request cannot be read.")),
    401: ("not_signed_in", gettext_noop("A valid bearer token is needed: Authorization: Bearer fh_…")),
    403: ("forbidden", gettext_noop("This is not allowed.")),
    404: ("not_found", gettext_noop("There is nothing at this address.")),
    405: ("method_not_allowed", gettext_noop("This address does not know this method.")),
    413: ("too_large", gettext_noop("The request is larger than this call takes.")),
    415: (
        "not_json",
        gettext_noop("The body must be JSON (Content-Type: application/json); a file is sent as multipart/form-data."),
    ),
    503: ("unavailable", gettext_noop("This cannot be done just now; try again shortly.")),
}
FAULT = ("internal_error", gettext_noop("Something went wrong inside; it is in the log. Nothing more is known here."))


def of_status(status: int) -> Refused:
    """The refusal that an HTTP status alone tells."""
    code, reason = OF_STATUS.get(status, OF_STATUS[400] if status < 500 else FAULT)
    return Refused(code=code, reason=reason, kept=NOTHING)


def not_json(error: BaseException) -> Refused:
    """The body is no JSON document: what the parser stumbled over, and where."""
    reason = gettext_noop("The body is not JSON: %(why)s")
    return Refused("malformed_json", reason, params={"why": _why(error)}, kept=NOTHING)


def _why(error: BaseException) -> Said:
    match error:
        case NotJson():
            return error.said
        case JSONDecodeError():
            return Said(
                f"第 {error.lineno} 行第 {error.colno} 个字符处有语法错误",
                f"{error.msg}, line {error.lineno} column {error.colno}",
            )
        case UnicodeDecodeError():
            return Said("编码不是 UTF-8", "it is not encoded in UTF-8")
        case RecursionError():
            return Said("嵌套层次过深", "it is nested too deeply")
    return Said("其中有无法读取的值", str(error)[:200])


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
