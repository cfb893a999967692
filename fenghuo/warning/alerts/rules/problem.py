"""One thing that is wrong with what was typed."""

from dataclasses import dataclass
from typing import Literal

from fenghuo.ground.refusal import CHINESE, ENGLISH, Refused, Said

Weight = Literal["error", "warning"]


@dataclass(frozen=True)
class Problem:
    """`error` keeps an alert from being submitted; `warning` is shown to the reviewer. Both languages are ready."""

    code: str
    field: str
    zh: str
    en: str
    severity: Weight = "error"

    def refused(self) -> Refused:
        """The same as a refusal."""
        return Refused(self.code, "%(said)s", field=self.field, params={"said": Said(self.zh, self.en)}, kept="draft")


def problem(code: str, field: str, reason: str, severity: Weight = "error", /, **params: object) -> Problem:
    """A problem from an English message id."""
    refused = Refused(code, reason, field=field, params=params)
    return Problem(code, field, refused.in_language(CHINESE), refused.in_language(ENGLISH), severity)
