"""People who live on in another account while their first one may still hear of them, and those who came from another.

What is heard here of who has gone is passed on, in the commit that comes before it is acknowledged (`actions.pass_on`). Where they
live now it is entered as if it had been heard there: the first final word counts, and nobody falls back from delivered.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from fenghuo.delivery.ledger import columns
from fenghuo.delivery.ledger.columns import distinct, expand
from fenghuo.delivery.ledger.news import News, reports_of
from fenghuo.delivery.ledger.receiving import Receiving
from fenghuo.delivery.ledger.sheet import Sheet
from fenghuo.delivery.ledger.states import ACCEPTED, AGAIN, CODE_MASK, FAILED, IN_DOUBT, INTENDED, MOVED
from fenghuo.delivery.ledger.values import Reports


class Elsewhere(Receiving):
    """See the module."""

    def answered_late(self, pdus: Any, at: int) -> None:
        """These submits were taken after all: whoever has been taken over meanwhile is told of in the other account."""
        rows = self._pdus[pdus]
        for number in distinct(rows["sheet"]):
            sheet, mine = self.sheets.get(number), rows[rows["sheet"] == number]
            if sheet is None:
                continue
            positions, counts = expand(mine["position"].astype(np.int64), mine["count"]), mine["count"]
            segments = np.repeat(mine["segment"].astype(np.int64), counts)
            gone = (sheet.state[segments, positions] & CODE_MASK) == MOVED
            self._pass_on(sheet, segments[gone], positions[gone], _answers(np.repeat(mine["low"], counts)[gone], at))

    def keeps(self, broadcast: int, news: Sequence[News]) -> bool:
        """Whether some of these people, who were taken over once, live here again."""
        sheet = self.sheets.get(broadcast)
        return sheet is not None and len(self.positions_of(broadcast, reports_of(news)[1].addresses)) > 0

    def hear(self, broadcast: int, news: Sequence[News], account: str, at_ms: int) -> None:
        """Enter what another account heard of people who live here now; of anybody else it is nothing."""
        sheet = self.sheets[broadcast]
        segments, reports = reports_of(news)
        lines, positions = self._places.find(sheet, reports.addresses)
        here = ((sheet.state[0, positions] & CODE_MASK) != MOVED) & (segments[lines] < sheet.segments)
        segments, positions, reports = segments[lines[here]], positions[here], reports.part(lines[here])
        answers = reports.codes == ACCEPTED
        self._accept(sheet, segments[answers], positions[answers], at_ms // 1000)
        # While a copy of our own is under way, a failure of the other is not the last word.
        failed = (reports.codes == FAILED) & self._under_way(sheet, segments, positions)
        before, final = len(self.inbound), ~answers & ~failed
        self._keep("conflict", reports.part(failed), at_ms, broadcast)
        if final.any():
            cells = segments[final], positions[final]
            self._enter_cells(sheet, sheet.slot_at(cells[1]), *cells, reports.part(final), at_ms)
        self.inbound[before:] = [one._replace(account=account) for one in self.inbound[before:]]

    def _accept(self, sheet: Sheet, segments: Any, positions: Any, at: int) -> None:
        codes = sheet.state[segments, positions] & CODE_MASK
        open_ = (codes == IN_DOUBT) | (codes == AGAIN)
        segments, positions = segments[open_], positions[open_]
        if not len(positions):
            return
        slots = sheet.slot_at(positions)
        records = np.zeros(len(positions), dtype=columns.SETTLED)
        records["block"], records["index"] = sheet.blocks[slots], positions - sheet.offsets[slots]
        records["segment"], records["code"] = segments, ACCEPTED
        self.events.append((columns.SETTLE, records))
        sheet.replay(columns.SETTLE, records, at)

    def _under_way(self, sheet: Sheet, segments: Any, positions: Any) -> Any:
        """Whose copy from here (bool) may still be delivered: on the line, or taken by our own gateway."""
        rows = self._pdus[: self._n]
        rows = rows[(rows["sheet"] == sheet.broadcast) & (rows["verdict"] == columns.TAKEN)]
        ours = np.zeros(sheet.state.shape, dtype=bool)
        ours[np.repeat(rows["segment"], rows["count"]), expand(rows["position"].astype(np.int64), rows["count"])] = True
        codes = sheet.state[segments, positions] & CODE_MASK
        return (codes == INTENDED) | ((codes == ACCEPTED) & ours[segments, positions])


def _answers(ids: Any, at: int) -> Reports:
    """Submits that were taken, as what is passed on of them."""
    many = len(ids)
    return Reports(
        ids,
        np.zeros(many, dtype=np.uint64),
        np.full(many, ACCEPTED, dtype=np.uint8),
        np.zeros(many, dtype=np.uint16),
        np.full(many, at, dtype=np.uint32),
        np.zeros(many, dtype="S1"),
    )
