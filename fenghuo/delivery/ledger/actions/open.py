"""Opening an account's book: the lease, what lies on disk, and the doubt about whatever was on the line."""

import numpy as np
from django.db.models import QuerySet

from fenghuo.delivery.ledger import columns, store
from fenghuo.delivery.ledger.book import Book
from fenghuo.delivery.ledger.compact import unpack_submits
from fenghuo.delivery.ledger.entering import MOST_ORPHANS
from fenghuo.delivery.ledger.models import Account, Broadcast
from fenghuo.delivery.ledger.sheet import Sheet, StoredBlock
from fenghuo.delivery.ledger.values import Heard, Job

RECEIPTS_MS = 48 * 3600 * 1000  # how long a status report is waited for (QB-GF-028-2003 8.4.5.1)
LAST_MESSAGES = 500
KNOWN_MS = 2 * RECEIPTS_MS  # an id is known as long again, for what is repeated or comes late


def open_book(account: str, *, now_ms: int, whole: bool = False) -> Book:
    """The book as the ledger has it: blocks, folds, then the tape. Writes nothing."""
    book = Book(account, whole=whole, past=store.past_blocks)
    refresh(book)
    for page in store.submissions(account, now_ms - KNOWN_MS):
        taken = unpack_submits(page)
        book.remember(taken, taken["at"].astype(np.int64) + KNOWN_MS // 1000)
    tape = store.tape([account])
    _take_in_closed(book, tape)
    for _, at, events in tape:
        book.tape_bytes += len(events)
        for kind, records in columns.unpack_events(events):
            for sheet in book.sheets.values():
                sheet.replay(kind, records, at // 1000)
            if kind == columns.RESPONSE:
                answered = records[records["verdict"] == columns.TAKEN]
                book.remember(answered, answered["at"].astype(np.int64) + KNOWN_MS // 1000)
                book.answered.append(answered)
    _recall_strays(book, now_ms)
    for sheet in book.sheets.values():
        sheet.delta[:] = 0  # the tally moved when the tape did
    return book


def _take_in_closed(book: Book, tape: list[tuple[int, int, bytes]]) -> None:
    """Another account may have closed what this one's tape still speaks of: it is held until the next fold has taken that in."""
    said = [records["block"] for _, _, events in tape for _, records in columns.unpack_events(events)]
    blocks = np.unique(np.concatenate(said)) if said else np.zeros(0, dtype=np.int64)
    for sheet in book.sheets.values():
        blocks = blocks[~sheet.holds(blocks)]
    numbers = store.broadcasts_of(blocks.tolist(), book.account)
    for row in Broadcast.objects.filter(number__in=numbers, released_at__isnull=False):
        book.jobs[row.number] = _job(row, frozenset())
        _take_in(book, row)


def lately_written(account: str, *, within_ms: int) -> list[Heard]:
    """What phones wrote just before the gateway was last heard: it delivers again what it saw no acknowledgement of."""
    found = store.last_messages(account, LAST_MESSAGES)
    heard_at = Account.objects.filter(name=account).values_list("heard_at", flat=True).first() or 0
    ended = max([heard_at, *(one.at for one in found)])
    return [one for one in found if ended - one.at <= within_ms]


def _recall_strays(book: Book, now_ms: int) -> None:
    """Receipts that fitted nothing, and numbers of closed broadcasts to which a copy was never accounted for."""
    for said in store.orphans(book.account, now_ms - RECEIPTS_MS, MOST_ORPHANS):
        book.remember_orphan(said)
    for expires_at, block in store.doubtful_blocks(book.account, now_ms - KNOWN_MS):
        if block.broadcast not in book.sheets:
            sheet = Sheet.of(
                block.broadcast, block.segments, [StoredBlock(block.id, block.count, block.recipients, block.outcome)]
            )
            until = min(expires_at, now_ms) // 1000
            book.doubt_past(block.broadcast, sheet.addresses(sheet.doubted()), until, now_ms // 1000)


def refresh(book: Book) -> list[int]:
    """Read again what orders said; take in what is new. Returns the corrections whose audience this account has yet to write."""
    book.applied, book.everything_paused, stopped = store.control()
    waiting = []
    for row in _open_broadcasts():
        book.jobs[row.number] = _job(row, stopped)
        if row.number in book.sheets or _take_in(book, row):
            continue
        if row.parent and not store.has_tally(row.number, book.account):
            waiting.append(row.number)
    return waiting


def _take_in(book: Book, row: Broadcast) -> bool:
    """This account's part of a broadcast, if it has one."""
    blocks = store.load_blocks(row.number, book.account)
    if blocks:
        book.take_in(Sheet.of(row.number, row.segments, blocks))
        book.passed[row.number] = store.milestone_names(row.number)
    return bool(blocks)


def _job(row: Broadcast, paused: frozenset[str]) -> Job:
    return Job(
        row.number,
        row.id,
        row.parent,
        row.lane,
        row.text,
        row.src_id,
        row.policy,
        row.segments,
        row.expires_at,
        row.released_at or 0,
        row.recalled_at,
        row.paused or row.organisation in paused,
        row.superseded,
        tuple(row.lifts),
        row.organisation,
    )


def _open_broadcasts() -> QuerySet[Broadcast]:
    return Broadcast.objects.filter(closed=False, released_at__isnull=False).order_by("number")
