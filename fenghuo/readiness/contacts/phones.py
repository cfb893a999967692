"""What people write in the column of telephone numbers: several at once, landlines, numbers a spreadsheet has spoilt. Pure."""

import re
import unicodedata
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext_noop as _

from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import rules

LONGEST_LANDLINES = 120
_SEVERAL = re.compile(r"[;；、/／|｜,，\n\r]+")
_EMPTY = frozenset({"", "-", "--", "—", "——", "无", "/", "none", "n/a", "0"})
_WHOLE = re.compile(r"([0-9]{7,15})\.0+")
_SHORTENED = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+?[0-9]{1,2}")
# Area codes are 010, 02x and four digits from 03xx on; without their 0 after +86 or before a dash. Then 7 or 8 digits, an extension
# of at most 6. Nationwide numbers begin with 400 or 800.
_LANDLINE = re.compile(
    r"(?:(?:\+86|0086|86)-?(?P<abroad>10|2[0-9]|[3-9][0-9]{2})|0(?P<code>10|2[0-9]|[3-9][0-9]{2})"
    r"|(?P<bare>10|2[0-9]|[3-9][0-9]{2})(?=-))?-?(?P<number>[2-9][0-9]{6,7})"
    r"(?:(?:转|分机|ext\.?|x|\#|-)(?P<extension>[0-9]{1,6}))?",
    re.IGNORECASE,
)
_NATIONWIDE = re.compile(r"([48]00)-?([0-9]{3})-?([0-9]{4})")
_DASHES = re.compile("[‐‑‒–—－﹣]")


def read(cell: str) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """(mobile numbers, landlines) of one cell. Raises Refused naming the first piece that is neither."""
    mobiles: list[int] = []
    landlines: list[str] = []
    if cell.isascii() and len(cell) == 11 and cell.isdigit() and rules.is_number(cell):
        return (int(cell),), ()
    for piece in _SEVERAL.split(unicodedata.normalize("NFKC", cell)):
        if piece.strip().casefold() in _EMPTY:
            continue
        for one in _pieces(piece.strip()):
            if isinstance(one, int):
                mobiles.append(one)
            else:
                landlines.append(one)
    return tuple(dict.fromkeys(mobiles)), tuple(dict.fromkeys(landlines))


def _pieces(piece: str) -> list[int | str]:
    """A piece is one number with spaces in it, or several with a space between them."""
    try:
        return [_one(piece)]
    except Refused:
        words = piece.split()
        if len(words) < 2:
            raise
    try:
        return [_one(word) for word in words]
    except Refused:
        raise _wrong(piece) from None


def _one(text: str) -> int | str:
    plain = text
    if whole := _WHOLE.fullmatch(plain):
        plain = whole[1]
    elif _SHORTENED.fullmatch(plain):
        plain = _unshortened(plain)
    try:
        return rules.normalise(plain)
    except Refused:
        found = landline(plain)
        if found is None:
            raise _wrong(text) from None
        return found


def _unshortened(text: str) -> str:
    """1.3800138000E+10 still has every digit; 1.38E+10 has lost them for good."""
    mantissa = re.sub(r"[^0-9]", "", re.split("[eE]", text)[0])
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal(0)
    if len(mantissa) >= 11 and value == value.to_integral_value():
        return str(int(value))
    raise Refused(
        "number_shortened",
        _("The spreadsheet has shortened this number to “%(number)s”; make the column text and type it again."),
        field="phone",
        params={"number": text[:40]},
    )


def landline(text: str) -> str | None:
    """As it is kept: 022-29840001-801, 400-123-4567; None for what is no landline."""
    plain = _DASHES.sub("-", unicodedata.normalize("NFKC", text))
    plain = re.sub(r"[\s()·.]", lambda one: "-" if one[0] == ")" else "", plain).strip("-")
    if nationwide := _NATIONWIDE.fullmatch(plain):
        return "-".join(nationwide.groups())
    found = _LANDLINE.fullmatch(plain)
    if found is None:
        return None
    code = found["abroad"] or found["code"] or found["bare"]
    return "-".join(part for part in (f"0{code}" if code else "", found["number"], found["extension"]) if part)


def _wrong(text: str) -> Refused:
    digits = re.sub(r"[^0-9]", "", text)
    if digits.startswith("1") and len(digits) in (9, 10, 12, 13) and len(digits) >= len(text.strip()) - 2:
        return Refused(
            "number_length",
            _("“%(number)s” has %(digits)s digits; a mobile number has 11."),
            field="phone",
            params={"number": text[:40], "digits": len(digits)},
        )
    return Refused(
        "not_a_number",
        _("“%(number)s” is neither a mobile number nor a landline."),
        field="phone",
        params={"number": text[:40]},
    )
