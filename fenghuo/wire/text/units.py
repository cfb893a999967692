"""How long a text is on the line, and how it is cut.

A phone counts UTF-16 code units: an astral character (most emoji, 𠮷) takes two. One message holds 70; a longer text is cut
into segments with a User Data Header (GSM 03.40 §9.2.3.24.1) that leaves 67 units (8-bit reference) or 66 (16-bit).
"""

from dataclasses import dataclass
from typing import Final

from fenghuo.wire.text.problems import TextError

SINGLE: Final = 70  # 140 bytes of UCS-2
ROOM: Final = {8: 67, 16: 66}  # units beside a UDH of 6 and of 7 bytes; 133 bytes hold 66 whole units
MAX_SEGMENTS: Final = 255  # the UDH counts in one byte
LIMIT: Final = 280  # what a town may send at once (XC 9)
BILLING_UNIT: Final = 70  # what it is billed by, whatever the segments (XC 9)


def units(text: str) -> int:
    """UTF-16 code units of `text`; an unpaired surrogate counts one."""
    return len(text) + sum(character > "\uffff" for character in text)


def billed(text: str, unit: int = BILLING_UNIT) -> int:
    """What the seed rule bills: one per `unit` code units begun; nothing for nothing."""
    return -(-units(text) // unit)


def segments(text: str, width: int = 8) -> int:
    """How many messages the carrier sends for `text`, with a UDH reference of `width` bits; nothing for nothing."""
    return len(_cuts(text, width))


@dataclass(frozen=True, slots=True)
class Segment:
    """One message of a text: `number` of `total` (from 1), its UDH (empty where there is but one) and UCS-2 payload."""

    number: int
    total: int
    udh: bytes
    payload: bytes


def split(text: str, ref: int, width: int = 8) -> tuple[Segment, ...]:
    """The messages of `text`, at most 140 bytes each, UDH included; no surrogate pair is split between two.

    `ref` is the reference that ties them together on the phone, `width` its bits (8 or 16). Raises TextError for a text that
    is empty, holds an unpaired surrogate or needs more than 255 segments.
    """
    pieces = _cuts(text, width)
    if not pieces or len(pieces) > MAX_SEGMENTS:
        code = "empty" if not pieces else "too_long"
        raise TextError.of(code, f"{len(pieces)} segments", f"{len(pieces)} 段")
    if not 0 <= ref < 1 << width:
        raise TextError.of("reference", f"reference {ref} does not fit {width} bits", f"参考号 {ref} 超出 {width} 位")
    total = len(pieces)
    return tuple(
        Segment(number, total, _udh(ref, total, number, width) if total > 1 else b"", _ucs2(piece))
        for number, piece in enumerate(pieces, 1)
    )


def _udh(ref: int, total: int, number: int, width: int) -> bytes:
    if width == 8:
        return bytes((5, 0, 3, ref, total, number))
    return bytes((6, 8, 4, ref >> 8, ref & 0xFF, total, number))


def _ucs2(piece: str) -> bytes:
    try:
        return piece.encode("utf-16-be")
    except UnicodeEncodeError as wrong:
        raise TextError.of(
            "surrogate", f"unpaired surrogate at {wrong.start}", f"第 {wrong.start + 1} 个字符是不成对的代理码"
        ) from wrong


def _cuts(text: str, width: int) -> list[str]:
    room = ROOM.get(width)
    if room is None:
        raise TextError.of(
            "reference", f"a reference has 8 or 16 bits, not {width}", f"参考号为 8 或 16 位，不能是 {width} 位"
        )
    if units(text) <= SINGLE:
        return [text] if text else []
    pieces, start, used = [], 0, 0
    for index, character in enumerate(text):
        size = 2 if character > "\uffff" else 1
        if used + size > room:
            pieces.append(text[start:index])
            start, used = index, 0
        used += size
    pieces.append(text[start:])
    return pieces
