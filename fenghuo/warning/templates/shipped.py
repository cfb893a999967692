"""The templates that ship: TOML that an official can read, checked whole when it is read."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from fenghuo.wire.cap import events

FOLDER = Path(__file__).parent / "shipped"
CATEGORIES = {
    events.EventClass.NATURAL: "natural",
    events.EventClass.ACCIDENT: "accident",
    events.EventClass.HEALTH: "health",
    events.EventClass.SECURITY: "security",
}
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]


class Shipped(BaseModel):
    """One template of a file, its defaults taken in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Annotated[str, StringConstraints(pattern=r"^[a-z]+(\.[a-z]+)+$", max_length=60)]
    name: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    kind: Literal["warning", "notice", "meeting", "tip", "handling"]
    event: str = ""
    level: Annotated[int, Field(ge=1, le=4)] | None = None
    relation: Literal["", "update", "raise", "lower", "lift"] = ""
    life_safety: bool = False
    note: str = ""
    hours: Annotated[int, Field(ge=1, le=720)]
    headline: Line
    body: Words
    caution: Words = ""
    measures: Words = ""
    correction: Words = ""


@cache
def shipped() -> tuple[Shipped, ...]:
    """Every template that ships, file by file. Raises pydantic's ValidationError for a wrong file: a fault of ours."""
    found: list[Shipped] = []
    for path in sorted(FOLDER.glob("*.toml")):
        data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        found += [Shipped.model_validate({**data.get("defaults", {}), **one}) for one in data["template"]]
    return tuple(found)


def category_of(event: str) -> str:
    """The class of an emergency that a type of event belongs to; nothing where the law knows none."""
    return CATEGORIES.get(events.class_of(event), "") if event else ""
