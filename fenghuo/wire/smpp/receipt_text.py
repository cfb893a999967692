"""Where the text of a receipt names its values, in whatever it is written: single bytes, or two to a character as UCS-2 has it.

What the gateway says about the coding decides nothing but what is tried first: many leave that of the submit in the receipt.
Single bytes of every coding in use agree in the characters that matter.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from fenghuo.wire.smpp.layout import UDHI
from fenghuo.wire.smpp.shapes import Span
from fenghuo.wire.stream import Run

Written = Literal["single", "big", "little"]  # bytes, or pairs of them with the more or the less significant first

UCS2: Final = 8
_TRIED: Final[dict[bool, tuple[Written, ...]]] = {
    True: ("big", "little", "single"),
    False: ("single", "big", "little"),
}
_WIDE: Final = 0x1A  # stands for a character that is no single byte; before a name it does not hide the name
_KEPT: Final = bytes([255]) + bytes(255)
_REPLACED: Final = bytes(1) + bytes([_WIDE]) * 255
# What follows "text:" is the message's own beginning: whatever it looks like, it says nothing. 0x11 is GSM 03.38's underline.
_BEFORE: Final = rb"(?:^|(?<=[\s,;|\x1a]))"
_FIELD: Final = re.compile(
    _BEFORE + rb"(id|stat|err|(?:submit|done)[ _\x11-]?date)\s*[:=][ \t]*([^\s\0,;|]*)|" + _BEFORE + rb"(text)\s*[:=]",
    re.IGNORECASE,
)
STOPS: Final = b"\0 \t\n\r\f\v,;|"  # what ends a value


@dataclass(frozen=True, slots=True)
class Named:
    """The values of one text. `places` are spans of `content`, which is as long as what came and bears single bytes at its end.

    `before` is the length of the user data header, `end` where names end; the text begins at `begin`.
    """

    written: Written
    before: int
    content: bytes
    begin: int
    places: dict[str, Span]
    end: int

    def value(self, name: str) -> str:
        """What it says of one; empty for nothing."""
        at, width = self.places.get(name, (0, 0))
        return self.content[at : at + width].decode("latin-1")


def named(content: bytes, esm_class: int, coding: int) -> Named:
    """What the text of a receipt names, read in the first way in which it names a message or an outcome."""
    before = _header_size(content, esm_class)
    if content.find(0, before) >= 0:
        for written in _TRIED[coding == UCS2]:
            text = _read(content, before, written)
            if "id" in text.places or "stat" in text.places:
                return text
    return _read(content, before, "single")


def _read(content: bytes, before: int, written: Written) -> Named:
    begin = before
    if written != "single":
        content, begin = _narrowed(content, before & 1, written), len(content) - (len(content) - before) // 2
    return Named(written, before, content, begin, *_places(content, begin))


def _header_size(content: bytes, esm_class: int) -> int:
    """Bytes of the user data header before the text."""
    size = content[0] + 1 if esm_class & UDHI and content else 0
    return size if size <= len(content) else 0


def narrowed(run: Run, message: Span, odd: int, written: Written) -> Run:
    """The same frames with their messages in single bytes, at the end of where they lie; `odd`: they begin at an odd place."""
    at, width = message
    high, low = (0, 1) if written == "big" else (1, 0)
    frames, count = bytearray(run.data), (width - odd) // 2
    for k in range(count):
        begin = at + odd + 2 * k
        column = _single(run.data[begin + low :: run.stride], run.data[begin + high :: run.stride])
        frames[at + width - count + k :: run.stride] = column
    return run._replace(data=bytes(frames))


def _narrowed(content: bytes, odd: int, written: Written) -> bytes:
    count = (len(content) - odd) // 2
    pairs = content[odd : odd + 2 * count]
    high, low = (0, 1) if written == "big" else (1, 0)
    return content[: len(content) - count] + _single(pairs[low::2], pairs[high::2])


def _single(low: bytes, high: bytes) -> bytes:
    """The lower bytes of those characters that have no upper one."""
    if not high.strip(b"\0"):
        return low
    kept = int.from_bytes(low, "big") & int.from_bytes(high.translate(_KEPT), "big")
    return (kept | int.from_bytes(high.translate(_REPLACED), "big")).to_bytes(len(low), "big")


def _places(content: bytes, begin: int) -> tuple[dict[str, Span], int]:
    """Names of the values with their places, and where names end. Of a name that comes twice the first counts."""
    places: dict[str, Span] = {}
    for match in _FIELD.finditer(content[begin:] if begin else content):
        if match[3]:
            return places, begin + match.end()
        places.setdefault(_name(match[1]), (begin + match.start(2), match.end(2) - match.start(2)))
    return places, len(content)


@lru_cache(maxsize=64)
def _name(said: bytes) -> str:
    name = said.lower().decode()
    return name if name in ("id", "stat", "err") else "done" if name.startswith("done") else "submitted"
