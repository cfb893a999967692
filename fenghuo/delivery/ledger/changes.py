"""What each event does to a state byte, as 256-entry tables: the sender, a restart and a page all apply the same ones.

Every table is total and monotone: the first final state wins, an event met twice changes nothing the second time, and the count of
doubts never falls except when the gateway's late answer proves that nothing had been taken.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from fenghuo.delivery.ledger import columns
from fenghuo.delivery.ledger.states import (
    ACCEPTED,
    AGAIN,
    CODE_MASK,
    DELIVERED,
    DOUBT_SHIFT,
    EXPIRED,
    FAILED,
    IN_DOUBT,
    INTENDED,
    MOST_DOUBTS,
    MOVED,
    STOPPED,
    UNSENT,
)

Table = npt.NDArray[np.uint8]
Rule = Callable[[int, int], tuple[int, int]]  # (code, doubts) -> (code, doubts)

TAKEN_OVER = 11  # said on the tape alone; the state it leaves is MOVED
_ON_THE_LINE = (INTENDED, IN_DOUBT, AGAIN)


def _table(rule: Rule) -> Table:
    table = np.zeros(256, dtype=np.uint8)
    for byte in range(256):
        code, doubts = rule(byte & CODE_MASK, byte >> DOUBT_SHIFT)
        table[byte] = code | (doubts << DOUBT_SHIFT)
    return table


def _intent(code: int, doubts: int) -> tuple[int, int]:
    return (INTENDED if code in (UNSENT, IN_DOUBT, AGAIN) else code), doubts


def _taken(code: int, doubts: int) -> tuple[int, int]:
    return (ACCEPTED if code in _ON_THE_LINE else code), doubts


def _not_taken(code: int, doubts: int) -> tuple[int, int]:
    """Throttled, or one number of several is bad: nothing was taken, so it is to be sent anew."""
    if code in (IN_DOUBT, AGAIN):
        code, doubts = INTENDED, max(0, doubts - 1)
    return _withdraw(code, doubts)


def _refused(code: int, doubts: int) -> tuple[int, int]:
    return (FAILED if code in _ON_THE_LINE else code), doubts


def _doubt(code: int, doubts: int) -> tuple[int, int]:
    return (IN_DOUBT, min(MOST_DOUBTS, doubts + 1)) if code == INTENDED else (code, doubts)


def _withdraw(code: int, doubts: int) -> tuple[int, int]:
    # An earlier copy may have left: it stays among those in doubt, never among the unsent.
    return (AGAIN if doubts else UNSENT, doubts) if code == INTENDED else (code, doubts)


def _final(target: int) -> Rule:
    return lambda code, doubts: (code if code in (DELIVERED, FAILED, MOVED) else target, doubts)


def _close(target: int) -> Rule:
    def rule(code: int, doubts: int) -> tuple[int, int]:
        if code == AGAIN:
            return IN_DOUBT, doubts
        return (target if code == UNSENT else code), doubts

    return rule


def _move(code: int, doubts: int) -> tuple[int, int]:
    # Only who was never intended: of everybody else a copy may have left here.
    return (MOVED if code == UNSENT and not doubts else code), doubts


def _take_over(code: int, doubts: int) -> tuple[int, int]:
    # The recipient's cells, with all that is known of them, stand in another account. The doubts tell that a copy left here too.
    return MOVED, doubts


def _settle(target: int) -> Rule:
    return lambda code, doubts: (target if code in (IN_DOUBT, AGAIN) else code, doubts)


INTENT = _table(_intent)
TAKEN = _table(_taken)
NOT_TAKEN = _table(_not_taken)
REFUSED = _table(_refused)
DOUBT = _table(_doubt)
WITHDRAW = _table(_withdraw)
RECEIPT = {code: _table(_final(code)) for code in (DELIVERED, FAILED)}
CLOSE = {
    **{code: _table(_close(code)) for code in (STOPPED, EXPIRED)},
    MOVED: _table(_move),
    TAKEN_OVER: _table(_take_over),
}
SETTLE = {code: _table(_settle(code)) for code in (IN_DOUBT, AGAIN, ACCEPTED, FAILED)}


def of_response(verdict: int, count: int) -> Table:
    """The table of a gateway's answer to a submit of `count` destinations."""
    if verdict == columns.TAKEN:
        return TAKEN
    return REFUSED if verdict == columns.REFUSED and count == 1 else NOT_TAKEN
