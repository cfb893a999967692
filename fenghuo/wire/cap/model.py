"""A CAP 1.2 message as frozen values, one field per element of the standard (OASIS CAP-v1.2 §3.2).

Texts whose inner form the schema leaves free (polygon, circle, references, addresses) stay text here, so that a warning
from outside with one malformed polygon can still be read and shown; `geometry` and `references` read and write them.
Times must carry a zone; a fraction of a second is dropped on construction, because CAP cannot say it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from fenghuo.wire.cap.errors import Problem
from fenghuo.wire.cap.times import whole_second
from fenghuo.wire.cap.values import (
    Category,
    Certainty,
    MsgType,
    ResponseType,
    Scope,
    Severity,
    Status,
    Urgency,
)


@dataclass(frozen=True, slots=True)
class Pair:
    """valueName and value: one eventCode, parameter or geocode."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Area:
    """Where. `polygons`: "lat,lon lat,lon …" closed; `circles`: "lat,lon km"; `altitude`, `ceiling`: feet above sea."""

    description: str
    polygons: tuple[str, ...] = ()
    circles: tuple[str, ...] = ()
    geocodes: tuple[Pair, ...] = ()
    altitude: Decimal | None = None
    ceiling: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """A file that goes with an info: `size` in bytes, `deref_uri` base64 content, `digest` SHA-1 in hexadecimal."""

    description: str
    mime_type: str
    size: int | None = None
    uri: str | None = None
    deref_uri: str | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Info:
    """The event, in one language. `language=None` means the element is absent, which the standard reads as en-US."""

    categories: tuple[Category, ...]
    event: str
    urgency: Urgency
    severity: Severity
    certainty: Certainty
    language: str | None = "zh-CN"
    response_types: tuple[ResponseType, ...] = ()
    audience: str | None = None
    event_codes: tuple[Pair, ...] = ()
    effective: datetime | None = None
    onset: datetime | None = None
    expires: datetime | None = None
    sender_name: str | None = None
    headline: str | None = None
    description: str | None = None
    instruction: str | None = None
    web: str | None = None
    contact: str | None = None
    parameters: tuple[Pair, ...] = ()
    resources: tuple[Resource, ...] = ()
    areas: tuple[Area, ...] = ()

    def __post_init__(self) -> None:
        for name in ("effective", "onset", "expires"):
            moment: datetime | None = getattr(self, name)
            if moment is not None:
                object.__setattr__(self, name, whole_second(moment, f"info/{name}"))


@dataclass(frozen=True, slots=True)
class Alert:
    """The message. `extensions` holds each ds:* element after the infos as canonical XML, signatures among them.

    A preserved signature still has to be verified by whoever relies on it. `remarks` lists what `parse` had to read
    differently from what was written; it is no part of the message and is not compared.
    """

    identifier: str
    sender: str
    sent: datetime
    status: Status
    msg_type: MsgType
    scope: Scope
    source: str | None = None
    restriction: str | None = None
    addresses: str | None = None
    codes: tuple[str, ...] = ()
    note: str | None = None
    references: str | None = None
    incidents: str | None = None
    infos: tuple[Info, ...] = ()
    extensions: tuple[str, ...] = ()
    remarks: tuple[Problem, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sent", whole_second(self.sent, "alert/sent"))
