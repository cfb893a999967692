"""What an account hears of people who live on in another, as it is passed on: receipts of copies that left here, late answers."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from fenghuo.delivery.gateways.line import Stated
from fenghuo.delivery.ledger.sheet import Sheet
from fenghuo.delivery.ledger.values import Heard, Reports


class News(NamedTuple):
    """Of one segment for one number, in plain values: `code` is states.ACCEPTED, DELIVERED or FAILED; times are in seconds."""

    segment: int
    address: int
    code: int
    word: int  # the number of the status word
    done: int
    message: int
    text: str
    taken: int
    name: str  # the id as the carrier writes it

    def orphan(self, account: str, broadcast: int, at_ms: int) -> Heard:
        """As it is kept where nobody waits for it any more."""
        message = str(self.message) if self.message else f"@{self.done}"
        return Heard(
            "orphan", account, at_ms, message, str(self.address), self.text, carrier_id=self.name, broadcast=broadcast,
            outcome=self.code, submitted_at=self.taken * 1000, done_at=self.done * 1000,
        )  # fmt: skip


def news_of(sheet: Sheet, segments: Any, positions: Any, reports: Reports) -> list[News]:
    """What reports say of these cells."""
    names = reports.names.values() if reports.names is not None else [str(one) if one else "" for one in reports.ids]
    rows = zip(
        segments.tolist(), sheet.addresses(positions).tolist(), reports.codes.tolist(), reports.words.tolist(),
        reports.done.tolist(), reports.ids.tolist(), reports.texts.tolist(), reports.stated().tolist(), names, strict=True,
    )  # fmt: skip
    return [
        News(segment, address, code, word, done, message, _plain(text.decode("latin-1")), taken, _plain(name[:130]))
        for segment, address, code, word, done, message, text, taken, name in rows
    ]


def _plain(text: str) -> str:
    return text.replace("\0", " ")


def reports_of(news: Sequence[News]) -> tuple[Any, Reports]:
    """(segments, the reports) as the account that keeps these people enters them."""
    columns = list(zip(*news, strict=True))
    kinds = ("i8", "u8", "u1", "u2", "u4", "u8")
    segments, addresses, codes, words, done, ids = (
        np.array(column, dtype=kind) for column, kind in zip(columns[:6], kinds, strict=True)
    )
    texts = np.array([one.text.encode("latin-1", "replace") for one in news])
    taken = Stated(np.array(columns[7], dtype=np.uint32), np.asarray)
    names = Stated(np.array(columns[8]), np.ndarray.tolist)
    return segments, Reports(ids, addresses, codes, words, done, texts, taken, names)
