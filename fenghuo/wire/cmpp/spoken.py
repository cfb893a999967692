"""What a phone wrote: the words of a DELIVER, and its place in a message of several parts (3GPP TS 23.040 §9.2.3.24)."""

from dataclasses import dataclass
from typing import Final

from fenghuo.wire.cmpp.pdus import Deliver

_ENCODINGS: Final = {
    0: "latin-1",
    8: "utf-16-be",
    15: "gb18030",
}  # Msg_Fmt; what else there is, is read as single bytes
_CONCATENATED: Final = {0x00: 3, 0x08: 4}  # information element to its length: reference of 8 or of 16 bits


@dataclass(frozen=True, slots=True)
class Spoken:
    """`reference`, `total` and `number` tie the parts of one long message together; 0, 1 and 1 for a message of one part."""

    text: str
    reference: int = 0
    total: int = 1
    number: int = 1


def spoken(deliver: Deliver) -> Spoken:
    """The words of a DELIVER with Registered_Delivery 0. Never raises: what cannot be read becomes U+FFFD, NUL is left out.

    A header that contradicts itself is taken for words: better odd characters at the beginning than half a message lost.
    """
    header, words = _header(deliver)
    encoding = _ENCODINGS.get(deliver.msg_fmt, "latin-1")
    text = words.decode(encoding, "replace").replace("\0", "")
    return Spoken(text, *_place(header))


def _header(deliver: Deliver) -> tuple[bytes, bytes]:
    """(user data header without its length, the rest)."""
    content = deliver.content
    if not deliver.tp_udhi or not content or content[0] + 1 > len(content):
        return b"", content
    return content[1 : content[0] + 1], content[content[0] + 1 :]


def _place(header: bytes) -> tuple[int, int, int]:
    """(reference, total, number) by the first concatenation element; (0, 1, 1) without a possible one."""
    at = 0
    while at + 2 <= len(header):
        element, length = header[at], header[at + 1]
        value = header[at + 2 : at + 2 + length]
        if len(value) == length == _CONCATENATED.get(element):
            *reference, total, number = value
            if total > 1 and 1 <= number <= total:
                return int.from_bytes(bytes(reference), "big"), total, number
        at += 2 + length
    return 0, 1, 1
