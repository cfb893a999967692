"""What the API takes and gives, as OpenAPI shows it. Times are ISO 8601 with a zone; money is whole fen; numbers are masked."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Field, StringConstraints, field_validator
from pydantic_core import PydanticCustomError

from fenghuo.warning.alerts.rules import Content, Origin

Whole = Annotated[int, Field(ge=0, le=2**31 - 1, strict=True)]
TEXT = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"  # control characters are no text
Reason = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=TEXT, strip_whitespace=True)]
Code = Annotated[str, StringConstraints(max_length=40, pattern=r"^[0-9A-Za-z]*$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


Flow = Literal["general", "urgent"]


class Given(Schema):
    """A request body: an unknown entry is refused, a number is not taken for a text."""

    model_config = ConfigDict(extra="forbid", strict=True)


class VersionIn(Given):
    """The version that was read; another one in between is a conflict."""

    version: Whole


ZONED = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?([Zz]|[+-]\d\d:\d\d)")


def _zoned(value: Any) -> Any:
    """A machine knows its zone: what a form may leave out (the zone, the whole time) is refused here."""
    if value is not None and not (isinstance(value, str) and ZONED.fullmatch(value)):
        raise PydanticCustomError("datetime_parsing", "not a possible date and time with its zone")
    return value


def _parsed(value: Any, read: Callable[[Any], datetime]) -> datetime:
    """Strict bodies take no text for a time; JSON has nothing else."""
    try:
        return read(datetime.fromisoformat(value) if isinstance(value, str) else value)
    except ValueError as error:
        raise PydanticCustomError("datetime_parsing", "not a possible date and time") from error


def _number(value: Any) -> Any:
    if isinstance(value, str):
        raise PydanticCustomError("int_type", "it must be a whole number")
    return value


class OriginIn(Origin):
    """As `Origin`, from a machine."""

    _zoned = field_validator("issued_at", "received_at", mode="before")(_zoned)


class ContentIn(Content):
    """As `Content`, from a machine: numbers are numbers, and times have their zone."""

    model_config = ConfigDict(strict=True)

    origin: OriginIn | None = None
    _zoned = field_validator("starts_at", "expires_at", mode="before")(_zoned)
    _number = field_validator("level", mode="before")(_number)

    def plain(self) -> Content:
        """The content itself."""
        return Content.model_validate(self.model_dump())


class EditIn(Given):
    """A new content for a draft, in place of the version that was read."""

    version: Whole
    content: ContentIn


class ReturnIn(Given):
    """Back to the author, with the reason."""

    version: Whole
    reason: Reason


class DigestIn(Given):
    """The digest of what was read."""

    digest: Digest


class ApprovalIn(Given):
    """A leader's approval given outside the system: by whom (user name), when, and what proves it."""

    digest: Digest
    how: Literal["phone", "paper"]
    leader: Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=TEXT)]
    note: Reason
    at: datetime

    _parsed = field_validator("at", mode="wrap")(_parsed)
    _zoned = field_validator("at", mode="before")(_zoned)


class SignIn(Given):
    """Signature: the digest, a fresh second factor (`totp`, or one printed `code`) and the number of people.

    The digest binds the number of people already; when `people` is given it must agree. `accept_difference` is
    [added, removed] of the refusal `contacts_changed`, when the signer signs the frozen audience all the same.
    """

    digest: Digest
    totp: str = Field(default="", max_length=10)
    code: str = Field(default="", max_length=40)
    people: Whole | None = None
    accept_difference: list[Whole] | None = Field(default=None, min_length=2, max_length=2)


class CorrectIn(Given):
    """Send the correction prepared with the alert. `confirmed_by`: who agreed by telephone (user name), where two are needed."""

    reason: Reason
    confirmed_by: Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=TEXT)] | None = None


class RecallIn(CorrectIn):
    """Stop what has not left; with `correct`, send the correction prepared with the alert to whoever was reached."""

    correct: bool = False


class FollowUpIn(Given):
    """What the new draft does with the alert that it follows."""

    relation: Literal["update", "raise", "lower", "lift"]


class SettleIn(Given):
    """A person's decision on people in doubt: contact ids as `in-doubt` lists them, or "all".

    `people`, with "all": how many the person saw. Another number is refused, and whoever comes into doubt later is not decided on.
    """

    recipients: Annotated[list[Whole], Field(min_length=1, max_length=10_000)] | Literal["all"]
    decision: Literal["resend", "give_up", "accept"]
    people: Annotated[Whole, Field(ge=1)] | None = None


class ErrorItem(Schema):
    """One refusal."""

    code: str
    field: str | None
    reason_zh: str
    reason_en: str
    kept: str


class ErrorOut(ErrorItem):
    """The first refusal, all of them, and the facts behind the first."""

    errors: list[ErrorItem]
    details: dict[str, Any]


class ProblemOut(Schema):
    """What keeps a draft from being submitted (error) or is worth a look (warning)."""

    code: str
    field: str
    reason_zh: str
    reason_en: str
    severity: Literal["error", "warning"]


class ReleaseOut(Schema):
    """What left the house."""

    id: str
    kind: Literal["release", "recall", "correct"]
    at: datetime
    expires_at: datetime
    broadcast: str
    digest: str
    cap_identifier: str


class AlertBrief(Schema):
    """An alert in a list. `fate`: what became of it once signed; `follows`: the alert that it updates, raises, lowers or lifts."""

    id: str
    state: Literal["draft", "submitted", "reviewed", "approved", "signed"]
    version: int
    code: str
    kind: str
    category: str
    level: int | None
    event: str
    headline: str
    relation: Literal["", "update", "raise", "lower", "lift"]
    follows: str | None
    fate: Literal["", "live", "updated", "lifted", "recalled", "expired"]
    author: str
    created_at: datetime
    updated_at: datetime


class LinkOut(Schema):
    """One alert of a chain, in the order in which they were begun; `at`: when it was released."""

    id: str
    relation: str
    follows: str | None
    state: str
    fate: Literal["", "live", "updated", "lifted", "recalled", "expired"]
    level: int | None
    headline: str
    at: datetime | None


class AlertOut(AlertBrief):
    """An alert with its texts as they will be sent, and for each verb why the asker may not (null: may)."""

    content: dict[str, Any]
    flow: Flow
    whole_network: bool
    digest: str
    broadcast: str | None
    audience_sha256: str
    audience_count: int
    sms: str
    correction_sms: str
    problems: list[ProblemOut]
    may: dict[str, ErrorItem | None]
    chain: list[LinkOut]
    releases: list[ReleaseOut]


class AlertList(Schema):
    """One page of alerts."""

    total: int
    page: int
    size: int
    items: list[AlertBrief]


class ProgressOut(Schema):
    """How many recipients of a broadcast are in each state. `rate_per_s` since the first, which counts as a whole second."""

    broadcast: str
    count: int
    unsent: int
    intended: int
    accepted: int
    delivered: int
    failed: int
    in_doubt: int
    stopped: int
    expired: int
    first_intent_at: datetime | None
    last_accept_at: datetime | None
    rate_per_s: float | None
    seconds_left: float | None


class AlertProgress(Schema):
    """Progress of an alert's release, and of its correction where there is one."""

    released: bool
    release: ProgressOut | None
    correction: ProgressOut | None


class RecipientOut(Schema):
    """One recipient; `status` is the gateway's own word."""

    contact: int
    name: str
    area: str
    position: str
    number: str
    state: str
    at: datetime | None
    status: str


class RecipientList(Schema):
    """One page of recipients."""

    total: int
    page: int
    size: int
    items: list[RecipientOut]


class DoubtOut(Schema):
    """Someone in doubt: since when, how often it was tried, and what comes next by itself (or a person must decide)."""

    contact: int
    name: str
    area: str
    position: str
    number: str
    since: datetime | None
    tries: int
    next_step: str
    next_at: datetime | None


class DoubtList(Schema):
    """The first people in doubt; `total` counts all of them."""

    total: int
    items: list[DoubtOut]


class CounterOut(Schema):
    """What a text and an audience amount to before anybody signs (W4)."""

    text: str
    units: int
    limit: int
    remaining: int
    segments: int
    billed: int
    people: int
    recipients: int
    cost_fen: int
    seconds_to_last: float | None
    problem: ErrorItem | None
