"""CAP 1.2: the international form of a warning, built, read, validated and judged; with the Atom feed that lists it."""

from fenghuo.wire.cap.builder import build
from fenghuo.wire.cap.errors import CapError, Problem
from fenghuo.wire.cap.linter import lint
from fenghuo.wire.cap.model import Alert, Area, Info, Pair, Resource
from fenghuo.wire.cap.parser import parse
from fenghuo.wire.cap.references import Reference, read_references, write_references
from fenghuo.wire.cap.schema import validate
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

__all__ = [
    "Alert",
    "Area",
    "CapError",
    "Category",
    "Certainty",
    "Info",
    "MsgType",
    "Pair",
    "Problem",
    "Reference",
    "Resource",
    "ResponseType",
    "Scope",
    "Severity",
    "Status",
    "Urgency",
    "build",
    "lint",
    "parse",
    "read_references",
    "validate",
    "write_references",
]
