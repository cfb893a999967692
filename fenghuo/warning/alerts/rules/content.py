"""What a person types into an alert. A draft may be incomplete; what cannot be stored or understood at all is refused here."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from django.utils import timezone
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    ValidationError,
)
from pydantic_core import PydanticCustomError

from fenghuo.ground.refusal import RefusedMany, refusals

FIRST_YEAR, LAST_YEAR = 2000, 2100
SIGNATURE = re.compile(r"【[^【】]*】")


def _storable(text: str) -> str:
    """NUL and half surrogate pairs are no text in any database."""
    if "\x00" in text or any("\ud800" <= one <= "\udfff" for one in text):
        raise PydanticCustomError("not_text", "it contains something that is not text")
    return text


def _level(value: Any) -> Any:
    """An empty form field is no level; `true` is not level 1."""
    if isinstance(value, bool | float):
        raise PydanticCustomError("int_type", "it must be a whole number")
    return None if value == "" else value


def _moment(value: Any) -> Any:
    """ISO text or a datetime, cut to the second; without a zone it is local time; an empty form field is no time."""
    if value in (None, ""):
        return None
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        moment = moment if moment.tzinfo else timezone.make_aware(moment)
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise ValueError("year")
    except (TypeError, ValueError, OverflowError) as error:
        raise PydanticCustomError("datetime_parsing", "not a possible date and time") from error
    return moment.replace(microsecond=0)  # CAP, the signed document and every page know whole seconds


Text = AfterValidator(_storable)
Moment = Annotated[datetime | None, BeforeValidator(_moment)]
Code = Annotated[str, StringConstraints(max_length=40), Text]


Line80 = Annotated[str, StringConstraints(strip_whitespace=True, max_length=80), Text]
Line100 = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100), Text]
Line120 = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120), Text]
Line200 = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), Text]
Long = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000), Text]
Verbatim = Annotated[str, StringConstraints(max_length=10_000), Text]


class _Typed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Outline = Annotated[str, StringConstraints(strip_whitespace=True, max_length=3_000_000), Text]


class Audience(_Typed):
    """Who is told: groups by id, areas by code, outlines drawn on a map, or everyone; nobody until chosen.

    `polygons` are texts as CAP writes them, "lat,lon lat,lon …" in degrees, WGS-84: a signed document holds no floats.
    """

    groups: Annotated[list[Code], Field(max_length=1000)] = []
    areas: Annotated[list[Code], Field(max_length=5000)] = []
    polygons: Annotated[list[Outline], Field(max_length=200)] = []
    everyone: StrictBool = False  # the whole network (全网): a permission of the profile, with its own second approval


class Origin(_Typed):
    """A warning from above, as it arrived (W3). `text` is kept verbatim."""

    issuer: Line100 = ""
    issued_at: Moment = None
    received_at: Moment = None
    how: Literal["", "phone", "fax", "paste", "cap", "national"] = "phone"
    text: Verbatim = ""
    reference: Line200 = ""
    arrival: Code = ""  # id of what arrived, where it was taken in by the relay desk
    sha256: Line80 = ""  # of its bytes, kept as they came


Name20 = Annotated[str, StringConstraints(min_length=1, max_length=20), Text]
Value = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), Text]


class Content(_Typed):
    """Everything of an alert that people write. Times are aware; `body` and `correction` stand between prefix and suffix.

    An empty `body` of a relayed warning means the origin's own words, an empty `correction` the profile's.
    """

    kind: Literal["warning", "notice", "meeting", "tip", "handling"]
    category: Literal["", "natural", "accident", "health", "security"] = ""
    level: Annotated[Annotated[int, Field(ge=1, le=4)] | None, BeforeValidator(_level)] = None
    event: Code = ""
    headline: Line120 = ""
    body: Long = ""
    caution: Long = ""
    measures: Long = ""
    issuer: Line100 = ""
    decision_document: Line80 = ""
    starts_at: Moment = None
    expires_at: Moment = None
    areas: Annotated[list[Code], Field(max_length=500)] = []
    audience: Audience = Audience()
    correction: Long = ""
    origin: Origin | None = None
    template: Code = ""  # id of the template's version that it was written from
    blanks: Annotated[dict[Name20, Value], Field(max_length=60)] = {}


def read(data: dict[str, Any]) -> Content:
    """Content from a form or the API. Raises RefusedMany, one refusal per field that cannot be understood."""
    try:
        return Content.model_validate(data)
    except ValidationError as error:
        raise RefusedMany(refusals(error)) from error


def wording(text: str) -> str:
    """The words of a received text as an SMS body can carry them: without signatures in 【】, on one line."""
    return " ".join(SIGNATURE.sub("", text).split())
