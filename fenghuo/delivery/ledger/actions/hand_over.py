"""Handing recipients who were never intended over to another account, and taking in what others have handed over.

Here they become `moved` and there they stand in new blocks, unsent: one transaction, under the fence of the account that gives
them away. Nobody is ever unsent in two accounts, and nobody in none.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from fenghuo.delivery.gateways.config import Gateway
from fenghuo.delivery.ledger import columns, routing, store
from fenghuo.delivery.ledger.actions.tape import Fenced
from fenghuo.delivery.ledger.book import Book
from fenghuo.delivery.ledger.sheet import Sheet
from fenghuo.delivery.ledger.states import AGAIN, CODE_MASK, IN_DOUBT, MOVED, UNSENT

Runs = list[tuple[int, int, int]]  # (slot, start, count) of recipients who follow each other in a block


def movable(sheet: Sheet, taker: Gateway, most: int, *, giver: Gateway | None = None, last: bool = False) -> Runs:
    """At most so many recipients whom the taker serves and of whom no segment was ever intended; highest risk first, or `last`.

    With `giver` only those whom the taker serves as well as the giver does, or better.
    """
    free = (sheet.state == UNSENT).all(axis=0)
    if taker.prefixes or (giver is not None and giver.prefixes):
        numbers = sheet.addresses(slice(None))
        theirs = routing.matching(taker, numbers)
        free &= theirs >= (routing.matching(giver, numbers) if giver is not None else 0)
        free &= theirs != routing.NOT_SERVED
    return _some(sheet, free, most, last)


def movable_in_doubt(sheet: Sheet, taker: Gateway, most: int, due: Any) -> Runs:
    """At most so many of those in doubt to whom a further copy is `due` (bool) and whom the taker serves, highest risk first.

    Nothing of theirs may have been taken or be on the line: of a long text nobody gets one half from each of two accounts.
    """
    free = due & np.isin(sheet.state & CODE_MASK, (UNSENT, IN_DOUBT, AGAIN)).all(axis=0)
    if taker.prefixes:
        free &= routing.matching(taker, sheet.addresses(slice(None))) != routing.NOT_SERVED
    return _some(sheet, free, most, last=False)


def _some(sheet: Sheet, wanted: Any, most: int, last: bool) -> Runs:
    runs, found = sheet.by_risk(sheet.runs_of(wanted)), Runs()
    for slot, start, count in reversed(runs) if last else runs:
        part = min(count, most)
        if part <= 0:
            break
        found.append((slot, start + count - part if last else start, part))
        most -= part
    return found


def hand_over(book: Book, number: int, taker: str, runs: Runs, *, fence: int, now_ms: int, lease_ms: int) -> int:
    """Give these recipients to another account; returns how many went. The book must have nothing uncommitted.

    Nobody goes where nothing more may leave, nor into a correction of which the taker has not written its own part yet: it would
    take what was handed over for that. Raises Fenced when the lease has passed to somebody else; nothing is written then.
    """
    if not runs:
        return 0
    sheet, total = book.sheets[number], sum(count for _, _, count in runs)
    records = records_of(sheet, runs)
    with store.writing():
        if not store.keep_lease(book.account, fence, lease_ms):
            raise Fenced(book.account)
        if not store.hold_sendable(number, now_ms):
            return 0
        if book.jobs[number].parent and not store.has_tally(number, taker):
            return 0
        blob = columns.pack_events([(columns.CLOSE, records)])
        store.append(book.account, fence, now_ms, blob)
        store.insert_handed(number, taker, blocks_of(sheet, runs))
        store.move_tally(number, book.account, [(UNSENT, -total)], now_ms)
        store.move_tally(number, taker, [(UNSENT, total)], now_ms)
    sheet.replay(columns.CLOSE, records, now_ms // 1000)
    sheet.delta[:] = 0  # the tallies have moved
    book.tape_bytes += len(blob)
    return total


def records_of(sheet: Sheet, runs: Runs, code: int = MOVED) -> columns.Records:
    """What the tape of the account that gives says of it."""
    slots, starts, counts = (np.array(column) for column in zip(*runs, strict=True))
    records = np.zeros(len(runs), dtype=columns.CLOSED)
    records["block"], records["start"], records["count"] = sheet.blocks[slots], starts, counts
    records["code"] = code
    return records


def blocks_of(sheet: Sheet, runs: Runs) -> list[tuple[int, bytes, bytes, int]]:
    """A new block for each that gives somebody away, highest risk first."""
    parts = pieces(sheet, runs)
    stored = {block.id: block for block in store.some_blocks(sorted(int(sheet.blocks[slot]) for slot in parts))}
    rows = []
    for slot, here in parts.items():
        block = stored[int(sheet.blocks[slot])]
        people = columns.unpack_contacts(block.recipients, block.count)[here]
        numbers = columns.unpack_addresses(block.recipients, block.count)[here]
        packed = columns.pack_recipients(people, numbers)
        rows.append((len(here), columns.block_hash(people, numbers), packed, block.origin))
    return rows


def pieces(sheet: Sheet, runs: Runs) -> dict[int, Any]:
    """Slot by slot, highest risk first: where in that block those stand who are given away."""
    parts: dict[int, list[Any]] = {}
    for slot, start, count in sheet.by_risk(runs):
        parts.setdefault(slot, []).append(np.arange(start, start + count))
    return {slot: np.concatenate(where) for slot, where in parts.items()}


def take_handed(book: Book) -> tuple[list[int], bool]:
    """Take in what others handed over since: the broadcasts that grew, and whether some are new here (`refresh` takes those in)."""
    handed: dict[int, list[int]] = {}
    for block, number in store.handed_blocks(book.account):
        handed.setdefault(number, []).append(block)
    grown, new = list[int](), False
    for number, blocks in handed.items():
        sheet = book.sheets.get(number)
        if sheet is None:
            new = new or not book.let_go.issuperset(blocks)
            continue
        missing = np.array(blocks)[~sheet.holds(np.array(blocks))]
        if len(missing):
            book.grow(number, store.some_blocks(missing.tolist()))
            grown.append(number)
    return grown, new


def share_out(
    book: Book, number: int, accounts: Sequence[Gateway], *, doubtful: bool = False
) -> list[tuple[str, Runs]]:
    """To whom the unsent of a broadcast go as if they were frozen now, by account; left out are numbers that nobody serves.

    `doubtful`: not the unsent, but those in doubt.
    """
    sheet = book.sheets[number]
    whole = np.isin(sheet.shown(slice(None)), (IN_DOUBT, AGAIN)) if doubtful else (sheet.state == UNSENT).all(axis=0)
    free = np.flatnonzero(whole)
    numbers = sheet.addresses(free)
    free = free[~np.isin(numbers, routing.unserved(numbers, accounts))]
    shares = dict[str, Any]()
    for account, part in routing.places(sheet.addresses(free), accounts):
        mask = shares.setdefault(account, np.zeros(len(sheet), dtype=bool))
        mask[free[part]] = True
    return [(account, sheet.by_risk(sheet.runs_of(mask))) for account, mask in shares.items()]
