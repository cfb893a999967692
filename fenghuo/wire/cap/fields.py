"""The order and kind of every CAP element, once: the builder writes and the parser reads by these tables.

The order is the schema's own xs:sequence; CAP does not allow any other.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from enum import StrEnum
from typing import Any

from fenghuo.wire.cap import values
from fenghuo.wire.cap.errors import CapError
from fenghuo.wire.cap.guard import BAD_CHARACTER
from fenghuo.wire.cap.model import Alert, Area, Info, Pair, Resource
from fenghuo.wire.cap.times import read_time, write_time


@dataclass(frozen=True, slots=True)
class Leaf:
    """An element with text. `read(text, path)` gives the value, `write(value, path, zone)` the text."""

    read: Callable[[str, str], Any]
    write: Callable[[Any, str, tzinfo | None], str]


@dataclass(frozen=True, slots=True)
class Branch:
    """An element with child elements, held by `model`."""

    model: type
    fields: "tuple[Field, ...]"


@dataclass(frozen=True, slots=True)
class Field:
    """One element name, the attribute that holds it, and whether it repeats."""

    tag: str
    attribute: str
    kind: Leaf | Branch
    many: bool = False


def _wrong_type(value: object, wanted: str, path: str) -> CapError:
    shown = type(value).__name__
    return CapError("type", f"此处应为 {wanted}，得到 {shown}", f"{wanted} wanted here, got {shown}", path=path)


def _write_text(value: Any, path: str, zone: tzinfo | None) -> str:
    if not isinstance(value, str):
        raise _wrong_type(value, "str", path)
    bad = BAD_CHARACTER.search(value)
    if bad:
        code = f"U+{ord(bad[0]):04X}"
        raise CapError(
            "character", f"含有 XML 不允许的字符 {code}", f"contains {code}, which XML does not allow", path=path
        )
    return str(value)


def _write_time(value: Any, path: str, zone: tzinfo | None) -> str:
    if not isinstance(value, datetime):
        raise _wrong_type(value, "datetime", path)
    return write_time(value, zone, path)


def _write_number(value: Any, path: str, zone: tzinfo | None) -> str:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise _wrong_type(value, "Decimal", path)
    text = format(value, "f") if isinstance(value, Decimal) else str(value) if abs(value) < 10**18 else "x" * 99
    if len(text) > 40 or not (isinstance(value, int) or value.is_finite()):
        raise _bad_number(path)
    return text


def _bad_number(path: str) -> CapError:
    return CapError("number", "数值过大或不是数", "the number is too large or not a number", path=path)


def _read_number(number: Callable[[str], Any], digits: int) -> Callable[[str, str], Any]:
    def read(text: str, path: str) -> Any:
        if len(text.strip()) > digits:
            raise _bad_number(path)
        try:
            return number(text.strip())
        except (ValueError, ArithmeticError) as error:
            raise _bad_number(path) from error

    return read


def _one_of(enum: type[StrEnum]) -> Leaf:
    def read(text: str, path: str) -> StrEnum:
        try:
            return enum(text)
        except ValueError as error:
            zh, en = f"取值“{text[:40]}”不在规定范围内", f"{text[:40]!r} is not one of the standard's values"
            raise CapError("value", zh, en, path=path) from error

    def write(value: Any, path: str, zone: tzinfo | None) -> str:
        return str(read(_write_text(value, path, zone), path))

    return Leaf(read, write)


TEXT = Leaf(lambda text, path: text, _write_text)
# xs:language and xs:anyURI: the schema itself collapses white space around and inside them.
TOKEN = Leaf(
    lambda text, path: " ".join(text.split()), lambda value, path, zone: _write_text(value, path, zone).strip()
)
TIME = Leaf(read_time, _write_time)
INTEGER = Leaf(_read_number(int, 19), _write_number)
DECIMAL = Leaf(_read_number(Decimal, 40), _write_number)
PAIR = Branch(Pair, (Field("valueName", "name", TEXT), Field("value", "value", TEXT)))

AREA = Branch(
    Area,
    (
        Field("areaDesc", "description", TEXT),
        Field("polygon", "polygons", TEXT, many=True),
        Field("circle", "circles", TEXT, many=True),
        Field("geocode", "geocodes", PAIR, many=True),
        Field("altitude", "altitude", DECIMAL),
        Field("ceiling", "ceiling", DECIMAL),
    ),
)
RESOURCE = Branch(
    Resource,
    (
        Field("resourceDesc", "description", TEXT),
        Field("mimeType", "mime_type", TEXT),
        Field("size", "size", INTEGER),
        Field("uri", "uri", TOKEN),
        Field("derefUri", "deref_uri", TEXT),
        Field("digest", "digest", TEXT),
    ),
)
INFO = Branch(
    Info,
    (
        Field("language", "language", TOKEN),
        Field("category", "categories", _one_of(values.Category), many=True),
        Field("event", "event", TEXT),
        Field("responseType", "response_types", _one_of(values.ResponseType), many=True),
        Field("urgency", "urgency", _one_of(values.Urgency)),
        Field("severity", "severity", _one_of(values.Severity)),
        Field("certainty", "certainty", _one_of(values.Certainty)),
        Field("audience", "audience", TEXT),
        Field("eventCode", "event_codes", PAIR, many=True),
        Field("effective", "effective", TIME),
        Field("onset", "onset", TIME),
        Field("expires", "expires", TIME),
        Field("senderName", "sender_name", TEXT),
        Field("headline", "headline", TEXT),
        Field("description", "description", TEXT),
        Field("instruction", "instruction", TEXT),
        Field("web", "web", TOKEN),
        Field("contact", "contact", TEXT),
        Field("parameter", "parameters", PAIR, many=True),
        Field("resource", "resources", RESOURCE, many=True),
        Field("area", "areas", AREA, many=True),
    ),
)
ALERT = Branch(
    Alert,
    (
        Field("identifier", "identifier", TEXT),
        Field("sender", "sender", TEXT),
        Field("sent", "sent", TIME),
        Field("status", "status", _one_of(values.Status)),
        Field("msgType", "msg_type", _one_of(values.MsgType)),
        Field("source", "source", TEXT),
        Field("scope", "scope", _one_of(values.Scope)),
        Field("restriction", "restriction", TEXT),
        Field("addresses", "addresses", TEXT),
        Field("code", "codes", TEXT, many=True),
        Field("note", "note", TEXT),
        Field("references", "references", TEXT),
        Field("incidents", "incidents", TEXT),
        Field("info", "infos", INFO, many=True),
    ),
)
