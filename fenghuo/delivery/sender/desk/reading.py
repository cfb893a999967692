"""What a gateway says, in the ledger's terms: by whatever way it came."""

from typing import Any

import numpy as np

from fenghuo.delivery.gateways import line
from fenghuo.delivery.gateways.digits import DIGITS
from fenghuo.delivery.gateways.line import UNDER_WAY, Receipts, Said, Stated
from fenghuo.delivery.ledger import actions, states
from fenghuo.delivery.ledger.values import Heard, Reports


def reports(receipts: Receipts, words: actions.Words, now: int) -> Reports | None:
    """Receipts that say what became of a message; None where none does."""
    final = receipts.codes != UNDER_WAY
    if not final.any():
        return None
    untimed = receipts.done == 0
    # What a gateway dates ahead of us it dates wrong: nothing waits for a time that is yet to come.
    done: Any = np.where(untimed, np.uint32(now), np.minimum(receipts.done, np.uint32(now)))
    codes = np.where(receipts.codes == line.DELIVERED, states.DELIVERED, states.FAILED)
    numbers = words.numbers(receipts.words)
    found = Reports(
        receipts.ids, receipts.addresses, codes, numbers, done, receipts.words, receipts.taken, receipts.names,
        untimed if untimed.any() else None, receipts.written,
    )  # fmt: skip
    return found if final.all() else found.part(final)


def kept(heard: list[Heard], words: actions.Words) -> Reports:
    """Receipts that were kept, as reports again."""
    texts = np.array([one.text.encode("latin-1", "replace") for one in heard])
    submitted = np.array([one.submitted_at // 1000 for one in heard], dtype=np.uint32)
    return Reports(
        np.array([int(one.message_id) if one.message_id.isdigit() else 0 for one in heard], dtype=np.uint64),
        np.array([_number(one.address) for one in heard], dtype=np.uint64),
        np.array([one.outcome for one in heard]),
        words.numbers(texts),
        np.array([one.done_at // 1000 for one in heard], dtype=np.uint32),
        texts,
        Stated(submitted, np.asarray),
        Stated(np.array([one.carrier_id for one in heard]), np.ndarray.tolist),
        written=Stated(np.array([one.address for one in heard]), np.ndarray.tolist),
    )


def _number(address: str) -> int:
    """What a kept receipt is of; 0 for what a carrier wrote that is no number."""
    return int(address) if len(address) == DIGITS and address.isascii() and address.isdigit() else 0


def heard(said: Said, account: str, now_ms: int) -> Heard:
    """What a phone wrote, or what cannot be read."""
    kind = "message" if said.address else "unreadable"
    name = said.name or (str(said.id) if said.id else "")
    return Heard(
        kind,
        account,
        now_ms,
        str(said.id),
        said.address[:32],
        said.text,
        said.to[:21],
        said.part,
        carrier_id=name[:130],
    )
