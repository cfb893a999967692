"""Writing a correction's audience: exactly those to whom the alert was ever intended, those in doubt included."""

import hashlib
from typing import Any

import numpy as np
from django.db.models import F

from fenghuo.delivery.ledger import columns, store
from fenghuo.delivery.ledger.actions.tape import Fenced
from fenghuo.delivery.ledger.book import Book
from fenghuo.delivery.ledger.models import Broadcast
from fenghuo.delivery.ledger.states import CODE_MASK, NEVER_LEFT, UNSENT


def write_correction(book: Book, number: int, *, fence: int, now_ms: int, lease_ms: int) -> int:
    """This account's part of a correction; returns its recipients. The book must have nothing uncommitted."""
    parent = next((job.number for job in book.jobs.values() if job.id == book.jobs[number].parent), None)
    sheet = book.sheets.get(parent) if parent is not None else None
    with store.writing():
        if not store.keep_lease(book.account, fence, lease_ms):
            raise Fenced(book.account)
        rows, total = [], 0
        if sheet is not None:
            told: Any = ~np.isin(sheet.state & CODE_MASK, list(NEVER_LEFT)).all(axis=0)
            slots = np.unique(sheet.slot_at(np.flatnonzero(told)))
            blocks = store.some_blocks(sheet.blocks[slots].tolist())
            for slot, block in zip(slots.tolist(), blocks, strict=True):
                here = told[sheet.offsets[slot] : sheet.offsets[slot + 1]]
                people = columns.unpack_contacts(block.recipients, block.count)[here]
                numbers = columns.unpack_addresses(block.recipients, block.count)[here]
                packed = columns.pack_recipients(people, numbers)
                rows.append((number, slot, book.account, len(numbers), columns.block_hash(people, numbers), packed))
                total += len(numbers)
        store.insert_blocks(rows)
        store.move_tally(number, book.account, [(UNSENT, total)], now_ms)
        digest = hashlib.sha256(b"".join(store.block_hashes(number))).hexdigest()
        Broadcast.objects.filter(number=number).update(count=F("count") + total, audience_sha256=digest)
    return total
