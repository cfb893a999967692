"""What is over: milestones that several accounts reached together, and broadcasts that no sender need load any more."""

from fenghuo.delivery.ledger import store
from fenghuo.delivery.ledger.actions.tape import Fenced, mark_milestones
from fenghuo.delivery.ledger.book import Book
from fenghuo.delivery.ledger.models import Broadcast, Decision
from fenghuo.delivery.ledger.states import ACCEPTED, AGAIN, IN_DOUBT, INTENDED, UNSENT

UNDECIDED = (UNSENT, INTENDED, IN_DOUBT, AGAIN)


def look_again(book: Book, *, fence: int, now_ms: int, lease_ms: int, keep_ms: int, receipts_ms: int) -> list[int]:
    """Once in a while: mark milestones, and close what is over in every account. Returns what is over in this one.

    An alert whose correction waits for the part of some account is not over, nor is that correction: whoever was told of the one
    is told of the other, however late their account comes to it.
    """
    over = []
    with store.writing():
        if not store.keep_lease(book.account, fence, lease_ms):
            raise Fenced(book.account)
        for number, sheet in book.sheets.items():
            mark_milestones(book, number, now_ms)
            age = now_ms - max(int(sheet.at.max(initial=0)) * 1000, book.jobs[number].released_at)
            if not sheet.finished or age <= min(keep_ms, receipts_ms):
                continue
            if age > receipts_ms or (sheet.n(ACCEPTED) == 0 and not sheet.taken_over):
                over.append(number)
    if any(_all_over(number, receipts_ms, now_ms) for number in over):
        _close(over, receipts_ms, now_ms)
    return over


def close_forsaken(*, now_ms: int, receipts_ms: int) -> None:
    """Close what has been at rest for longer than receipts are waited for, though no book has it: its accounts have gone."""
    numbers = store.at_rest_since(UNDECIDED, now_ms - receipts_ms)
    if numbers:
        _close(numbers, receipts_ms, now_ms)


def _close(numbers: list[int], receipts_ms: int, now_ms: int) -> None:
    with store.writing():
        store.lock_control()  # no order is obeyed meanwhile: a correction begun now would find its alert closed
        closed = [one for one in numbers if _all_over(one, receipts_ms, now_ms) and not store.uncorrected(one)]
        Broadcast.objects.filter(number__in=closed).update(closed=True)
        Decision.objects.filter(broadcast__in=closed).delete()  # nobody of it is in doubt any more


def _all_over(number: int, receipts_ms: int, now_ms: int) -> bool:
    """Several accounts may share a broadcast: it is over when no account has anything open, nor receipts to wait for."""
    for _, state, n, at in store.tallies([number]):
        if n > 0 and (state in UNDECIDED or (state == ACCEPTED and now_ms - at < receipts_ms)):
            return False
    return True
