"""Whom a receipt means whose message id is not known: what left for its number, and which of that it may speak of.

A receipt never counts for a text that was not under way when the gateway took the message, and never where two texts come into
question. It is kept then, shown, and looked at again whenever more is known.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from fenghuo.delivery.ledger import columns
from fenghuo.delivery.ledger.columns import expand
from fenghuo.delivery.ledger.sheet import Sheet
from fenghuo.delivery.ledger.states import (
    ACCEPTED,
    AGAIN,
    CODE_MASK,
    DELIVERED,
    FAILED,
    IN_DOUBT,
    INTENDED,
    MOVED,
)
from fenghuo.delivery.ledger.values import Reports

SKEW = 360  # seconds: a gateway states whole minutes, by a clock that may be five minutes wrong
DIRECT = 20_000  # numbers × blocks that are looked up one by one; an index of all numbers pays only above that

_OPEN = np.isin(np.arange(16), (INTENDED, ACCEPTED, IN_DOUBT, AGAIN))
_FINAL = np.isin(np.arange(16), (DELIVERED, FAILED))


class Addresses:
    """Where numbers stand in the sheets: an index of a sheet is made when many are asked for."""

    def __init__(self) -> None:
        self._indices: dict[int, tuple[Any, Any]] = {}

    def forget(self, broadcast: int) -> None:
        """The sheet is gone, or has grown."""
        self._indices.pop(broadcast, None)

    def find(self, sheet: Sheet, numbers: Any) -> tuple[Any, Any]:
        """(which of the numbers, position): every place of each. Whoever was handed over and came back stands in two blocks."""
        known = self._indices.get(sheet.broadcast)
        slots = len(sheet.blocks)
        if known is None and len(numbers) * slots <= DIRECT:
            keys = (np.arange(slots, dtype=np.uint64) << np.uint64(columns.ADDRESS_BITS))[:, None] | numbers
            at = np.minimum(np.searchsorted(sheet.key, keys), len(sheet) - 1)
            slot, which = np.nonzero(sheet.key[at] == keys)
            return which, at[slot, which]
        if known is None:
            everyone = sheet.addresses(slice(None))
            order = np.argsort(everyone, kind="stable").astype(np.int32)
            known = self._indices[sheet.broadcast] = (everyone[order], order)
        ordered, order = known
        first = np.searchsorted(ordered, numbers)
        counts = np.searchsorted(ordered, numbers, side="right") - first
        return np.repeat(np.arange(len(numbers)), counts), order[expand(first, counts)].astype(np.int64)


class Cell(NamedTuple):
    """One segment for one number that a receipt may mean. `open`: what became of it is not known yet. `copies` of it may be
    unaccounted for. `told`: the same was said of it, with the same time, by a receipt without an id. `unsure`: whether it was under
    way when the receipt came is not known any more.
    """

    sheet: int
    segment: int
    position: int
    code: int
    open: bool
    copies: int
    told: bool
    unsure: bool


@dataclass
class Candidates:
    """What receipts may mean, by their place among those asked about."""

    cells: dict[int, list[Cell]] = field(default_factory=dict)
    awaited: set[int] = field(
        default_factory=set
    )  # something for their number is on the line, whatever times they state


@dataclass
class Decided:
    """What is to be done with receipts, by their place among those asked about. `wait`: an answer on the line may explain them."""

    settle: list[tuple[int, Cell]] = field(default_factory=list)
    known: list[tuple[int, Cell]] = field(default_factory=list)  # of a cell that has its final word
    orphans: dict[int, int | None] = field(
        default_factory=dict
    )  # with the broadcast that it is about, where that is certain
    wait: list[int] = field(default_factory=list)


class Doubtful(NamedTuple):
    """A number of a broadcast that is let go, of whose copies one was never accounted for."""

    broadcast: int
    until: int  # seconds since 1970; nothing of it left after that
    forget: int  # and when no receipt is waited for any more


@dataclass
class Asked:
    """Receipts, and what is known of their times in seconds. `taken`: by the gateway's clock, 0 where it does not say. `heard`: by
    ours, of those that fitted nothing then: whatever has left since they cannot mean.
    """

    reports: Reports
    taken: Any
    heard: Any = None

    def may_be_of(self, begun: Any, left: int, lines: Any) -> Any:
        """Which of the receipts (`lines`) may speak of a message that left between `begun` and `left` (seconds, 0: not known)."""
        taken = self.taken[lines].astype(np.int64)
        latest = np.where(taken > 0, taken, self.reports.done[lines].astype(np.int64))
        fits = begun <= latest + SKEW
        return fits & ((taken == 0) | (taken <= left + SKEW)) if left else fits


def cells_of(
    asked: Asked, sheets: Mapping[int, Sheet], places: Addresses, released: Callable[[int], int]
) -> Candidates:
    """For each receipt the cells that it may mean: open ones, and final ones of which a copy is unaccounted for."""
    found = Candidates()
    reports, numbers = asked.reports, asked.reports.addresses
    nameless = reports.ids == 0
    lost = nameless & reports.untimed if reports.untimed is not None else np.zeros(len(reports), dtype=bool)
    for broadcast, sheet in sheets.items():
        lines, positions = places.find(sheet, numbers)
        if not len(lines):
            continue
        states = sheet.state[: sheet.parts, positions]
        codes, doubts = states & CODE_MASK, sheet.doubts(slice(sheet.parts), positions)
        found.awaited.update(lines[(codes == INTENDED).any(axis=0)].tolist())
        told = nameless[lines] & (codes == reports.codes[lines]) & (sheet.at[positions] == reports.done[lines])
        shadows = _FINAL[codes] & ((doubts > 0) | told | lost[lines])
        open_ = _OPEN[codes] | _taken_over(lines, positions, codes, doubts)
        begun = np.maximum(sheet.begun[sheet.slot_at(positions)].astype(np.int64), released(broadcast))
        fits = (open_ | shadows) & asked.may_be_of(begun, sheet.left, lines)
        unsure = np.zeros_like(fits)
        if asked.heard is not None:
            # Only its block tells when it left at the earliest: its own time moves with whatever is decided on it.
            fits &= begun <= asked.heard[lines]
            unsure = ~_FINAL[codes] & (sheet.at[positions] > asked.heard[lines])
        for segment, at in zip(*np.nonzero(fits), strict=True):
            code, copies = int(codes[segment, at]), int(doubts[segment, at])
            copies = max(1, copies + (code in (INTENDED, ACCEPTED)))
            place = (broadcast, int(segment), int(positions[at]), code, bool(open_[segment, at]), copies)
            cell = Cell(*place, bool(told[segment, at]), bool(unsure[segment, at]))
            found.cells.setdefault(int(lines[at]), []).append(cell)
    return found


def _taken_over(lines: Any, positions: Any, codes: Any, doubts: Any) -> Any:
    """Cells (bool) of who was in doubt here and lives on in another account: what is said of their copies is passed on.

    Of whoever came back the newest place counts alone.
    """
    gone = (codes == MOVED) & (doubts > 0)
    if gone.any():
        newest = np.zeros(int(lines.max()) + 1, dtype=np.int64)
        np.maximum.at(newest, lines, positions)
        gone &= positions == newest[lines]
    return gone


def decide(asked: Asked, found: Candidates, doubtful: Mapping[int, list[Doubtful]], *, hold: bool) -> Decided:
    """What each receipt means. One text alone must come into question, and no doubt be left that it did when the receipt came."""
    decided, together = Decided(), dict[tuple[int, int], list[int]]()
    for line, number in enumerate(asked.reports.addresses.tolist()):
        mine = found.cells.get(line, [])
        texts = {cell.sheet for cell in mine}
        past = {one.broadcast for one in doubtful.get(number, ()) if asked.may_be_of(0, one.until, np.array([line]))[0]}
        told = next((cell for cell in mine if cell.told), None)
        if told:
            decided.known.append((line, told))
        elif hold and line in found.awaited:
            decided.wait.append(line)
        elif len(texts) == 1 and not past and not any(cell.unsure for cell in mine):
            together.setdefault((number, texts.pop()), []).append(line)
        else:
            decided.orphans[line] = past.pop() if len(past) == 1 and not texts else None
    for (_, broadcast), lines in together.items():
        _one_text(asked.reports, lines, found.cells, broadcast, decided)
    return decided


def _one_text(
    reports: Reports, lines: list[int], cells: Mapping[int, list[Cell]], broadcast: int, decided: Decided
) -> None:
    """Receipts of one number that can only mean one text.

    Each is of another copy, for its id is its own. So many of them that every open segment must be among them settle all; with
    fewer nobody knows which segment arrived, and one that is counted by mistake would never be sent again.
    """
    in_question = {cell for line in lines for cell in cells[line]}
    waiting = sorted(cell for cell in in_question if cell.open)
    first = {int(reports.ids[line]): line for line in reversed(lines)}  # of one id said twice, the first
    if not waiting:
        decided.known += [(line, min(in_question)) for line in lines]
        return
    enough = sum(cell.copies for cell in in_question) - min(cell.copies for cell in waiting) + 1
    if len(first) < enough:
        decided.orphans.update(dict.fromkeys(lines, broadcast))
        return
    chosen = [first[one] for one in sorted(first)][: len(waiting)]
    decided.settle += list(zip(chosen, waiting, strict=True))
    decided.known += [(line, waiting[0]) for line in lines if line not in chosen]
