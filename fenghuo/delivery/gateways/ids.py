"""Message ids that are texts, as the 64 bits that the ledger keeps of every id.

One rule for every protocol whose ids are texts: a number is its value, so that leading zeros, and hexadecimal against decimal,
make no difference; anything else is a hash of 64 bits. Two texts of one hash among the ids of a few days are as good as
impossible, and a receipt must bear the right number beside the right id.
"""

from functools import lru_cache
from typing import Any, Literal

import numpy as np

Notation = Literal["text", "decimal", "hex"]

_PRIME, _BASIS = np.uint64(0x100000001B3), np.uint64(0xCBF29CE484222325)  # FNV-1a
_MIX = np.uint64(0xFF51AFD7ED558CCD)
_TOP = (1 << 64) - 1
_HALF = {10: 10, 16: 8}  # twice as many digits are the most that 64 bits may hold
_ZERO = np.uint8(ord("0"))  # what is below it wraps far above nine
_HEX = np.full(256, 255, dtype=np.uint8)
_HEX[np.frombuffer(b"0123456789", dtype=np.uint8)] = np.arange(10)
_HEX[np.frombuffer(b"ABCDEF", dtype=np.uint8)] = _HEX[np.frombuffer(b"abcdef", dtype=np.uint8)] = np.arange(10, 16)


def numbered(texts: Any, notation: Notation = "text") -> Any:
    """Ids as texts, (n, width) bytes padded with zero bytes, as uint64. `text`: decimal where it can be."""
    if texts.shape[1] and not texts[:, -1].any():
        texts = texts[:, :-1]  # the zero byte that ends them, when they are all of one length
    if not texts.all():
        texts = _narrow(texts)
    ends = texts == 0
    if not ends.any():
        return _whole(texts, notation)
    lengths = np.where(ends.any(axis=1), ends.argmax(axis=1), texts.shape[1])
    found = np.zeros(len(texts), dtype=np.uint64)
    for length in np.unique(lengths).tolist():
        these = lengths == length
        found[these] = _whole(texts[these, :length], notation)
    return found


def _narrow(texts: Any) -> Any:
    """Without the columns that are padding in every row."""
    used = np.flatnonzero((texts != 0).any(axis=0))
    return texts[:, : used[-1] + 1 if len(used) else 0]


def _whole(texts: Any, notation: Notation) -> Any:
    """Texts of one length."""
    if not texts.shape[1]:
        return np.zeros(len(texts), dtype=np.uint64)
    base = 16 if notation == "hex" else 10
    digits = _HEX[texts] if base == 16 else texts - _ZERO
    values, fits = _valued(digits, base)
    if digits.max() < base and fits is None:
        return values
    numeric = (digits < base).all(axis=1)
    if fits is not None:
        numeric &= fits
    found = _hash(texts)
    found[numeric] = values[numeric]
    return found


def _valued(digits: Any, base: int) -> tuple[Any, Any]:
    """The values of these digits, and which of them 64 bits hold, None for all; void where a digit is none."""
    half = _HALF[base]
    most, rest = divmod(_TOP, base**half)
    upper, low, beyond = (digits @ _weights(digits.shape[1], base)).T
    values = upper.astype(np.uint64) * np.uint64(base**half) + low.astype(np.uint64)
    if upper.max() < most and not beyond.any():
        return values, None
    return values, (beyond == 0) & ((upper < most) | ((upper == most) & (low <= rest)))


@lru_cache(maxsize=64)
def _weights(width: int, base: int) -> Any:
    """What each digit counts in the upper half, in the lower half and among those that only zeros may stand in.

    A half is below 2**53, so that floating point, many times faster here than whole numbers of 64 bits, holds it exactly.
    """
    half, weights = _HALF[base], np.zeros((width, 3))
    for place in range(width):  # from the right
        part = min(place // half, 2)
        weights[width - 1 - place, (1, 0, 2)[part]] = 1 if part == 2 else base ** (place % half)
    return weights


def _hash(texts: Any) -> Any:
    value = np.full(len(texts), _BASIS, dtype=np.uint64)
    for column in range(texts.shape[1]):
        value = (value ^ texts[:, column]) * _PRIME
    return (value ^ (value >> np.uint64(33))) * _MIX
