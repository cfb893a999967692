"""Blanks in a template's words: {地点}, {时间}, {雨量}. Pure text: found, labelled by their own name, filled, never guessed."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Kind = Literal["place", "period", "moment", "number", "phone", "text"]

# An official types the braces with either keyboard layout; both are the same blank.
BLANK = re.compile(r"[{｛]([^{}｛｝\s]{1,20})[}｝]")
BRACES = re.compile(r"[{}｛｝]")
LONGEST_VALUE = 200
# What the rest of the form answers; a meeting's own place or time it does not know.
SUGGESTED_PLACE = ("地点", "地区", "区域", "范围", "影响范围")
SUGGESTED_PERIOD = ("时间", "时段", "起止时间")
# Which kind a blank is, by how its name ends; the first that fits. What fits none is plain words.
_ENDINGS: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    ("phone", ("电话", "号码", "热线")),
    ("period", ("时段", "起止时间", "期间")),
    (
        "moment",
        ("时刻", "日期", "起始时间", "开始时间", "集合时间", "会议时间", "处置时间", "截止时间", "解除时间", "时限"),
    ),
    ("period", ("时间",)),
    ("place", ("地点", "地区", "区域", "范围")),
    ("number", ("雨量", "气温", "温度", "幅度", "风力", "能见度", "人数", "级数", "天数", "小时", "分钟", "数量")),
)


@dataclass(frozen=True)
class Blank:
    """Something left for a person to fill: its name is its label, `kind` says what belongs there."""

    name: str
    kind: Kind


def kind_of(name: str) -> Kind:
    """What belongs into a blank of this name."""
    return next((kind for kind, endings in _ENDINGS if name.endswith(endings)), "text")


def blanks(*texts: str) -> list[Blank]:
    """Every blank of some texts once, in the order in which a reader meets them."""
    names = dict.fromkeys(name for text in texts for name in BLANK.findall(text))
    return [Blank(name, kind_of(name)) for name in names]


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with every blank filled that has a value; the others stay as they are. A value is never itself filled."""
    return BLANK.sub(lambda found: values.get(found[1], "").strip() or found[0], text)


def stray_brace(text: str) -> int | None:
    """Where a brace stands that belongs to no blank, from 0; None when every brace does."""
    inside = {place for found in BLANK.finditer(text) for place in (found.start(), found.end() - 1)}
    return next((found.start() for found in BRACES.finditer(text) if found.start() not in inside), None)


def suggestions(
    wanted: Iterable[Blank], *, places: list[str], begins: datetime | None, ends: datetime | None
) -> dict[str, str]:
    """What the rest of the form already says: the chosen places and the period. Local times; amounts are never suggested."""
    known = dict.fromkeys(SUGGESTED_PLACE, spoken_places(places))
    if begins and ends:
        known |= dict.fromkeys(SUGGESTED_PERIOD, spoken_period(begins, ends))
    return {one.name: known[one.name] for one in wanted if known.get(one.name)}


def spoken_places(places: list[str]) -> str:
    """Some names as a sentence says them; more than three as the first and how many."""
    if len(places) <= 3:
        return "、".join(places)
    return f"{places[0]}等{len(places)}处"


def spoken_period(begins: datetime, ends: datetime) -> str:
    """`22日15时至23日3时`, the way a weather office writes it; minutes only where there are any."""
    first = f"{begins.day}日{_hour(begins)}"
    if (begins.year, begins.month) != (ends.year, ends.month):
        return f"{begins.month}月{first}至{ends.month}月{ends.day}日{_hour(ends)}"
    return f"{first}至{_hour(ends)}" if begins.day == ends.day else f"{first}至{ends.day}日{_hour(ends)}"


def _hour(at: datetime) -> str:
    return f"{at.hour}时{at.minute}分" if at.minute else f"{at.hour}时"
