"""A lift goes only to people who were told of what it lifts, and only after that has come to rest (FAULTS C2)."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from fenghuo.delivery.ledger import columns, store, view
from fenghuo.delivery.ledger.book import Book
from fenghuo.delivery.ledger.models import Broadcast
from fenghuo.delivery.ledger.sheet import Sheet
from fenghuo.delivery.ledger.states import AGAIN, CODE_MASK, INTENDED, NEVER_LEFT, STOPPED, UNSENT

UNDECIDED = (UNSENT, INTENDED, AGAIN)  # what may still turn into told, or back into never told


def at_rest(lifts: Sequence[str]) -> bool:
    """Whether what is lifted can reach nobody new, in any account: then, and not before, it is known who was told."""
    numbers = list(Broadcast.objects.filter(id__in=lifts).values_list("number", flat=True))
    return store.moving(numbers, UNDECIDED) == 0


def drop_untold(book: Book, number: int, now: int) -> int:
    """Stop this account's part of a lift for everybody who was never told of what it lifts; returns how many.

    Call it once all is at rest, with nothing uncommitted; what the other accounts hold is read from the ledger. Repeating it
    after a restart comes to the same, because at rest nobody becomes told any more.
    """
    told = [_told(row) for row in Broadcast.objects.filter(id__in=book.jobs[number].lifts)]
    sheet = book.sheets[number]
    untold = ~np.isin(sheet.addresses(slice(None)), np.concatenate(told or [np.zeros(0, dtype=np.uint64)]))
    return book.close(number, STOPPED, now, among=untold)


def _told(row: Broadcast) -> Any:
    """The numbers to which a broadcast was ever given out, those in doubt included, from every account."""
    reading = view.read(row.number, row.segments)
    blocks = store.some_blocks(sorted(place.id for place in reading.index))
    if not blocks:
        return np.zeros(0, dtype=np.uint64)
    sheet = Sheet.of(row.number, row.segments, blocks)
    for kind, at, records in reading.tail:
        sheet.replay(kind, records, at)
    told = ~np.isin(sheet.state & CODE_MASK, list(NEVER_LEFT)).all(axis=0)
    return sheet.key[told] & np.uint64(columns.MAX_ADDRESS)
