"""Rows packed into one value of a table: a list of 100,000 people is fifty of them, not 100,000 rows twice over."""

import json
import zlib
from typing import Any

# One row of a list: {"s": sheet, "r": row, "k": "new"|"changed"|"same", "p": person, "d": [[field, before, after]]}, or
# {"s", "r", "k": "refused", "c": [cell …], "e": [[field, column, code, reason, params]]}.
Entry = dict[str, Any]


def pack(entries: list[Any]) -> bytes:
    """As a column keeps them."""
    return zlib.compress(json.dumps(entries, ensure_ascii=False, separators=(",", ":")).encode(), 1)


def unpack(value: bytes | memoryview | None) -> list[Any]:
    """The entries; none for nothing."""
    if value is None:
        return []
    entries: list[Any] = json.loads(zlib.decompress(bytes(value)))
    return entries
