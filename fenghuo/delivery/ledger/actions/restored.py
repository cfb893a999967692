"""A ledger that came back from a backup: nobody holds it, and all that was ordered until now is a fact before a sender looks."""

from fenghuo.delivery.ledger import store
from fenghuo.delivery.ledger.actions.obey import new_orders, obey_alone
from fenghuo.delivery.ledger.store import restored


def stand_still(*, mode: str, now_ms: int) -> None:
    """Fence everybody, and obey every order given, a pause as the last of them.

    The pause is then the ledger's own state, not an order that somebody has yet to read: no sender can claim anything before it.
    """
    with store.writing():
        restored.fence_all()
    while new_orders(store.control().applied):
        obey_alone(mode=mode, now_ms=now_ms)
