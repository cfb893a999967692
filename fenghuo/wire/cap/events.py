"""National event codes (GB/T 35561-2017) with names, classes and CAP categories.

`events.csv` holds the codes seen in practice; the standard's own text was not at hand, so the table claims no conformity.
Rows marked practice are used by issuers beyond the seed table. A code that is not listed is still carried without loss:
it is the table that may be incomplete, not the sender.
"""

import csv
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from io import StringIO

from fenghuo.wire.cap.values import Category

CODE = re.compile(r"[0-9]{2}[0-9A-Z][0-9]{2}", re.ASCII)
"""Five characters: two digits of the class, a letter of the group (0 for the class itself), two digits of the type."""


class EventClass(StrEnum):
    """The classes of the law (art. 2) and the standard's three others, by the code of the class."""

    TEST = "00000"
    NATURAL = "11000"
    ACCIDENT = "12000"
    HEALTH = "13000"
    SECURITY = "14000"
    OTHER = "19000"
    HAZARD = "20000"


@dataclass(frozen=True, slots=True)
class EventType:
    """One row: `parent` is the code above it ("" for a class); `practice` marks a code from usage, not the seed table."""

    code: str
    zh: str
    en: str
    event_class: EventClass
    parent: str
    practice: bool


# The longest matching beginning of a code decides; CAP-v1.2 §3.2.2 puts landslides under Geo and floods under Met.
_CATEGORIES: dict[str, tuple[Category, ...]] = {
    "11": (Category.OTHER,), "11A": (Category.MET,), "11B": (Category.MET,), "11B29": (Category.MET, Category.ENV),
    "11C": (Category.GEO,), "11D": (Category.GEO,), "11E": (Category.MET,), "11E01": (Category.GEO,),
    "11E05": (Category.ENV,), "11F": (Category.ENV,), "11G": (Category.FIRE,),
    "12": (Category.SAFETY,), "12D": (Category.SAFETY, Category.CBRNE), "12G": (Category.FIRE,),
    "12H": (Category.TRANSPORT,), "12J": (Category.TRANSPORT,), "12K": (Category.TRANSPORT,),
    "12L": (Category.TRANSPORT,), "12M": (Category.TRANSPORT,), "12P": (Category.INFRA,), "12Q": (Category.ENV,),
    "12T": (Category.CBRNE,), "12U": (Category.INFRA,), "13": (Category.HEALTH,), "14": (Category.SECURITY,),
}  # fmt: skip


@cache
def all_events() -> tuple[EventType, ...]:
    """Every listed code, in order."""
    text = files("fenghuo.wire.cap").joinpath("events.csv").read_text(encoding="utf-8")
    return tuple(
        EventType(row["code"], row["zh"], row["en"], class_of(row["code"]), _parent(row["code"]), bool(row["practice"]))
        for row in csv.DictReader(StringIO(text))
    )


@cache
def _by_code() -> dict[str, EventType]:
    return {event.code: event for event in all_events()}


def find(code: str) -> EventType | None:
    """The listed type of a code, None when it is not listed."""
    return _by_code().get(code)


def children(code: str) -> tuple[EventType, ...]:
    """The types directly below a class or group, in order."""
    return tuple(event for event in all_events() if event.parent == code)


def warnable() -> tuple[EventType, ...]:
    """What a warning may be about: groups and types of the four classes, and 其他突发事件."""
    classes = (EventClass.NATURAL, EventClass.ACCIDENT, EventClass.HEALTH, EventClass.SECURITY)
    return tuple(
        event
        for event in all_events()
        if (event.event_class in classes and event.parent) or event.event_class is EventClass.OTHER
    )


def class_of(code: str) -> EventClass:
    """The class of any code by its first digits; OTHER for what the standard does not know."""
    if code[:1] == "2":
        return EventClass.HAZARD
    return next((known for known in EventClass if known[:2] == code[:2]), EventClass.OTHER)


def categories(code: str) -> tuple[Category, ...]:
    """The CAP categories of a code, at least one; Other when nothing is known of it."""
    for length in (5, 3, 2):
        if code[:length] in _CATEGORIES:
            return _CATEGORIES[code[:length]]
    return (Category.OTHER,)


def _parent(code: str) -> str:
    if code in (known.value for known in EventClass):
        return ""
    group = f"{code[:3]}00"
    if code != group and code[0] != "2":
        return group
    return class_of(code).value
