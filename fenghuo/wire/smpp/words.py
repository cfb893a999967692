"""What a phone wrote: the words of a deliver_sm, and its place in a message of several parts.

Parts are tied by a user data header (3GPP TS 23.040 §9.2.3.24) or by the sar_ parameters.
"""

from dataclasses import dataclass
from typing import Final

from fenghuo.wire.smpp.layout import SAR_MSG_REF_NUM, SAR_SEGMENT_SEQNUM, SAR_TOTAL_SEGMENTS, UDHI
from fenghuo.wire.smpp.pdus import Message

_CONCATENATED: Final = {0x00: 3, 0x08: 4}  # information element to its length: reference of 8 or of 16 bits
_DEFAULT, _UCS2 = 0, 8
_ENCODINGS: Final = {_UCS2: "utf-16-be", 5: "shift_jis", 6: "iso8859-5", 7: "iso8859-8", 14: "euc-kr"}
_GSM: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPED: Final = {0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|"}
_ESCAPED_EURO: Final = 0x65


@dataclass(frozen=True, slots=True)
class Words:
    """`reference`, `total` and `number` tie the parts of one long message together; 0, 1 and 1 for a message of one part."""

    text: str
    reference: int = 0
    total: int = 1
    number: int = 1


def words(message: Message) -> Words:
    """The words of a deliver_sm that is no receipt. Never raises: what cannot be read becomes U+FFFD, NUL is left out.

    A header that contradicts itself is taken for words: better odd characters at the beginning than half a message lost.
    """
    header, content = _header(message)
    coding = message.data_coding
    if coding == _DEFAULT:
        text = _default_alphabet(content)
    else:
        text = content.decode(_ENCODINGS.get(coding, "latin-1"), "replace")
    return Words(text.replace("\0", ""), *(_by_header(header) or _by_parameters(message) or (0, 1, 1)))


def _header(message: Message) -> tuple[bytes, bytes]:
    """(user data header without its length, the rest)."""
    content = message.content
    if not message.esm_class & UDHI or not content or content[0] + 1 > len(content):
        return b"", content
    return content[1 : content[0] + 1], content[content[0] + 1 :]


def _by_header(header: bytes) -> tuple[int, int, int] | None:
    """(reference, total, number) by the first concatenation element that is possible."""
    at = 0
    while at + 2 <= len(header):
        element, length = header[at], header[at + 1]
        value = header[at + 2 : at + 2 + length]
        if len(value) == length == _CONCATENATED.get(element):
            *reference, total, number = value
            if total > 1 and 1 <= number <= total:
                return int.from_bytes(bytes(reference), "big"), total, number
        at += 2 + length
    return None


def _by_parameters(message: Message) -> tuple[int, int, int] | None:
    own = [message.tlvs.get(tag, b"") for tag in (SAR_MSG_REF_NUM, SAR_TOTAL_SEGMENTS, SAR_SEGMENT_SEQNUM)]
    if [len(value) for value in own] != [2, 1, 1]:
        return None
    reference, total, number = (int.from_bytes(value, "big") for value in own)
    return (reference, total, number) if total > 1 and 1 <= number <= total else None


def _default_alphabet(content: bytes) -> str:
    """data_coding 0 is "the SMSC's own": ASCII where it can be, else GSM 03.38 in octets, else (above 0x7F) Latin-1."""
    if any(byte > 0x7F for byte in content):
        return content.decode("latin-1")
    if not any(byte < 0x20 and byte not in (0x0A, 0x0D) for byte in content):
        return content.decode("ascii")
    said, escaped = [], False
    for byte in content:
        if escaped:
            said.append("€" if byte == _ESCAPED_EURO else _ESCAPED.get(byte, _GSM[byte]))
            escaped = False
        elif byte == 0x1B:
            escaped = True
        else:
            said.append(_GSM[byte])
    return "".join(said)
