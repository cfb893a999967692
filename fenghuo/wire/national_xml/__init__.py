"""The national warning XML (GB/T 34283 and 35965.1 as seen in practice): read, written, turned into CAP and back."""

from fenghuo.wire.national_xml.builder import build, file_name
from fenghuo.wire.national_xml.mapping import from_cap, to_cap
from fenghuo.wire.national_xml.model import Area, Info, Message, Method, Resource
from fenghuo.wire.national_xml.parser import is_national, parse
from fenghuo.wire.national_xml.values import (
    Certainty,
    Classification,
    Colour,
    MsgType,
    Scope,
    Status,
    Urgency,
)

__all__ = [
    "Area",
    "Certainty",
    "Classification",
    "Colour",
    "Info",
    "Message",
    "Method",
    "MsgType",
    "Resource",
    "Scope",
    "Status",
    "Urgency",
    "build",
    "file_name",
    "from_cap",
    "is_national",
    "parse",
    "to_cap",
]
