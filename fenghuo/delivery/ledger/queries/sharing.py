"""What a sender asks about the other accounts before it hands anybody over."""

from collections.abc import Mapping

from fenghuo.delivery.ledger import store
from fenghuo.delivery.ledger.states import UNSENT

ABLE = ("bound", "throttled")
BUSY_MS = 2_000  # less says nothing about a speed
SLACK = 1.0  # seconds
NEVER_MS = 10 * 365 * 86_400_000  # nobody has said yet when it did its work


def left_to_send(now_ms: int) -> list[tuple[str, int, int]]:
    """(account, lane, messages) of everybody who is unsent and may be sent."""
    return store.left_to_send(UNSENT, now_ms)


def able(patience: Mapping[str, float], seen_ms: int) -> dict[str, float]:
    """Of some accounts those whose session works, with the messages a second that they lately sent; 0.0 where nobody knows.

    `patience`: for how many seconds each may have taken nothing. One that has only slowed down for longer is itself relieved.
    """
    if not patience:
        return {}
    found = store.able(list(patience), ABLE, seen_ms)
    return {
        name: sent * 1000 / busy if busy >= BUSY_MS and sent else 0.0
        for name, (sent, busy, unwell) in found.items()
        if unwell <= (patience[name] + SLACK) * 1000 or unwell > NEVER_MS
    }


def unwell(account: str, seen_ms: int) -> float:
    """For how many seconds an account's gateway has not done its work, as its sender, this or another, said lately."""
    return store.unwell(account, seen_ms) / 1000
