"""What one row of a list says of a person. All that is wrong with it is named, not only the first. Nothing is read or written."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_noop as _

from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import phones, reader, rules

Person = dict[
    str, Any
]  # only what the row says: name, area, numbers, and perhaps position, tags, risk, landlines, groups …
_ENDINGS = re.compile("(?:村民委员会|居民委员会|社区居委会|社区居民委员会|村委会|居委会|村|社区)$")
_FORMULA = ("=", "＝", "@", "＠", "+", "＋", "-", "－")
_GUARDED = re.compile("^'(?=[=＝@＠+＋\\-－\t\r\0])")
_EMPTY = frozenset({"-", "--", "—", "——", "无"})
MILLION = 1_000_000


@dataclass(frozen=True)
class Places:
    """The areas of an organisation, by code and by what people call them."""

    codes: frozenset[str]
    names: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str]]) -> "Places":
        """From (code, name). 大杨各村村委会 is also found as 大杨各村 where that means only one."""
        names: dict[str, set[str]] = {}
        short: dict[str, set[str]] = {}
        codes = set()
        for code, name in rows:
            codes.add(code)
            names.setdefault(_plain(name), set()).add(code)
            short.setdefault(_ENDINGS.sub("", _plain(name)), set()).add(code)
        for name, found in short.items():
            names.setdefault(name, found)
        return cls(frozenset(codes), {name: tuple(sorted(found)) for name, found in names.items()})

    def find(self, text: str) -> str:
        """The code. Raises Refused for an unknown or ambiguous name."""
        plain = _plain(text)
        if plain in self.codes:
            return plain
        found = self.names.get(plain) or self.names.get(_ENDINGS.sub("", plain)) or ()
        if len(found) == 1:
            return found[0]
        if found:
            reason = _("Several areas are called “%(name)s”; write the code instead: %(codes)s")
            params = {"name": text[:40], "codes": ", ".join(found[:10])}
            raise Refused("area_ambiguous", reason, field="area", params=params)
        raise Refused(
            "area_unknown", _("There is no area with the code %(codes)s."), field="area", params={"codes": text[:40]}
        )


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().removesuffix(".0")


@dataclass
class Reading:
    """A person, and what keeps this row from being kept."""

    person: Person = field(default_factory=dict)
    wrong: list[Refused] = field(default_factory=list)


def read(
    cells: Sequence[str], columns: Mapping[str, int], formulas: Sequence[int], places: Places, default_area: str = ""
) -> Reading:
    """`columns` is where each field stands; `formulas` which cells are computed; `default_area` a code for a sheet without one."""
    found = Reading()
    texts = {name: _text(cells[at]) if at < len(cells) else "" for name, at in columns.items()}
    for name, at in columns.items():
        if at in formulas:
            reason = _("This cell holds a formula. Copy the column and paste it as values.")
            found.wrong.append(Refused("formula", reason, field=name))
        elif len(texts[name]) > reader.MOST_CHARACTERS:
            reason, params = _("Too long: at most %(longest)s characters."), {"longest": reader.MOST_CHARACTERS}
            found.wrong.append(Refused("too_long", reason, field=name, params=params))
    if found.wrong:
        return found
    for step in (_name, _area, _position, _numbers, _tags, _risk, _groups, _point):
        try:
            found.person |= step(texts, places, default_area)
        except Refused as refused:
            found.wrong.append(refused)
    return found


def _text(cell: str) -> str:
    """Without the mark that our own exports put before what a spreadsheet would compute."""
    return _GUARDED.sub("", cell.strip())


def _words(name: str, text: str, longest: int, required: bool = False) -> str:
    text = "" if text in _EMPTY else text
    if text.startswith(_FORMULA):
        reason = _("“%(text)s” begins like a formula; take the sign at its beginning away.")
        raise Refused("formula_like", reason, field=name, params={"text": text[:40]})
    return rules.words(name, text, longest=longest, required=required)


def _name(texts: Mapping[str, str], places: Places, default: str) -> Person:
    return {"name": _words("name", texts.get("name", ""), 60, required=True)}


def _area(texts: Mapping[str, str], places: Places, default: str) -> Person:
    text = texts.get("area", "")
    if not text and default:
        return {"area": default}
    if not text:
        raise Refused("required", _("This must not be empty."), field="area")
    return {"area": places.find(text)}


def _position(texts: Mapping[str, str], places: Places, default: str) -> Person:
    position = _words("position", texts.get("position", ""), 60)
    return {"position": position} if position else {}


def _numbers(texts: Mapping[str, str], places: Places, default: str) -> Person:
    mobiles, lines = phones.read(texts.get("phone", ""))
    if texts.get("landline"):
        try:
            more, others = phones.read(texts["landline"])
        except Refused as refused:
            refused.field = "landline"
            raise
        mobiles, lines = tuple(dict.fromkeys(mobiles + more)), tuple(dict.fromkeys(lines + others))
    person: Person = {"numbers": list(mobiles)}
    if lines:
        person["landlines"] = rules.words("landline", ";".join(lines), longest=phones.LONGEST_LANDLINES)
    return person


def _tags(texts: Mapping[str, str], places: Places, default: str) -> Person:
    tags = rules.tag_text(tuple(_several(texts.get("tags", "").replace("，", ";").replace(",", ";"))))
    return {"tags": tags} if tags else {}


def _risk(texts: Mapping[str, str], places: Places, default: str) -> Person:
    text = unicodedata.normalize("NFKC", texts.get("risk", "")).strip()
    if not text:
        return {}
    if not (text.isascii() and text.isdigit() and len(text) < 4 and int(text) <= rules.MOST_RISK):
        raise Refused(
            "risk", _("The risk is a whole number from 0 to %(most)s."), field="risk", params={"most": rules.MOST_RISK}
        )
    return {"risk": int(text)}


def _groups(texts: Mapping[str, str], places: Places, default: str) -> Person:
    groups = [_words("groups", one, 60, required=True) for one in _several(texts.get("groups", ""))]
    return {"groups": list(dict.fromkeys(groups))} if groups else {}


def _point(texts: Mapping[str, str], places: Places, default: str) -> Person:
    given = {name: texts.get(name, "") for name in ("latitude", "longitude")}
    if not any(given.values()):
        return {}
    return {name: _degrees(name, text) for name, text in given.items()}


def _degrees(name: str, text: str) -> int:
    most = 90 if name == "latitude" else 180
    try:
        value = Decimal(unicodedata.normalize("NFKC", text).strip("°NEne "))
    except InvalidOperation:
        value = Decimal("NaN")
    if value.is_finite() and abs(value) <= most:
        return int((value * MILLION).to_integral_value())
    reason = _("Latitude and longitude are written together, in degrees such as 39.912345 and 117.412345.")
    raise Refused(name, reason, field=name, params={"text": text[:40]})


def _several(text: str) -> list[str]:
    return [one.strip() for one in re.split(r"[;；、/|\n]", text) if one.strip()]
