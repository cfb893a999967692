"""What must be true of a book that hears a truthful gateway: of every copy that the gateway took, what it said of it.

The oracle is the gateway itself: which copy of which segment of which text it took for whom, and of which of those it has spoken.
"""

from dataclasses import dataclass, field
from random import Random
from typing import Any

import numpy as np

from fenghuo.delivery.ledger.book import Book
from fenghuo.delivery.ledger.columns import Records
from fenghuo.delivery.ledger.compact import unpack_outcome
from fenghuo.delivery.ledger.states import CODE_MASK, DELIVERED, FAILED, INTENDED
from fenghuo.delivery.ledger.values import Heard

STRANGER = 0  # the text of what we know nothing of


class Wrong(AssertionError):
    """Something is so that must not be."""


def must(true: bool, otherwise: str) -> None:
    """Raises `Wrong`: asserts alone would be rewritten where pytest does not read them."""
    if not true:
        raise Wrong(otherwise)


@dataclass(frozen=True)
class Copy:
    """One message that left: what a receipt of it says."""

    id: int
    number: int
    text: int
    segment: int
    at: int


@dataclass
class Told:
    """See the module."""

    by_id: dict[int, Copy] = field(default_factory=dict)
    said: set[Copy] = field(default_factory=set)
    answered: set[int] = field(default_factory=set)
    never: set[int] = field(default_factory=set)  # ids of copies that never reached the gateway
    told_apart: bool = False  # a late answer named one of several messages of a text to a number
    again: bool = False  # … and which it was is not known any more, or there were several copies
    listed: dict[tuple[str, str, str], Heard] = field(default_factory=dict)
    whole: dict[int, list[int]] = field(default_factory=dict)  # text: its numbers
    unreached: set[tuple[int, int]] = field(default_factory=set)  # (text, number) that the network refuses
    cells: set[tuple[int, int, int]] = field(
        default_factory=set
    )  # (block, segment, place) that have had their final word

    def began(self, text: int, numbers: list[int], chance: Random) -> None:
        """A text leaves; whom it will reach is settled now."""
        self.whole[text] = numbers
        self.unreached |= {(text, number) for number in numbers if chance.random() < 0.3}

    def reached(self, copy: Copy) -> bool:
        """Whether that phone has it in the end."""
        return (copy.text, copy.number) not in self.unreached

    def named(self, copies: list[Copy]) -> None:
        """A late answer says which ids these have."""
        left = [(copy.text, copy.number) for copy in self.by_id.values()]
        self.told_apart |= any(left.count((copy.text, copy.number)) > 1 for copy in copies)

    # --- after every step ------------------------------------------------------------------------------------------------
    def counted(self, receipts: list[Records]) -> None:
        """A final word goes onto the tape once."""
        for row in (row for records in receipts for row in records):
            for place in range(int(row["start"]), int(row["start"]) + int(row["count"])):
                cell = (int(row["block"]), int(row["segment"]), place)
                must(cell not in self.cells, f"{cell} is counted twice")
                self.cells.add(cell)

    def judge(self, walk: Any) -> None:
        """Raises `Wrong` with what is not so."""
        final = self._final(walk)
        told = {(copy.text, copy.segment, copy.number) for copy in self.said}
        for cell, code in final.items():
            must(cell in told, f"nobody said anything of {cell}")
            right = FAILED if (cell[0], cell[2]) in self.unreached else DELIVERED
            must(code == right, f"{cell} is {code}, and {right} was said")
        held = {one for reports in walk.held for one in reports.ids.tolist()}
        listed = {int(one.message_id) for one in self.listed.values()}
        for copy in self.said:
            known = copy.id in held | listed or (copy.text, copy.segment, copy.number) in final
            must(known, f"{copy} was said and is nowhere")
        for copy in (copy for one in walk.flying for copy in one.copies if copy.id in listed):
            waits = walk.code_of(copy) != INTENDED  # an earlier copy's answer or receipt may have been first
            must(waits, f"{copy} was said before its answer, and is listed as being of nothing")
        for sheet in walk.book.sheets.values():
            shown = np.bincount(sheet.shown(slice(None)), minlength=16)
            must(bool((shown == sheet.totals).all()), f"text {sheet.broadcast} is tallied wrongly")

    @staticmethod
    def same(one: Book, other: Book) -> Book:
        """The other, which is the same."""
        must(set(one.sheets) == set(other.sheets), "other texts after a restart")
        for text, sheet in one.sheets.items():
            again = other.sheets[text]
            must(bool((sheet.state == again.state).all()), f"text {text} is another after a restart")
            must(bool((sheet.word == again.word).all()), f"text {text} says another word after a restart")
        return other

    # --- in the end ------------------------------------------------------------------------------------------------------
    def judge_orphans(self, walk: Any) -> None:
        """What an answer has named since is no longer listed as being of nothing."""
        for one in self.listed.values():
            copy = self.by_id[int(one.message_id)]
            named = copy.id in self.answered and copy.text in walk.book.sheets
            must(not named, f"{copy} was answered since, and is still listed as being of nothing")

    def judge_end(self, walk: Any, everything_said: bool) -> None:
        """Where every copy arrived and is reported, nobody is left over whom one text alone was sent to; with every answer, nobody.

        Where a segment left more than once, or the book was read again, a late answer to one of several messages does not say how
        many others are unaccounted for: these may stay in doubt.
        """
        if not everything_said or self.never or (self.told_apart and self.again):
            return
        for text, sheet in walk.book.sheets.items():
            others = {number for other, numbers in self.whole.items() if other != text for number in numbers}
            numbers = sheet.addresses(slice(None)).tolist()
            alone = [at for at, number in enumerate(numbers) if walk.hours_off or number not in others]
            codes = sheet.state[:, alone] & CODE_MASK
            must(bool(np.isin(codes, (DELIVERED, FAILED)).all()), f"text {text} is reported, and left over: {codes}")
        of_nothing = [one for one in self.listed.values() if self.by_id[int(one.message_id)].text in walk.book.sheets]
        must(not (walk.hours_off and of_nothing), f"answered, and listed as being of nothing: {of_nothing}")

    def _final(self, walk: Any) -> dict[tuple[int, int, int], int]:
        """(text, segment, number) of every cell that has its final word, and which, on disk and in memory."""
        found = {}
        states = {text: sheet.state for text, sheet in walk.book.sheets.items()}
        for text, block in walk.stored.items():
            states[text] = unpack_outcome(block.outcome, block.segments, block.count)[0]
        for text, state in states.items():
            codes = state & CODE_MASK
            for segment, position in zip(*np.nonzero((codes == DELIVERED) | (codes == FAILED)), strict=True):
                found[text, int(segment), self.whole[text][position]] = int(codes[segment, position])
        return found
