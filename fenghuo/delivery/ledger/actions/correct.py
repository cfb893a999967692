"""Writing a correction's audience: exactly those to whom the alert was ever intended, those in doubt included."""

import hashlib
from typing import Any

import numpy as np
from django.db.models import F

from fenghuo.delivery.ledger import columns, store, view
from fenghuo.delivery.ledger.actions.tape import Fenced
from fenghuo.delivery.ledger.book import Book
from fenghuo.delivery.ledger.models import Broadcast
from fenghuo.delivery.ledger.sheet import Sheet
from fenghuo.delivery.ledger.states import CODE_MASK, NEVER_LEFT, UNSENT


class WithoutAlert(LookupError):
    """The ledger does not hold the alert that a correction names: whom to tell is not known, so nothing is written."""


def write_correction(book: Book, number: int, *, fence: int, now_ms: int, lease_ms: int) -> int:
    """This account's part of a correction; returns its recipients. The book must have nothing uncommitted.

    The alert is read from the ledger where the book has let go of it. Raises WithoutAlert where it is nowhere.
    """
    sheet = _alert(book, book.jobs[number].parent)
    with store.writing():
        if not store.keep_lease(book.account, fence, lease_ms):
            raise Fenced(book.account)
        store.hold(number)  # the parts of several accounts follow each other: the last one hashes them all
        rows, total = _part(book.account, number, sheet)
        store.insert_blocks(rows)
        store.move_tally(number, book.account, [(UNSENT, total)], now_ms)
        _enter_audience(number, total)
    return total


def _enter_audience(number: int, more: int) -> None:
    """The correction's audience has grown by so many; where nobody at all was told of the alert, the correction is over."""
    row = Broadcast.objects.filter(number=number)
    digest = hashlib.sha256(b"".join(store.block_hashes(number))).hexdigest()
    row.update(count=F("count") + more, audience_sha256=digest)
    if not store.uncorrected(number):
        row.filter(count=0).update(closed=True)


def _alert(book: Book, parent: str) -> Sheet | None:
    """This account's recipients of the alert; None where it never had any. The book may lack what was just handed over to it."""
    row = Broadcast.objects.filter(id=parent).first()
    if row is None:
        raise WithoutAlert(parent)
    sheet = book.sheets.get(row.number)
    if sheet is None or len(sheet.blocks) < store.count_blocks(row.number, book.account):
        return view.own(row.number, row.segments, book.account)
    return sheet


def _part(account: str, number: int, sheet: Sheet | None) -> tuple[list[tuple[int, int, str, int, bytes, bytes]], int]:
    rows, total = list[tuple[int, int, str, int, bytes, bytes]](), 0
    if sheet is None:
        return rows, total
    told: Any = ~np.isin(sheet.state & CODE_MASK, list(NEVER_LEFT)).all(axis=0)
    slots = np.unique(sheet.slot_at(np.flatnonzero(told)))
    blocks = store.some_blocks(sheet.blocks[slots].tolist())
    for slot, block in zip(slots.tolist(), blocks, strict=True):
        here = told[sheet.offsets[slot] : sheet.offsets[slot + 1]]
        people = columns.unpack_contacts(block.recipients, block.count)[here]
        numbers = columns.unpack_addresses(block.recipients, block.count)[here]
        packed = columns.pack_recipients(people, numbers)
        rows.append((number, slot, account, len(numbers), columns.block_hash(people, numbers), packed))
        total += len(numbers)
    return rows, total
