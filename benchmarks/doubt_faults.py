"""Hand-overs of those in doubt that are wrong in one way each. A harness that does not catch every one of them proves nothing."""

from typing import Any

import numpy as np

from benchmarks.move_faults import giver
from fenghuo.delivery.ledger import actions, columns, compact, store
from fenghuo.delivery.ledger.actions.hand_over import blocks_of, pieces, records_of
from fenghuo.delivery.ledger.changes import TAKEN_OVER
from fenghuo.delivery.ledger.states import AGAIN, CODE_MASK, IN_DOUBT
from fenghuo.delivery.sender.desk import Desk
from fenghuo.delivery.sender.desk.sharing import Sharing, Taker


class LetsGoFirst(Sharing):
    """Gives away in two transactions: between them nobody has the recipients."""

    takes_first = False
    forgetful = False

    def _hand_doubtful(self, number: int, taker: Taker, most: float, now_ms: int, again: Any) -> int:
        sheet, name = self._book.sheets[number], taker.gateway.name
        runs = actions.movable_in_doubt(sheet, taker.gateway, int(most), again) if most >= 1 else []
        total = sum(count for _, _, count in runs)
        if not total:
            return 0
        records, blocks, where = records_of(sheet, runs, TAKEN_OVER), blocks_of(sheet, runs), pieces(sheet, runs)
        for taking in (self.takes_first, not self.takes_first):
            with store.writing():
                if taking:
                    new = store.insert_handed(number, name, blocks)
                    store.write_outcomes(
                        [self._outcome(sheet, block, *one) for block, one in zip(new, where.items(), strict=True)]
                    )
                    store.move_tally(number, name, [(IN_DOUBT, total)], now_ms)
                else:
                    blob = columns.pack_events([(columns.CLOSE, records)])
                    store.append(self._book.account, self._fence, now_ms, blob)
                    store.move_tally(number, self._book.account, [(IN_DOUBT, -total)], now_ms)
        sheet.replay(columns.CLOSE, records, now_ms // 1000)
        sheet.delta[:] = 0
        return total

    def _outcome(self, sheet: Any, block: int, slot: int, here: Any) -> tuple[int, bytes, bytes]:
        where = here + int(sheet.offsets[slot])
        state = sheet.state[:, where]
        if self.forgetful:
            state = np.full_like(state & CODE_MASK, AGAIN)
        shown = (state & CODE_MASK).max(axis=0)
        return block, columns.pack_counts(shown), compact.pack_outcome(state, sheet.word[where], sheet.at[where])


class TakesFirst(LetsGoFirst):
    """As above, the other way round: between them two accounts have the recipients."""

    takes_first = True


class Forgetful(LetsGoFirst):
    """Gives them away as if nobody had ever been in doubt of them."""

    forgetful = True


# The desk of the account that gives; acknowledging too soon is the harness's own.
FAULTS: dict[str, type[Desk]] = {
    "": Desk,
    "lets_go_first": giver(LetsGoFirst),
    "takes_first": giver(TakesFirst),
    "forgets_doubts": giver(Forgetful),
    "acknowledges_first": Desk,
}
