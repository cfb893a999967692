"""The ground truth: every number of every request that was taken."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

# As the simulated SMS centre packs it: id, number, final status word, segment, segments, connection, text, accepted at
ROW: Final = struct.Struct(">Q32s8sBBHId")


@dataclass(frozen=True, slots=True)
class Row:
    """One number of one request that was taken. `stat` is what its receipt says, empty where that is lost."""

    id: int
    number: str
    stat: str
    text: int
    at: float
    line: int
    reference: str


class Record:
    """Append-only."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.texts: list[str] = []
        self._known: dict[str, int] = {}

    def text(self, text: str) -> int:
        """The number of a text."""
        if text not in self._known:
            self._known[text] = len(self.texts)
            self.texts.append(text)
        return self._known[text]

    def packed(self) -> bytes:
        """The rows as `ROW` structures."""
        return b"".join(
            ROW.pack(one.id, one.number.encode(), one.stat.encode(), 1, 1, one.line & 0xFFFF, one.text, one.at)
            for one in self.rows
        )

    def told(self) -> Iterator[dict[str, Any]]:
        """The rows for JSON."""
        for one in self.rows:
            yield {
                "msg_id": one.id,
                "number": one.number,
                "stat": one.stat,
                "text": self.texts[one.text],
                "at": one.at,
                "line": one.line,
                "reference": one.reference,
            }

    def models(self) -> list[dict[str, Any]]:
        """The texts, as the simulated SMS centre shows what it was sent."""
        return [{"content": text.encode("utf-16-be").hex(), "tp_udhi": 0, "pk_number": 1} for text in self.texts]

    def repeated(self) -> int:
        """How many acceptances were of a text that the number already had."""
        return len(self.rows) - len({(one.number, one.text) for one in self.rows})
