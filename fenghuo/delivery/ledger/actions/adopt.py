"""Accounts that have gone from the settings: what they have not sent goes to those that are there, as if it were frozen now, and
so do those in doubt, as doubtful as they are.

It is done in the gone account's own book, under its lease: another host may know it still, and then it is not gone.
"""

import time
from collections.abc import Callable, Sequence

import structlog

from fenghuo.delivery.gateways.config import Gateway
from fenghuo.delivery.ledger import store
from fenghuo.delivery.ledger.actions.correct import WithoutAlert, write_correction
from fenghuo.delivery.ledger.actions.decide import stop, take_decisions
from fenghuo.delivery.ledger.actions.freeze import REST_SECONDS
from fenghuo.delivery.ledger.actions.hand_over import Runs, hand_over, share_out
from fenghuo.delivery.ledger.actions.lease import drop_lease, take_lease
from fenghuo.delivery.ledger.actions.open import open_book, refresh
from fenghuo.delivery.ledger.actions.take_over import take_over
from fenghuo.delivery.ledger.actions.tape import Fenced, commit
from fenghuo.delivery.ledger.book import Book
from fenghuo.delivery.ledger.states import AGAIN, EXPIRED, IN_DOUBT, INTENDED, STOPPED, UNSENT

UNDONE = (UNSENT, INTENDED, AGAIN)
RUNS_AT_ONCE = 20
log = structlog.get_logger(__name__)


def adopt(
    accounts: Sequence[Gateway],
    *,
    names: Sequence[str],
    holder: str,
    dead: Callable[[str], str],
    now_ms: int,
    lease_ms: int,
) -> None:
    """Share out among `accounts` whatever no account among `names` serves; `dead` tells an account's holder that has ended."""
    for name in store.unserved(names, UNDONE, IN_DOUBT, now_ms):
        fence = take_lease(name, "", holder=holder, dead=dead(name), lease_ms=lease_ms)
        if fence is None:
            continue  # somebody serves it still
        try:
            _empty(name, accounts, fence, now_ms, lease_ms)
        except Fenced:
            continue  # another thread of this process came to it too
        drop_lease(name, fence=fence)


def _empty(name: str, accounts: Sequence[Gateway], fence: int, now_ms: int, lease_ms: int) -> None:
    book = open_book(name, now_ms=now_ms)
    book.doubt_leftovers(now_ms // 1000)
    decided = take_decisions(book, now_ms=now_ms)
    for number in book.sheets:
        job = book.jobs[number]
        if job.recalled_at is not None or now_ms >= job.expires_at:
            stop(book, number, EXPIRED if job.recalled_at is None else STOPPED, now_ms=now_ms)
    if book.events or decided:
        commit(book, fence=fence, now_ms=now_ms, lease_ms=lease_ms, decided=decided)
    for number in refresh(book):
        try:
            write_correction(book, number, fence=fence, now_ms=now_ms, lease_ms=lease_ms)
        except WithoutAlert as wrong:
            log.error("correction_without_alert", account=name, correction=number, alert=str(wrong))
    refresh(book)
    gone = sum(_share(book, number, accounts, fence, now_ms, lease_ms) for number in sorted(book.sheets))
    commit(book, fence=fence, now_ms=now_ms, lease_ms=lease_ms, idle=True)
    if gone:
        log.warning("adopted", account=name, recipients=gone)


def _share(book: Book, number: int, accounts: Sequence[Gateway], fence: int, now_ms: int, lease_ms: int) -> int:
    """One broadcast's unsent, and its doubtful, to the accounts that are there; returns how many went."""
    shares, gone = share_out(book, number, accounts), 0
    if len(shares) == 1 and _untouched(book, number, shares[0][1]):
        gone = _whole(book, number, shares[0][0], fence, now_ms, lease_ms)
        if gone:
            return gone
    for taker, runs in shares:
        gone += _hand(hand_over, book, number, taker, runs, fence, now_ms, lease_ms)
    for taker, runs in share_out(book, number, accounts, doubtful=True):
        gone += _hand(take_over, book, number, taker, runs, fence, now_ms, lease_ms)
    return gone


def _untouched(book: Book, number: int, runs: Runs) -> bool:
    """Nobody was ever intended and one account takes all: then, if it has nothing of it yet, it is given the blocks themselves."""
    return sum(count for _, _, count in runs) == len(book.sheets[number]) and not book.jobs[number].parent


def _whole(book: Book, number: int, taker: str, fence: int, now_ms: int, lease_ms: int) -> int:
    total = len(book.sheets[number])
    with store.writing():
        if not store.keep_lease(book.account, fence, lease_ms):
            raise Fenced(book.account)
        if not store.hold_sendable(number, now_ms) or store.count_blocks(number, taker):
            return 0
        store.give_blocks(number, book.account, taker)
        store.move_tally(number, book.account, [(UNSENT, -total)], now_ms)
        store.move_tally(number, taker, [(UNSENT, total)], now_ms)
    book.drop(number)
    return total


def _hand(
    act: Callable[..., int], book: Book, number: int, taker: str, runs: Runs, fence: int, now_ms: int, lease_ms: int
) -> int:
    gone = 0
    for start in range(0, len(runs), RUNS_AT_ONCE):
        part = runs[start : start + RUNS_AT_ONCE]
        gone += act(book, number, taker, part, fence=fence, now_ms=now_ms, lease_ms=lease_ms)
        time.sleep(REST_SECONDS)
    return gone
