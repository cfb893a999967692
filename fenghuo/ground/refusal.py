"""Why something was not done, for the person who asked: field, reason in both languages, what was kept."""

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext, override

Kind = Literal["invalid", "forbidden", "conflict", "missing", "unavailable"]

ENGLISH = "en"
CHINESE = "zh-hans"


@dataclass
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
