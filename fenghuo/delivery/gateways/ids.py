"""Message ids that are texts, as the 64 bits that the ledger keeps of every id.

One rule for every protocol whose ids are texts: a number is its value, so that leading zeros, and hexadecimal against decimal,
make no difference; anything else is a hash of 64 bits. Two texts of one hash among the ids of a few days are as good as
impossible, and a receipt must bear the right number beside the right id.
"""

from typing import Any, Literal

import numpy as np

Notation = Literal["text", "decimal", "hex"]

_PRIME, _BASIS = np.uint64(0x100000001B3), np.uint64(0xCBF29CE484222325)  # FNV-1a
_MIX = np.uint64(0xFF51AFD7ED558CCD)
_TOP = (1 << 64) - 1
_MOST = {10: 19, 16: 16}  # digits that 64 bits hold whatever they say
_HEX = np.full(256, 255, dtype=np.uint8)
_HEX[np.frombuffer(b"0123456789", dtype=np.uint8)] = np.arange(10)
_HEX[np.frombuffer(b"ABCDEF", dtype=np.uint8)] = _HEX[np.frombuffer(b"abcdef", dtype=np.uint8)] = np.arange(10, 16)


def numbered(texts: Any, notation: Notation = "text") -> Any:
    """Ids as texts, (n, width) bytes padded with zero bytes, as uint64. `text`: decimal where it can be."""
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
    digits = _HEX[texts]
    numeric = (digits < base).all(axis=1) & _fits(digits, base)
    if numeric.all():
        return _value(digits, base)
    found = _hash(texts)
    found[numeric] = _value(digits[numeric], base)
    return found


def _fits(digits: Any, base: int) -> Any:
    """Which of these numbers have no more than 64 bits. Only 20 decimal digits can be too much or not."""
    room = _MOST[base]
    if digits.shape[1] <= room or not digits[:, :-room].any():
        return np.ones(len(digits), dtype=bool)
    fits = (digits[:, : -room - 1] == 0).all(axis=1)
    head, last = _value(digits[:, -room - 1 : -1], base), digits[:, -1]
    most, rest = divmod(_TOP, base)
    return fits & ((head < most) | ((head == most) & (last <= rest)))


def _value(digits: Any, base: int) -> Any:
    weights = np.array([base**k & _TOP for k in range(digits.shape[1] - 1, -1, -1)], dtype=np.uint64)
    return digits @ weights


def _hash(texts: Any) -> Any:
    value = np.full(len(texts), _BASIS, dtype=np.uint64)
    for column in range(texts.shape[1]):
        value = (value ^ texts[:, column]) * _PRIME
    return (value ^ (value >> np.uint64(33))) * _MIX
