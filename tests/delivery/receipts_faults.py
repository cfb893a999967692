"""Books that are wrong in one way each. A walk that does not meet every one of them proves nothing."""

from typing import Any

import numpy as np

from fenghuo.delivery.ledger.book import Book
from fenghuo.delivery.ledger.copies import Asked, Candidates, Decided, cells_of, decide
from fenghuo.delivery.ledger.sheet import Sheet
from fenghuo.delivery.ledger.states import INTENDED
from fenghuo.delivery.ledger.values import Heard, Reports


class _Deciding(Book):
    """A book whose ways of telling what a receipt means can be changed one by one."""

    asked: type[Asked] = Asked

    def _decided(self, reports: Reports, hold: bool, heard: Any = None) -> Decided:
        taken = np.zeros(len(reports), dtype=np.uint32) if reports.taken is None else reports.taken.values()
        asked = self.asked(self.read(reports), taken, self.since(heard))
        found = self.seen(cells_of(asked, self.sheets, self._places, self._released))
        return decide(asked, found, self.doubtful, hold=hold)

    def read(self, reports: Reports) -> Reports:
        return reports

    def since(self, heard: Any) -> Any:
        return heard

    def seen(self, found: Candidates) -> Candidates:
        return found


class _AnyTime(Asked):
    def may_be_of(self, begun: Any, left: int, lines: Any) -> Any:
        return np.broadcast_to(np.ones(len(lines), dtype=bool), np.broadcast_shapes(np.shape(begun), (len(lines),)))


class CountsForTheNextAlert(_Deciding):
    """What is said of an alert that is over is counted for the one that is under way."""

    asked = _AnyTime

    def doubt_past(self, broadcast: int, addresses: Any, until: int, now: int) -> None:
        """Nobody remembers it."""


class ForgetsWhatWasLetGo(Book):
    """An alert that was let go comes into question for nothing."""

    def doubt_past(self, broadcast: int, addresses: Any, until: int, now: int) -> None:
        """Nobody remembers it."""


class TakesTheNewestText(_Deciding):
    """Where two texts come into question it is the newer."""

    def seen(self, found: Candidates) -> Candidates:
        for line, cells in found.cells.items():
            newest = max(cell.sheet for cell in cells)
            found.cells[line] = [cell for cell in cells if cell.sheet == newest]
        return found


class CountsForWhatLeftLater(_Deciding):
    """A receipt that was kept is looked at as if it had only just come."""

    def since(self, heard: Any) -> Any:
        return None


class CountsOneReceiptTwice(_Deciding):
    """One said twice speaks of two copies."""

    def read(self, reports: Reports) -> Reports:
        return Reports(np.arange(1, len(reports) + 1, dtype=np.uint64), *reports._columns()[1:])


class CountsACellTwice(Book):
    """A receipt that comes again goes onto the tape again."""

    def _enter_cells(
        self, sheet: Sheet, slots: Any, segments: Any, positions: Any, reports: Reports, at_ms: int
    ) -> None:
        self._report(sheet, slots, segments, positions, reports, None)


class OneSegmentForAll(Book):
    """A report of one segment is believed of the whole text."""

    def _enter(self, sheet: Sheet, slots: Any, segments: Any, positions: Any, reports: Reports, at_ms: int) -> None:
        for segment in range(sheet.segments):
            self._enter_cells(sheet, slots, np.full_like(segments, segment), positions, reports, at_ms)


class ConfusesSegments(Book):
    """The segments of a text are counted from its end."""

    def _enter(self, sheet: Sheet, slots: Any, segments: Any, positions: Any, reports: Reports, at_ms: int) -> None:
        self._enter_cells(sheet, slots, sheet.segments - 1 - segments, positions, reports, at_ms)


class LosesOrphans(Book):
    """What fits nothing is kept nowhere."""

    def _keep(self, kind: str, reports: Reports, at_ms: int, about: int | None = None) -> None:
        if kind != "orphan":
            super()._keep(kind, reports, at_ms, about)


class NeverLooksAgain(Book):
    """What fits nothing is kept, and stays as it is when more is known."""

    def remember_orphan(self, said: Heard) -> None:
        """It is on disk, and enough."""


class LosesWhatIsHeld(Book):
    """What waits for an answer is handed to nobody."""

    def receive(self, reports: Reports, at_ms: int, *, hold: bool) -> Reports | None:
        super().receive(reports, at_ms, hold=hold)
        return None


class DoesNotWait(Book):
    """A receipt that outruns its answer is of nothing."""

    def receive(self, reports: Reports, at_ms: int, *, hold: bool) -> Reports | None:
        return super().receive(reports, at_ms, hold=False)


class WaitsOnlyWhereTheTimeFits(_Deciding):
    """… or is so where the gateway's clock is hours off: the defect of 22 November."""

    def seen(self, found: Candidates) -> Candidates:
        fitting = {line for line, cells in found.cells.items() if any(cell.code == INTENDED for cell in cells)}
        return Candidates(found.cells, found.awaited & fitting)


class ForgetsIds(Book):
    """With an alert the ids that the gateway gave for it are let go."""

    def _let_go(self, sheet: Sheet, now: int) -> None:
        super()._let_go(sheet, now)
        self._gone.take(sheet.blocks)


class ForgetsTheCopyInDoubt(Book):
    """Once a text is accepted, no copy of it that was in doubt is reckoned with any more."""

    def take_in(self, sheet: Sheet) -> None:
        super().take_in(sheet)
        sheet.late = np.ones(sheet.state.shape, dtype=bool)


FAULTS = (
    CountsForTheNextAlert, ForgetsWhatWasLetGo, TakesTheNewestText, CountsForWhatLeftLater, CountsOneReceiptTwice, CountsACellTwice,
    OneSegmentForAll, ConfusesSegments, LosesOrphans, NeverLooksAgain, LosesWhatIsHeld, DoesNotWait, WaitsOnlyWhereTheTimeFits,
    ForgetsIds, ForgetsTheCopyInDoubt,
)  # fmt: skip
