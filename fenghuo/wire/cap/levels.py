"""The four legal levels of a warning and how CAP carries them without loss (突发事件应对法 2024 art. 63).

The law's words and colours are fixed; the CAP severity beside them is the usual convention, no official table exists.
Therefore the colour itself travels too, as parameter `alertLevel`, with the event code and the divisions under the names
of their national standards.
"""

from enum import IntEnum

from fenghuo.wire.cap.model import Area, Info, Pair
from fenghuo.wire.cap.values import Severity

LEVEL_NAME = "alertLevel"
EVENT_CODE_NAME = "GB/T 35561"
GEOCODE_NAME = "GB/T 2260"


class Level(IntEnum):
    """1 is the gravest (一级, red), 4 the lightest (四级, blue)."""

    I = 1  # noqa: E741 - the Roman numeral is the level's name
    II = 2
    III = 3
    IV = 4

    @property
    def colour(self) -> str:
        """Red, Orange, Yellow, Blue: the value of `alertLevel` and of the national XML's severity."""
        return ("Red", "Orange", "Yellow", "Blue")[self - 1]

    @property
    def colour_zh(self) -> str:
        """红, 橙, 黄, 蓝."""
        return "红橙黄蓝"[self - 1]

    @property
    def ordinal_zh(self) -> str:
        """一级 … 四级, the law's words."""
        return f"{'一二三四'[self - 1]}级"

    @property
    def word_zh(self) -> str:
        """特别重大, 重大, 较大, 一般."""
        return ("特别重大", "重大", "较大", "一般")[self - 1]

    @property
    def severity(self) -> Severity:
        """The CAP severity by convention."""
        return (Severity.EXTREME, Severity.SEVERE, Severity.MODERATE, Severity.MINOR)[self - 1]


def level_from_colour(colour: str) -> Level | None:
    """The level of "Red", "red" or "红" (also "红色"); None for anything else, "Unknown" included."""
    name = colour.strip().casefold().removesuffix("色")
    return next((level for level in Level if name in (level.colour.casefold(), level.colour_zh)), None)


def level_from_severity(severity: Severity) -> Level | None:
    """The level the convention gives a bare severity; None for Unknown. Prefer `level_of`, which reads the colour."""
    return next((level for level in Level if level.severity is severity), None)


def level_parameter(level: Level | None) -> Pair:
    """The parameter that carries the colour; "Unknown" for a message without a level."""
    return Pair(LEVEL_NAME, level.colour if level else "Unknown")


def level_of(info: Info) -> Level | None:
    """The level an info carries as colour; None when it carries none (the severity alone is not a legal level)."""
    held = (level_from_colour(pair.value) for pair in info.parameters if pair.name == LEVEL_NAME)
    return next((level for level in held if level), None)


def event_code(code: str) -> Pair:
    """The eventCode pair of a national event code such as 11B03."""
    return Pair(EVENT_CODE_NAME, code)


def event_code_of(info: Info) -> str | None:
    """The national event code an info carries."""
    return next((pair.value for pair in info.event_codes if pair.name == EVENT_CODE_NAME), None)


def geocode(code: str) -> Pair:
    """The geocode pair of a division code (6, 9 or 12 digits; 14 in the national XML)."""
    return Pair(GEOCODE_NAME, code)


def geocodes_of(area: Area) -> tuple[str, ...]:
    """The division codes of an area; a comma list, as the national XML writes it, is taken apart."""
    values = (pair.value.split(",") for pair in area.geocodes if pair.name == GEOCODE_NAME)
    return tuple(code.strip() for value in values for code in value if code.strip())
