"""Callbacks of HTTP gateways: kept by whoever takes the call, taken by the account's sender, once."""

from fenghuo.delivery.ledger import store

REMEMBERED_MS = 900_000  # longer than a callback's signature holds, by a clock that may be wrong
AT_ONCE = 100


def keep_callback(*, account: str, nonce: str, body: bytes, at_ms: int) -> bool:
    """Keep a callback durably; False where its nonce came before, and nothing is kept then."""
    with store.writing():
        return store.keep_callback(account, nonce, at_ms, body)


def forget_nonces(account: str, *, now_ms: int) -> None:
    """Of callbacks that would be refused for their age alone."""
    with store.writing():
        store.forget_nonces(account, now_ms - REMEMBERED_MS)


def waiting_callbacks(account: str) -> list[tuple[int, int, bytes]]:
    """(id, when, body) of the oldest that are not on the tape; `Book.called` forgets them in the commit that enters them."""
    return store.waiting_callbacks(account, AT_ONCE)
