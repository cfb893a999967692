"""Recipients of whom nobody knows whether they were reached, as a broken line leaves them; and the decisions on them taken."""

from django.db.models import QuerySet

from fenghuo.delivery.ledger import actions
from fenghuo.delivery.ledger.book import Book
from fenghuo.delivery.ledger.models import Block, Broadcast
from fenghuo.delivery.ledger.values import Claim
from fenghuo.ground import clock

LEASE_MS = 60_000


def put_in_doubt(broadcast: str | None, most: int = 1_000_000, *, fold: bool = True) -> None:
    """So many of a released broadcast's unsent recipients were on a line that broke."""
    number = Broadcast.objects.values_list("number", flat=True).get(id=broadcast)
    for account in _accounts(Block.objects.filter(broadcast_id=number)):
        book, fence, now_ms = _book(account)
        left = most
        for slot, start, count in book.sheets[number].unsent_runs():
            claim = Claim(number, slot, start, min(count, left), 50)
            if claim.count:
                [pdus] = book.intend([claim], now_ms // 1000)
                book.doubt(pdus, now_ms // 1000)
            left -= claim.count
        _done(book, fence, now_ms, fold=fold)


def decisions_taken() -> None:
    """Every account takes the decisions that wait for it."""
    for account in _accounts(Block.objects.all()):
        book, fence, now_ms = _book(account)
        decided = actions.take_decisions(book, now_ms=now_ms)
        _done(book, fence, now_ms, decided=decided)


def _accounts(blocks: QuerySet[Block]) -> list[str]:
    return list(blocks.order_by("account").values_list("account", flat=True).distinct())


def _book(account: str) -> tuple[Book, int, int]:
    now_ms = round(clock.now().timestamp() * 1000)
    fence = actions.take_lease(account, "cmpp3", holder="test", dead="test", lease_ms=LEASE_MS)
    assert fence is not None
    return actions.open_book(account, now_ms=now_ms), fence, now_ms


def _done(book: Book, fence: int, now_ms: int, *, decided: list[int] | None = None, fold: bool = True) -> None:
    actions.commit(book, fence=fence, now_ms=now_ms, lease_ms=LEASE_MS, decided=decided or (), idle=fold)
    actions.drop_lease(book.account, fence=fence)
