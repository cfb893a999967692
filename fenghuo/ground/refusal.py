"""Why something was not done, for the person who asked: field, reason in both languages, what was kept."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import get_language, gettext, gettext_noop, override
from pydantic import ValidationError

Kind = Literal["invalid", "forbidden", "conflict", "missing", "unavailable"]

ENGLISH = "en"
CHINESE = "zh-hans"


@dataclass(frozen=True)
class Said:
    """Words that the wire already says in both languages; the reader's language decides which are shown."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.zh if (get_language() or CHINESE).startswith("zh") else self.en


@dataclass(eq=False)
class Refused(Exception):
    """An act that the system declines.

    `reason` is an English message id (marked with `gettext_noop` where written) with `%(name)s` blanks filled from `params`.
    `kind` decides the HTTP status: invalid 422, forbidden 403, conflict 409, missing 404, unavailable 503.
    `kept` says what survived ("draft", "nothing" …) so that nobody types it twice.
    """

    code: str
    reason: str
    field: str | None = None
    kind: Kind = "invalid"
    params: dict[str, Any] = dataclasses.field(default_factory=dict)
    kept: str = "everything"

    def __str__(self) -> str:
        return gettext(self.reason) % self.params

    def in_language(self, language: str) -> str:
        """The reason in `zh-hans` or `en`."""
        with override(language):
            return str(self)


class RefusedMany(Exception):
    """Several refusals at once: a form with more than one wrong field."""

    def __init__(self, refusals: list[Refused]) -> None:
        super().__init__("; ".join(str(one) for one in refusals))
        self.refusals = refusals


def refusals(error: ValidationError) -> list[Refused]:
    """A pydantic validation error as refusals, one per wrong field; `field` is the dotted path ("origin.issued_at")."""
    return refusals_of(error.errors(include_url=False, include_context=True, include_input=False))


def refusals_of(details: Sequence[Mapping[str, Any]]) -> list[Refused]:
    """As `refusals`, from pydantic's error details, however they arrived."""
    found = []
    for one in details:
        known = _REASONS.get(one["type"])
        params: dict[str, Any] = {"message": Said("不符合要求，请对照说明检查", one["msg"])}
        params |= {name: str(value).replace(" or ", ", ") for name, value in one.get("ctx", {}).items()}
        path = ".".join(str(part) for part in one["loc"])
        found.append(Refused(one["type"], known or _OTHER, field=path or None, params=params))
    return found


_OTHER = gettext_noop("not valid: %(message)s")
_DATE = gettext_noop("not a possible date and time; write it like 2026-07-01T08:00+08:00")
_NO_TEXT = gettext_noop("it contains something that is not text")
_REASONS = {
    "missing": gettext_noop("it is missing"),
    "extra_forbidden": gettext_noop("there is no such entry"),
    "literal_error": gettext_noop("unknown value; possible are %(expected)s"),
    "string_type": gettext_noop("it must be text"),
    "string_too_long": gettext_noop("too long: at most %(max_length)s characters"),
    "string_too_short": gettext_noop("it must not be empty"),
    "string_pattern_mismatch": gettext_noop("it has characters or a form that are not possible here: %(pattern)s"),
    "string_unicode": _NO_TEXT,
    "not_text": _NO_TEXT,
    "int_type": gettext_noop("it must be a whole number"),
    "int_parsing": gettext_noop("it must be a whole number"),
    "int_from_float": gettext_noop("it must be a whole number"),
    "bool_type": gettext_noop("it must be true or false"),
    "bool_parsing": gettext_noop("it must be true or false"),
    "list_type": gettext_noop("it must be a list"),
    "model_type": gettext_noop("it must be a group of entries"),
    "model_attributes_type": gettext_noop("it must be a group of entries"),
    "dict_type": gettext_noop("it must be a group of entries"),
    "too_long": gettext_noop("too many entries: at most %(max_length)s"),
    "too_short": gettext_noop("too few entries: at least %(min_length)s"),
    "greater_than_equal": gettext_noop("it must be at least %(ge)s"),
    "less_than_equal": gettext_noop("it must be at most %(le)s"),
    "datetime_type": _DATE,
    "datetime_parsing": _DATE,
    "datetime_from_date_parsing": _DATE,
    "datetime_object_invalid": _DATE,
    "timezone_aware": gettext_noop("the time needs its zone; write it like 2026-07-01T08:00+08:00"),
    "date_type": gettext_noop("not a possible date; write it like 2026-07-01"),
    "date_parsing": gettext_noop("not a possible date; write it like 2026-07-01"),
    "date_from_datetime_parsing": gettext_noop("not a possible date; write it like 2026-07-01"),
}
