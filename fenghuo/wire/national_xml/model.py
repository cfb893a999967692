"""A message of the national warning XML as frozen values, one field per element. Times are aware and know whole seconds."""

from dataclasses import dataclass, field
from datetime import datetime

from fenghuo.wire.cap import Problem
from fenghuo.wire.cap.times import whole_second
from fenghuo.wire.national_xml.values import (
    Certainty,
    Classification,
    Colour,
    MsgType,
    Scope,
    Status,
    Urgency,
)


@dataclass(frozen=True, slots=True)
class Method:
    """One way of release: `name` SMS, WEB, SPEAKER, LED, BROADCAST …; an empty `message` means the description.

    `groups` are ids of audience groups, `recipients` single ones, both as their issuer counts them.
    """

    name: str
    message: str = ""
    groups: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resource:
    """A file that goes with the warning: `size` in bytes, `digest` SHA-1 in hexadecimal."""

    description: str
    size: int | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Area:
    """Where. `polygons` as CAP has them; `circles`: "lat,lon radius" with the radius in metres; `geocodes`: 12 or 14 digits."""

    description: str
    polygons: tuple[str, ...] = ()
    circles: tuple[str, ...] = ()
    geocodes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Info:
    """The event. `sender_name` is the person who signed (签发员); `parameters` are ours and no part of the standard."""

    event_type: str
    severity: Colour
    headline: str
    description: str
    language: str = "zh-CN"
    urgency: Urgency = Urgency.UNKNOWN
    certainty: Certainty = Certainty.UNKNOWN
    effective: datetime | None = None
    onset: datetime | None = None
    expires: datetime | None = None
    sender_name: str = ""
    instruction: str | None = None
    web: str | None = None
    resources: tuple[Resource, ...] = ()
    areas: tuple[Area, ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        for name in ("effective", "onset", "expires"):
            moment: datetime | None = getattr(self, name)
            if moment is not None:
                object.__setattr__(self, name, whole_second(moment, f"info/{name}"))


@dataclass(frozen=True, slots=True)
class Message:
    """The message. `sender` is the unit's name, `sender_code` its code; `references` the bare identifier of the first message.

    `remarks` lists what `parse` read differently from what was written; it is not compared.
    """

    identifier: str
    sender: str
    sender_code: str
    sent: datetime
    status: Status
    msg_type: MsgType
    infos: tuple[Info, ...]
    scope: Scope = Scope.PUBLIC
    phone: str | None = None
    methods: tuple[Method, ...] = ()
    classification: Classification = Classification.NONE
    note: str | None = None
    references: str | None = None
    remarks: tuple[Problem, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sent", whole_second(self.sent, "alert/sendTime"))
