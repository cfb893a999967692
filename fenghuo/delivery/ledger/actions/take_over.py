"""Those in doubt of an account that cannot send: they live on in another account, as doubtful as they were.

Nobody serves theirs any more, or its gateway is ill and a further copy is due. What the policy of the level or a person decides
must be carried out by somebody all the same, and a correction must find them: so their state, with the count of their doubts and
since when, goes along. What their first account hears of them later is passed on (`elsewhere`).
"""

import numpy as np

from fenghuo.delivery.ledger import columns, compact, store
from fenghuo.delivery.ledger.actions.hand_over import Runs, blocks_of, pieces, records_of
from fenghuo.delivery.ledger.actions.tape import Fenced
from fenghuo.delivery.ledger.book import Book
from fenghuo.delivery.ledger.changes import TAKEN_OVER
from fenghuo.delivery.ledger.sheet import Sheet


def take_over(book: Book, number: int, taker: str, runs: Runs, *, fence: int, now_ms: int, lease_ms: int) -> int:
    """Give these recipients, who are in doubt, to another account; returns how many went. The book must have nothing uncommitted.

    Nobody goes where nothing more may leave, nor before what was decided on them has been entered here, nor into a correction of
    which the taker has not written its own part. Raises Fenced as `hand_over` does.
    """
    if not runs:
        return 0
    sheet = book.sheets[number]
    records = records_of(sheet, runs, TAKEN_OVER)
    with store.writing():
        if not store.keep_lease(book.account, fence, lease_ms):
            raise Fenced(book.account)
        store.lock_control()  # no decision on them is obeyed meanwhile
        if store.decided(number, book.account) or not store.hold_sendable(number, now_ms):
            return 0
        if book.jobs[number].parent and not store.has_tally(number, taker):
            return 0
        blob = columns.pack_events([(columns.CLOSE, records)])
        store.append(book.account, fence, now_ms, blob)
        moved = _insert(sheet, number, taker, runs)
        store.move_tally(number, book.account, [(state, -n) for state, n in moved], now_ms)
        store.move_tally(number, taker, moved, now_ms)
    sheet.replay(columns.CLOSE, records, now_ms // 1000)
    sheet.delta[:] = 0  # the tallies have moved
    book.tape_bytes += len(blob)
    return sum(n for _, n in moved)


def _insert(sheet: Sheet, number: int, taker: str, runs: Runs) -> list[tuple[int, int]]:
    """The taker's blocks, with what is known of their recipients; returns (state shown, how many)."""
    blocks = store.insert_handed(number, taker, blocks_of(sheet, runs))
    counts, outcomes = np.zeros(16, dtype=np.int64), []
    for block, (slot, here) in zip(blocks, pieces(sheet, runs).items(), strict=True):
        where = here + int(sheet.offsets[slot])
        shown = sheet.shown(where)
        counts += np.bincount(shown, minlength=16)
        packed = compact.pack_outcome(sheet.state[:, where], sheet.word[where], sheet.at[where])
        outcomes.append((block, columns.pack_counts(shown), packed))
    store.write_outcomes(outcomes)
    return [(int(state), int(counts[state])) for state in np.flatnonzero(counts)]
