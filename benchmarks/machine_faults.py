"""Senders and rules that are wrong in one way each. A walk that does not meet every one of them proves nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.crash_faults import AcknowledgeThenCommit, DeafToRecall, SendThenMark, SilentResend
from fenghuo.delivery.ledger import changes
from fenghuo.delivery.ledger.states import ACCEPTED, CODE_MASK, DELIVERED, FAILED, IN_DOUBT, INTENDED

CLASSES: dict[str, dict[str, Any]] = {
    "send_then_mark": {"talk": SendThenMark},
    "acknowledge_then_commit": {"talk": AcknowledgeThenCommit},
    "silent_resend": {"desk": SilentResend},
    "deaf_to_recall": {"desk": DeafToRecall},
}


def _forget_doubts() -> None:
    """Whoever is in doubt is so for the first time, always."""
    for byte in range(256):
        if byte & CODE_MASK == INTENDED:
            changes.DOUBT[byte] = IN_DOUBT


def _not_heed_people() -> None:
    """Giving up does nothing."""
    changes.SETTLE[FAILED][:] = range(256)


def _forget_the_first_word() -> None:
    """Who is delivered or has failed is accepted again when a late answer comes."""
    for byte in range(256):
        if byte & CODE_MASK in (DELIVERED, FAILED):
            changes.TAKEN[byte] = ACCEPTED | (byte & ~CODE_MASK)


RULES = {
    "forgets_doubts": _forget_doubts,
    "does_not_heed_people": _not_heed_people,
    "forgets_the_first_word": _forget_the_first_word,
}
FAULTS = (*CLASSES, *RULES)


@contextmanager
def planted(name: str) -> Iterator[dict[str, Any]]:
    """The classes to walk with; rules are as they were afterwards."""
    tables = [changes.DOUBT, changes.TAKEN, changes.SETTLE[FAILED]]
    before = [table.copy() for table in tables]
    if name in RULES:
        RULES[name]()
    try:
        yield CLASSES.get(name, {})
    finally:
        for table, old in zip(tables, before, strict=True):
            table[:] = old
