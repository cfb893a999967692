"""The group commit: events, tally and milestones in one durable transaction, under the lease; now and then the fold."""

import json
from collections.abc import Sequence

import numpy as np

from fenghuo.delivery.ledger import columns, compact, store
from fenghuo.delivery.ledger.actions.pass_on import pass_on
from fenghuo.delivery.ledger.book import Book
from fenghuo.delivery.ledger.states import ACCEPTED, AGAIN, EXPIRED, IN_DOUBT, INTENDED, NAMES, NEVER_LEFT, UNSENT

WHOLE = ("all_accepted", "all_final")  # said of an audience, so never while an account has yet to write its part of it
FOLD_AT_LEAST = 1 << 19  # bytes of tape; below it a fold costs more than it saves, above it a small ledger stays large


class Fenced(Exception):
    """Another sender holds this account now; whatever was not committed is not known to have happened."""


def commit(
    book: Book, *, fence: int, now_ms: int, lease_ms: int, decided: Sequence[int] = (), idle: bool = False
) -> None:
    """Make everything the book has gathered durable, extend the lease, and fold when that pays (or `idle`).

    `decided` are the decisions that these events carry out. Raises Fenced when the lease has passed to somebody else; nothing
    is written then.
    """
    folding = bool(book.tape_bytes or book.events) and (idle or _outweighs(book))
    with store.group():
        if not store.keep_lease(book.account, fence, lease_ms):
            raise Fenced(book.account)
        if book.elsewhere:
            pass_on(book, now_ms)
        blob = columns.pack_events(book.events)
        if folding:
            _fold(book, now_ms)
        elif blob:
            store.append(book.account, fence, now_ms, blob)
        for number, sheet in book.sheets.items():
            moves = [(state, n) for state, n in enumerate(sheet.delta.tolist()) if n]
            if moves:
                store.move_tally(number, book.account, moves, now_ms)
                mark_milestones(book, number, now_ms)
        store.insert_inbound(book.inbound)
        store.place_orphans(book.placed)
        store.forget_decisions(decided)
        store.forget_callbacks(book.called)
    for sheet in book.sheets.values():
        sheet.delta[:] = 0
        if folding:
            sheet.dirty[:] = False
    book.tape_bytes = 0 if folding else book.tape_bytes + len(blob)
    if folding:
        book.answered.clear()
    book.events.clear()
    book.inbound.clear()
    book.elsewhere.clear()
    book.placed.clear()
    book.called.clear()


def _outweighs(book: Book) -> bool:
    """Whether the tape is heavier than what a fold would write."""
    if book.tape_bytes < FOLD_AT_LEAST:
        return False
    dirty = sum(int(sheet.dirty.sum()) * columns.BLOCK * (sheet.segments + 6) for sheet in book.sheets.values())
    return book.tape_bytes > dirty


def _fold(book: Book, now_ms: int) -> None:
    for sheet in book.sheets.values():
        rows = []
        for slot in np.flatnonzero(sheet.dirty).tolist():
            here = slice(sheet.offsets[slot], sheet.offsets[slot + 1])
            packed = compact.pack_outcome(sheet.state[:, here], sheet.word[here], sheet.at[here])
            rows.append((int(sheet.blocks[slot]), columns.pack_counts(sheet.shown(here)), packed))
        store.write_outcomes(rows)
    # As bytes: numpy would work out first, at length, what the parts have in common.
    page = b"".join([taken.tobytes() for taken in book.answered])
    if page:
        store.write_submissions(book.account, now_ms, compact.pack_submits(np.frombuffer(page, dtype=columns.PDU)))
    store.cut_tape(book.account)


def mark_milestones(book: Book, number: int, now_ms: int) -> None:
    """Write down what this broadcast has come to, over all accounts; call it inside `store.writing()`."""
    passed = book.passed[number]
    due = [name for name in _reached(book, number, None) if name not in passed]
    if not due:
        return
    counts: dict[int, int] = {}
    for _, state, n, _ in store.tallies([number]):
        counts[state] = counts.get(state, 0) + n
    named: dict[str, int] = {}
    for state, n in counts.items():
        named[NAMES[state]] = named.get(NAMES[state], 0) + n
    partial = bool(book.jobs[number].parent) and store.uncorrected(number)
    for name in _reached(book, number, counts):
        if name not in passed and not (partial and name in WHOLE):
            store.insert_milestone(number, name, now_ms, json.dumps(named))
            passed.add(name)


def _reached(book: Book, number: int, counts: dict[int, int] | None) -> list[str]:
    """Milestones that hold by these counts over all accounts, or by this account's own."""
    sheet, job = book.sheets[number], book.jobs[number]
    held = dict(enumerate(sheet.totals.tolist())) if counts is None else counts

    def n(*codes: int) -> int:
        return sum([held.get(code, 0) for code in codes])

    total = sum(held.values())
    left = n(UNSENT, INTENDED, IN_DOUBT, AGAIN)
    stopped = job.recalled_at is not None and n(UNSENT, INTENDED) == 0
    conditions = {
        "first_intent": n(*NEVER_LEFT) < total,
        "in_doubt": n(IN_DOUBT, AGAIN) > 0,
        "recalled": stopped and not job.superseded,
        "superseded": stopped and job.superseded,
        "all_accepted": job.recalled_at is None and left == 0 and n(EXPIRED) == 0,
        "all_final": left == 0 and n(ACCEPTED) == 0,
        "expired": n(EXPIRED) > 0,
    }
    return [name for name, holds in conditions.items() if holds]
