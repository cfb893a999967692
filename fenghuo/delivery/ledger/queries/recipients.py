"""Every recipient of a broadcast by name of state: a page, or all of them."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import numpy as np

from fenghuo.delivery.ledger import columns, store, view
from fenghuo.delivery.ledger.models import Broadcast
from fenghuo.delivery.ledger.queries.times import moment
from fenghuo.delivery.ledger.states import (
    DOUBT_SHIFT,
    LISTED,
    NAMES,
)
from fenghuo.ground.paging import Page


class Row(NamedTuple):
    """One recipient; `status` is the last word the gateway or a person said, verbatim; `doubts` how often it was in doubt."""

    contact_id: int
    address: int
    state: str
    at: datetime | None
    status: str
    doubts: int


def recipients(broadcast: str, *, state: str | None = None, page: int = 1, size: int = 50) -> Page[Row]:
    """A page of recipients in sending order, of one state or all. Reads the blocks of that page and the unfolded tape only."""
    wanted = [code for code in LISTED if state is None or NAMES[code] == state]
    with store.snapshot():
        return _page(broadcast, wanted, page, size)


def _page(broadcast: str, wanted: list[int], page: int, size: int) -> Page[Row]:
    number, segments = Broadcast.objects.filter(id=broadcast).values_list("number", "segments").first() or (0, 1)
    book = view.read(number, segments)
    stretch, total = book.stretch(wanted, (max(page, 1) - 1) * size, size)
    words, rows = store.words(), list[Row]()
    for block, first in stretch:
        rows += _rows_of(block, wanted, first, size - len(rows), words)
    return Page(rows, total, max(page, 1), size)


def _rows_of(one: "view.OneBlock", wanted: list[int], skip: int, most: int, words: dict[int, str]) -> list[Row]:
    shown = one.sheet.shown(slice(None))
    where = np.flatnonzero(np.isin(shown, wanted))
    where = where[skip : skip + most]
    doubts = (one.sheet.state[:, where] >> DOUBT_SHIFT).max(axis=0)
    values = zip(
        one.contacts[where].tolist(),
        one.sheet.addresses(where).tolist(),
        shown[where].tolist(),
        one.sheet.at[where].tolist(),
        one.sheet.word[where].tolist(),
        doubts.tolist(),
        strict=True,
    )
    return [
        Row(contact, address, NAMES[code], moment(at * 1000), words.get(word, ""), doubted)
        for contact, address, code, at, word, doubted in values
    ]


def export(broadcast: str) -> Iterator[Row]:
    """Every recipient of a broadcast in sending order, as of one moment: columns in memory, a block as rows at a time."""
    number, segments = Broadcast.objects.filter(id=broadcast).values_list("number", "segments").first() or (0, 1)
    with store.snapshot():
        book, words = view.read(number, segments), store.words()
        blocks = book.all_sheets()
    for block in blocks:
        yield from _rows_of(block, list(LISTED), 0, columns.BLOCK, words)
