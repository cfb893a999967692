"""C-octet strings, numbers and optional parameters: checked on the way out, forgiving on the way in."""

from collections.abc import Mapping

from fenghuo.wire.smpp.layout import TLV_HEADER
from fenghuo.wire.stream import ProtocolError


def c_octets(value: str, most: int, field: str) -> bytes:
    """`value` with its terminating zero, which counts among the `most` bytes."""
    try:
        raw = value.encode("latin-1")
    except UnicodeEncodeError as wrong:
        raise ProtocolError(
            "field", f"{field} holds {value!r}, which is not single-byte text", f"{field} 含有非单字节字符：{value!r}"
        ) from wrong
    if len(raw) >= most or b"\0" in raw:
        raise ProtocolError(
            "field",
            f"{field} of {len(raw)} bytes does not fit {most - 1}, or holds a zero byte",
            f"{field} 长 {len(raw)} 字节，超出 {most - 1} 字节或含零字节",
        )
    return raw + b"\0"


def text(raw: bytes) -> str:
    """Single bytes up to the first zero."""
    return raw.split(b"\0", 1)[0].decode("latin-1")


def ranged(value: int, top: int, field: str) -> int:
    """`value` where it lies in 0…top."""
    if not 0 <= value <= top:
        raise ProtocolError("field", f"{field} {value} is not within 0–{top}", f"{field} {value} 不在 0–{top} 之内")
    return value


def string_end(frame: bytes, at: int, end: int, field: str) -> int:
    """Where the C-octet string that begins at `at` has its zero byte."""
    zero = frame.find(b"\0", at, end)
    if zero < 0:
        raise ProtocolError("string", f"{field} has no end", f"{field} 没有结尾", at=at)
    return zero


def walk_tlvs(frame: bytes, at: int, end: int) -> tuple[tuple[int, int, int], ...]:
    """(tag, offset of the value, length) of each optional parameter in frame[at:end]."""
    found = []
    while at < end:
        if end - at < 4:
            raise ProtocolError(
                "tlv", f"{end - at} bytes are no optional parameter", f"剩余 {end - at} 字节不是可选参数", at=at
            )
        tag, length = TLV_HEADER.unpack_from(frame, at)
        if at + 4 + length > end:
            raise ProtocolError(
                "tlv",
                f"optional parameter {tag:#06x} of {length} bytes is longer than what is left",
                f"可选参数 {tag:#06x} 长 {length} 字节，超出剩余长度",
                at=at,
            )
        found.append((tag, at + 4, length))
        at += 4 + length
    return tuple(found)


def tlv_values(frame: bytes, places: tuple[tuple[int, int, int], ...]) -> dict[int, bytes]:
    """Optional parameters by tag; of one that comes twice the first."""
    return {tag: frame[at : at + length] for tag, at, length in reversed(places)}


def encode_tlvs(values: Mapping[int, bytes]) -> bytes:
    """The reverse of `tlv_values`, in the mapping's order."""
    parts = []
    for tag, value in values.items():
        parts.append(TLV_HEADER.pack(ranged(tag, 0xFFFF, "tag"), ranged(len(value), 0xFFFF, "length")) + value)
    return b"".join(parts)
