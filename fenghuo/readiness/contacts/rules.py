"""What a contact must look like: numbers, names, tags. Nothing here reads or writes."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext_noop as _

from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import headings, reader

MOST_RISK = 9
UNDO_DAYS = 30  # for so long an import can be taken back; then what it changed is forgotten
LIMITS = {"megabytes": reader.MOST_BYTES // 1024 // 1024, "rows": reader.MOST_ROWS, "columns": reader.MOST_COLUMNS}
COLUMNS = tuple(headings.FIELDS)  # what a list may say of a person
# 13 to 19 are assigned to mobile carriers; 10 is assigned to nobody and so serves demonstrations and exercises only.
MOBILE = re.compile(r"1[3-9][0-9]{9}")
UNASSIGNED = re.compile(r"10[0-9]{9}")
PUNCTUATION = str.maketrans("", "", " \t-‐‑‒–—()·.")


@dataclass(frozen=True)
class Row:
    """One person to be kept: `area` a code, `addresses` normalised numbers, `risk` 0 (told last) to 9."""

    name: str
    area: str
    addresses: tuple[int, ...] = ()
    position: str = ""
    tags: tuple[str, ...] = ()
    risk: int = 0
    groups: tuple[str, ...] = ()


def normalise(text: str) -> int:
    """A mainland mobile number as an integer of 11 digits; full-width digits, +86, spaces and dashes are understood."""
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(one for one in plain if unicodedata.category(one) != "Cf").translate(PUNCTUATION)
    for country in ("+86", "0086", "86"):
        if plain.startswith(country) and len(plain) == len(country) + 11:
            plain = plain[len(country) :]
    if not is_number(plain):
        raise Refused(
            "not_a_mobile_number",
            _("“%(number)s” is not a mobile number."),
            field="phone",
            params={"number": text[:40]},
        )
    return int(plain)


def is_number(digits: str) -> bool:
    """Whether 11 digits may be sent to from this data folder: an exercise also knows the numbers that no carrier assigns."""
    exercise = settings.FENGHUO.mode == "exercise"
    return bool(MOBILE.fullmatch(digits) or (exercise and UNASSIGNED.fullmatch(digits)))


def words(field: str, text: str, *, longest: int, required: bool = False) -> str:
    """Text of one line, trimmed. Raises Refused when too long, empty though required, or not printable."""
    text = unicodedata.normalize("NFC", text).strip()
    if required and not text:
        raise Refused("required", _("This must not be empty."), field=field)
    if len(text) > longest:
        raise Refused(
            "too_long", _("Too long: at most %(longest)s characters."), field=field, params={"longest": longest}
        )
    if not text.isprintable():
        raise Refused("not_printable", _("This contains characters that cannot be printed."), field=field)
    return text


def tag_text(tags: tuple[str, ...]) -> str:
    """Tags as stored: ",a,b,". Comparing ignores case and width. Raises Refused when together longer than 200 characters."""
    plain = {tag_key(one) for one in tags}
    joined = ",".join(sorted(plain - {""}))
    return words("tags", f",{joined}," if joined else "", longest=200)


def tag_key(tag: str) -> str:
    """One tag as it is compared."""
    return unicodedata.normalize("NFKC", tag).replace(",", " ").strip().casefold()


def checked(row: Row) -> Row:
    """The row with trimmed texts. Raises Refused naming the first wrong field; whether the area exists is the caller's question."""
    name = words("name", row.name, longest=60, required=True)
    position = words("position", row.position, longest=60)
    if not 0 <= row.risk <= MOST_RISK:
        raise Refused(
            "risk", _("The risk is a whole number from 0 to %(most)s."), field="risk", params={"most": MOST_RISK}
        )
    for address in row.addresses:
        if not is_number(str(address)):
            normalise(str(address))
    groups = tuple(words("groups", one, longest=60, required=True) for one in row.groups)
    return Row(name, row.area, tuple(dict.fromkeys(row.addresses)), position, row.tags, row.risk, groups)


def undo_until(applied_at: datetime) -> datetime:
    """Until when an import can be taken back."""
    return applied_at + timedelta(days=UNDO_DAYS)
