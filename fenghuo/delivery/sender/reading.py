"""What a gateway says, in the ledger's terms: by whatever way it came."""

from typing import Any

import numpy as np

from fenghuo.delivery.gateways import line
from fenghuo.delivery.gateways.line import UNDER_WAY, Receipts, Said
from fenghuo.delivery.ledger import actions, states
from fenghuo.delivery.ledger.values import Heard, Reports


def reports(receipts: Receipts, words: actions.Words, now: int) -> Reports | None:
    """Receipts that say what became of a message; None where none does."""
    final = receipts.codes != UNDER_WAY
    if not final.any():
        return None
    done: Any = np.where(receipts.done == 0, np.uint32(now), receipts.done)
    codes = np.where(receipts.codes == line.DELIVERED, states.DELIVERED, states.FAILED)
    numbers = words.numbers(receipts.words)
    found = Reports(receipts.ids, receipts.addresses, codes, numbers, done, receipts.words)
    return found if final.all() else found.part(final)


def heard(said: Said, account: str, now_ms: int) -> Heard:
    """What a phone wrote, or what cannot be read."""
    kind = "message" if said.address else "unreadable"
    return Heard(kind, account, now_ms, str(said.id), said.address[:32], said.text, said.to[:21], said.part)
