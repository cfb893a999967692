"""Telephone numbers and times as they are written on the line, and as numbers: columns, never a value at a time."""

from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

import numpy as np

DIGITS = 11
_POWERS = 10.0 ** np.arange(DIGITS - 1, -1, -1)
TRUNK = b"0"
_COUNTRY = (
    b"",
    b"86",
    b"+86",
    b"0086",
    TRUNK,
    b"+86 ",
    b"+86-",
    b"86-",
    b"86 ",
)  # as carriers write it, the usual first
_FIVES = np.char.zfill(np.arange(100_000).astype("S5"), 5).view("V5")  # every five digits, as they are written
_MASK = 0xFFFF_FFFF
_CHINA = timezone(timedelta(hours=8))
_STAMPS = {10: "%y%m%d%H%M", 12: "%y%m%d%H%M%S", 14: "%Y%m%d%H%M%S"}


@lru_cache(maxsize=8)
def _row(width: int, before: int) -> Any:
    """A number of eleven digits as a row of `width` bytes, `before` bytes from its beginning."""
    names, formats = ["first", "high", "low"], ["u1", "V5", "V5"]
    offsets = [before, before + 1, before + 6]
    return np.dtype({"names": names, "formats": formats, "offsets": offsets, "itemsize": width})


def written(numbers: Any, width: int = DIGITS, prefix: bytes = b"") -> bytes:
    """Eleven-digit numbers as packed texts of `width` bytes, each after `prefix` and padded with zero bytes."""
    block = np.zeros(len(numbers), dtype=_row(width, len(prefix)))
    head, low = np.divmod(numbers, np.uint64(100_000))
    first, high = np.divmod(head.astype(np.uint32), np.uint32(100_000))
    block["first"] = first + ord("0")
    block["high"] = _FIVES[high]
    block["low"] = _FIVES[low.astype(np.uint32)]
    if prefix:
        block.view(np.uint8).reshape(len(numbers), width)[:, : len(prefix)] = np.frombuffer(prefix, dtype=np.uint8)
    return block.tobytes()


def addresses(fields: Any) -> Any:
    """Texts, (n, width) bytes, as uint64; 0 for what is not an eleven-digit number.

    With or without the country or a trunk zero before it, blanks around it, and whatever stands behind a zero byte.
    """
    numbers = np.zeros(len(fields), dtype=np.uint64)
    for prefix in _COUNTRY:
        fits, digits = _behind(fields, prefix)
        if fits is None:
            continue
        if fits.all():
            return (digits @ _POWERS).astype(np.uint64)
        numbers[fits] = (digits[fits] @ _POWERS).astype(np.uint64)
    rest = np.flatnonzero(numbers == 0)
    begin = np.argmax(~_blank(fields[rest]), axis=1) if fields.shape[1] else rest[:0]
    for blanks in np.unique(begin[begin > 0]).tolist():  # what stands behind so many of them
        these = rest[begin == blanks]
        numbers[these] = addresses(fields[these, blanks:])
    return numbers


def _behind(fields: Any, prefix: bytes) -> tuple[Any, Any]:
    """Which (bool) are a number behind this prefix, None for nobody, and their digits."""
    at = len(prefix)
    if fields.shape[1] < at + DIGITS:
        return None, None
    named = (fields[:, :at] == np.frombuffer(prefix, dtype=np.uint8)).all(axis=1) if at else None
    if named is not None and not named.any():
        return None, None
    digits = np.ascontiguousarray(fields[:, at : at + DIGITS]) - np.uint8(ord("0"))  # below "0" wraps above nine
    fits = (digits <= 9).all(axis=1) if digits.max(initial=0) > 9 else np.ones(len(fields), dtype=bool)
    if fields.shape[1] > at + DIGITS:
        ended = fields[:, at + DIGITS] == 0
        fits &= ended if ended.all() else ended | _blank(fields[:, at + DIGITS :]).all(axis=1)
    if prefix == TRUNK:
        fits &= digits[:, 0] == 1  # else it is an area code
    return fits if named is None else fits & named, digits


def _blank(fields: Any) -> Any:
    return (fields == 0) | (fields == ord(" "))


def moments(stamps: Any) -> Any:
    """Times of ten, twelve or fourteen digits ([YY]YYMMDDhhmm[ss], the gateway's local time; rows of bytes) as seconds since
    1970; 0 where it is none."""
    everything, first = stamps.tobytes(), stamps[0].tobytes()
    if everything == first * len(stamps):
        return np.full(len(stamps), _seconds(first), dtype=np.uint32)
    kinds, which = np.unique(stamps.view(f"S{stamps.shape[1]}")[:, 0], return_inverse=True)
    return np.array([_seconds(bytes(kind)) for kind in kinds], dtype=np.uint32)[which]


def moments_of(rows: Any) -> Any:
    """`moments` of rows cut out of frames."""
    return moments(np.ascontiguousarray(rows)) if len(rows) else np.zeros(0, dtype=np.uint32)


def texts_of(rows: Any) -> list[str]:
    """Texts of rows of bytes, padded with zero bytes; what cannot be shown of them becomes U+FFFD."""
    texts = [bytes(row).rstrip(b"\0").decode("utf-8", "replace") for row in np.ascontiguousarray(rows)]
    return ["".join(one if one.isprintable() else "\ufffd" for one in text) for text in texts]


@lru_cache(maxsize=1024)
def _seconds(stamp: bytes) -> int:
    form = _STAMPS.get(len(stamp))
    if form is None or not stamp.isdigit():
        return 0
    try:
        moment = datetime.strptime(stamp.decode("ascii"), form).replace(tzinfo=_CHINA)
    except ValueError:
        return 0
    return min(max(0, int(moment.timestamp())), _MASK)
