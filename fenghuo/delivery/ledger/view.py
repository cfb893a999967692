"""A broadcast as a page reads it: its blocks as of the last fold, with the unfolded tape applied to those it touches."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fenghuo.delivery.ledger import columns, store
from fenghuo.delivery.ledger.sheet import Sheet
from fenghuo.delivery.ledger.states import UNSENT


@dataclass(frozen=True)
class Place:
    """A block without its columns; `counts` are recipients per state code at the last fold."""

    id: int
    count: int
    account: str
    counts: bytes | None


@dataclass(frozen=True)
class OneBlock:
    """A block with its columns, up to date."""

    sheet: Sheet
    contacts: Any  # (n) uint64


@dataclass
class Reading:
    """See the module; blocks are read when asked for."""

    number: int
    segments: int
    index: list[Place]
    tail: list[tuple[int, int, columns.Records]]  # (kind, seconds, records)
    touched: frozenset[int]
    _kept: dict[int, OneBlock] = field(default_factory=dict)

    def matching(self, block: Place, wanted: list[int]) -> int:
        """How many of a block's recipients are shown in one of the wanted states."""
        if block.id in self.touched:
            return self.sheet(block).sheet.n(*wanted)
        if block.counts is None:
            return block.count if UNSENT in wanted else 0
        return int(columns.unpack_counts(block.counts)[wanted].sum())

    def sheet(self, block: Place) -> OneBlock:
        """The block's columns; of touched blocks all are read at once and kept."""
        if block.id in self.touched and not self._kept:
            self._kept = self._read(sorted(self.touched & {place.id for place in self.index}))
        return self._kept.get(block.id) or self._read([block.id])[block.id]

    def sheets(self, blocks: Sequence[Place]) -> list[OneBlock]:
        """Several blocks' columns, those not read yet in one read."""
        missing = [block.id for block in blocks if block.id not in self._kept]
        if missing:
            self._kept |= self._read(sorted(missing))
        return [self._kept[block.id] for block in blocks]

    def stretch(self, wanted: list[int], skip: int, size: int) -> tuple[list[tuple[OneBlock, int]], int]:
        """The blocks that hold places [skip, skip + size) of those shown in one of the wanted states, with how many of each
        block's come before; and how many are so shown in all. The number of reads does not grow with the blocks.
        """
        total, needed = 0, list[tuple[Place, int]]()
        for block in self.index:
            n = self.matching(block, wanted)
            if n and total < skip + size and total + n > skip:
                needed.append((block, max(0, skip - total)))
            total += n
        found = self.sheets([block for block, _ in needed])
        return [(one, first) for one, (_, first) in zip(found, needed, strict=True)], total

    def all_sheets(self) -> list[OneBlock]:
        """Every block's columns, up to date, in reading order."""
        self._kept = self._read(sorted(place.id for place in self.index))
        return [self._kept[place.id] for place in self.index]

    def _read(self, ids: list[int]) -> dict[int, OneBlock]:
        stored = store.some_blocks(ids)
        whole = Sheet.of(self.number, self.segments, stored)
        for kind, at, records in self.tail:
            whole.replay(kind, records, at)
        read = {}
        for slot, block in enumerate(stored):
            here = slice(whole.offsets[slot], whole.offsets[slot + 1])
            part = Sheet.of(self.number, self.segments, [block])
            part.state, part.word, part.at = whole.state[:, here], whole.word[here], whole.at[here]
            part.totals = np.bincount(part.shown(slice(None)), minlength=16)
            read[block.id] = OneBlock(part, columns.unpack_contacts(block.recipients, block.count))
        return read


def read(number: int, segments: int) -> Reading:
    """A broadcast's blocks and the tape of their accounts. The tape is read last: what a fold moved meanwhile is in the blocks.

    Whoever lists people reads within `store.snapshot()`: between two reads somebody may be handed over from one block to another.
    """
    index = [Place(*row) for row in store.block_index(number)]
    ids = np.array(sorted(place.id for place in index), dtype=np.int64)
    tail, touched = [], set[int]()
    for _, at, events in store.tape(sorted({place.account for place in index})):
        for kind, records in columns.unpack_events(events):
            mine = records[np.isin(records["block"], ids)]
            if len(mine):
                tail.append((kind, at // 1000, mine))
                touched.update(np.unique(mine["block"]).tolist())
    return Reading(number, segments, index, tail, frozenset(touched))


def own(number: int, segments: int, account: str) -> Sheet | None:
    """One account's recipients of a broadcast, folds and tape taken in; None where it has none. Of any broadcast, open or over."""
    blocks = store.load_blocks(number, account)
    if not blocks:
        return None
    sheet = Sheet.of(number, segments, blocks)
    for _, at, events in store.tape([account]):
        for kind, records in columns.unpack_events(events):
            sheet.replay(kind, records, at // 1000)
    return sheet
