"""Octet strings and byte-sized numbers, checked on the way out and forgiving on the way in."""

from collections.abc import Iterable

from fenghuo.wire.stream import ProtocolError


def octets(value: str, width: int, field: str) -> bytes:
    """`value` in exactly `width` bytes, zero-padded on the right."""
    try:
        raw = value.encode("latin-1")
    except UnicodeEncodeError as wrong:
        raise ProtocolError(
            "field", f"{field} holds {value!r}, which is not single-byte text", f"{field} 含有非单字节字符：{value!r}"
        ) from wrong
    if len(raw) > width or b"\0" in raw:
        raise ProtocolError(
            "field", f"{field} {value!r} does not fit {width} bytes", f"{field} {value!r} 超出 {width} 字节或含零字节"
        )
    return raw.ljust(width, b"\0")


def text(raw: bytes) -> str:
    """An octet string up to its first zero byte. Never fails: what a vendor left after the zero is not part of the field."""
    return raw.split(b"\0", 1)[0].decode("latin-1")


def ranged(value: int, top: int, field: str) -> int:
    """`value` where it lies in 0…top."""
    if not 0 <= value <= top:
        raise ProtocolError("field", f"{field} {value} is not within 0–{top}", f"{field} {value} 不在 0–{top} 之内")
    return value


def exactly(raw: bytes, width: int, field: str) -> bytes:
    """`raw` where it is exactly `width` bytes."""
    if len(raw) != width:
        raise ProtocolError(
            "field", f"{field} has {len(raw)} bytes where {width} are due", f"{field} 为 {len(raw)} 字节，应为 {width}"
        )
    return raw


def destinations(terminals: Iterable[str], width: int) -> bytes:
    """Terminal numbers as one packed block of `width` bytes each, zero-padded: what the batch encoder takes."""
    block = bytearray()
    for terminal in terminals:
        raw = terminal.encode("ascii", "replace")
        if not 0 < len(raw) <= width or not terminal.isascii():
            raise ProtocolError(
                "terminal",
                f"terminal number {terminal!r} is not 1 to {width} ASCII characters",
                f"号码 {terminal!r} 不是 1 至 {width} 个 ASCII 字符",
            )
        block += raw.ljust(width, b"\0")
    return bytes(block)
