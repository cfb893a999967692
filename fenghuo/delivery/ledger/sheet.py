"""The live columns of one broadcast in one account: what the sender holds in memory, and what a page rebuilds.

`N` recipients in block order, `S` segments of the text. A *position* is a
recipient's index in 0…N-1; a *cell* is segment × N + position.
"""

from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import Any

import numpy as np

from fenghuo.delivery.ledger import changes, columns
from fenghuo.delivery.ledger.columns import Records, every, expand, neighbours
from fenghuo.delivery.ledger.compact import unpack_outcome
from fenghuo.delivery.ledger.states import (
    AGAIN,
    CODE_MASK,
    DELIVERED,
    DOUBT_SHIFT,
    FAILED,
    IN_DOUBT,
    INTENDED,
    MOVED,
    UNSENT,
)

_WAITS = np.isin(np.arange(16), (INTENDED, IN_DOUBT, AGAIN))
AT_ONCE = 200  # blocks unpacked together: more costs memory and is no faster


@dataclass(frozen=True, slots=True)
class StoredBlock:
    """A block as it lies in the database; `outcome` is None until its first fold."""

    id: int
    count: int
    recipients: bytes
    outcome: bytes | None
    rank: int = 0  # the place of its recipients in the order of risk
    origin: int = 0  # the block in which they were frozen; itself, mostly


@dataclass(eq=False)
class Sheet:
    """See the module. `delta` gathers recipients per shown state since the tally last moved."""

    broadcast: int
    segments: int
    blocks: Any  # (slots) int64, ascending
    counts: Any  # (slots) int64
    offsets: Any  # (slots + 1) int64
    key: Any  # (N) uint64: slot << 36 | address, ascending
    state: Any  # (S, N) uint8
    word: Any  # (N) uint16
    at: Any  # (N) uint32, seconds since 1970
    dirty: Any  # (slots) bool: changed since the last fold
    totals: Any  # (16) int64: recipients per shown state
    rank: Any  # (slots) int64: who is sent first
    origin: Any  # (slots) int64: the blocks in which they were frozen
    begun: Any  # (slots) uint32: when the first of a block was intended, seconds since 1970; 0: not since this was read
    left: int = 0  # when the last of all was
    late: Any = None  # (S, N) bool, made with the first: of the copies in doubt one was taken after all
    delta: Any = field(default_factory=lambda: np.zeros(16, dtype=np.int64))
    whole: bool = False  # the gateway takes a text in one piece: its segments leave, and are reported on, together

    @classmethod
    def of(cls, broadcast: int, segments: int, blocks: list[StoredBlock]) -> "Sheet":
        """The sheet of stored blocks, which must come in ascending order of id."""
        counts = np.array([block.count for block in blocks], dtype=np.int64)
        offsets = np.concatenate(([0], np.cumsum(counts)))
        total = int(offsets[-1])
        key = np.empty(total, dtype=np.uint64)
        state = np.full((segments, total), UNSENT, dtype=np.uint8)
        word, at = np.zeros(total, dtype=np.uint16), np.zeros(total, dtype=np.uint32)
        first = 0
        for count, alike in groupby(blocks, key=lambda block: block.count):  # most are full: as one, not one by one
            while blobs := [block.recipients for block in islice(alike, AT_ONCE)]:
                key[offsets[first] : offsets[first + len(blobs)]] = columns.address_keys(blobs, count, first)
                first += len(blobs)
        for slot, block in enumerate(blocks):
            if block.outcome is not None:
                here = slice(int(offsets[slot]), int(offsets[slot + 1]))
                state[:, here], word[here], at[here] = unpack_outcome(block.outcome, segments, block.count)
        sheet = cls(
            broadcast=broadcast,
            segments=segments,
            blocks=np.array([block.id for block in blocks], dtype=np.int64),
            counts=counts,
            offsets=offsets,
            key=key,
            state=state,
            word=word,
            at=at,
            dirty=np.zeros(len(blocks), dtype=bool),
            totals=np.zeros(16, dtype=np.int64),
            rank=np.array([block.rank for block in blocks], dtype=np.int64),
            origin=np.array([block.origin for block in blocks], dtype=np.int64),
            begun=np.zeros(len(blocks), dtype=np.uint32),
        )
        sheet.totals = np.bincount(sheet.shown(slice(None)), minlength=16)
        return sheet

    def extend(self, blocks: list[StoredBlock]) -> None:
        """Blocks that were handed over: they stand behind the others, so that every position stays what it was."""
        more, base = (
            Sheet.of(self.broadcast, self.segments, blocks),
            np.uint64(len(self.blocks) << columns.ADDRESS_BITS),
        )
        self.key = np.concatenate((self.key, more.key + base))
        self.offsets = np.concatenate((self.offsets, more.offsets[1:] + len(self)))
        self.state = np.concatenate((self.state, more.state), axis=1)
        if self.late is not None:
            self.late = np.concatenate((self.late, np.zeros(more.state.shape, dtype=bool)), axis=1)
        for name in ("blocks", "counts", "word", "at", "dirty", "rank", "origin", "begun"):
            setattr(self, name, np.concatenate((getattr(self, name), getattr(more, name))))
        self.totals = self.totals + more.totals

    def __len__(self) -> int:
        return int(self.offsets[-1])

    def shown(self, where: Any) -> Any:
        """The state shown of some positions: the worst of their segments."""
        if self.segments == 1:
            return self.state[0, where] & CODE_MASK
        return (self.state[:, where] & CODE_MASK).max(axis=0)

    def n(self, *codes: int) -> int:
        """How many recipients are shown in any of these states."""
        return sum(map(self.totals.item, codes))

    def addresses(self, where: Any) -> Any:
        """The numbers of some positions, uint64."""
        return self.key[where] & np.uint64(columns.MAX_ADDRESS)

    def slots_of(self, block_ids: Any) -> Any:
        """Slots of block ids, all of which must be this sheet's."""
        return np.searchsorted(self.blocks, block_ids)

    def slot_at(self, positions: Any) -> Any:
        """The slot that holds each position."""
        return np.searchsorted(self.offsets, positions, side="right") - 1

    def holds(self, block_ids: Any) -> Any:
        """Which of some block ids are this sheet's (bool)."""
        found = np.minimum(np.searchsorted(self.blocks, block_ids), len(self.blocks) - 1)
        return self.blocks[found] == block_ids

    def begin(self, slots: Any, at: int) -> None:
        """Some of these blocks are intended now."""
        self.left = max(self.left, at)
        self.begun[slots] = np.where(self.begun[slots] == 0, at, self.begun[slots])

    def change(
        self, table: Any, segments: Any, positions: Any, at: Any, words: Any = None, *, theirs: bool = False
    ) -> None:
        """Apply one event to cells, each named at most once.

        `positions` is an index array or, for neighbours, a slice (much cheaper); `segments` is a number or runs beside them,
        as `at` (seconds) and `words` do. `theirs`: the time is that of something the gateway said, which moves no wait of ours.
        """
        before = self.state[segments, positions]
        if self.segments == 1 and isinstance(positions, slice) and len(before):
            alike = before[0]
            if every(before == alike):  # neighbours mostly are: no table and no counting per recipient
                self._change_alike(int(alike), int(table[alike]), positions, at, words)
                return
        after = table[before]
        changed = after != before
        everyone = every(changed)
        if self.segments == 1:
            moved = np.bincount(after & CODE_MASK, minlength=16) - np.bincount(before & CODE_MASK, minlength=16)
            self.state[segments, positions] = after
        else:
            people = positions if isinstance(positions, slice) else np.unique(positions)
            shown = np.bincount(self.shown(people), minlength=16)
            self.state[segments, positions] = after
            moved = np.bincount(self.shown(people), minlength=16) - shown
        self.totals += moved
        self.delta += moved
        if theirs and self.segments > 1:  # while another segment waits, what is kept is since when
            told = changed & ((after & CODE_MASK) == self.shown(positions))  # the word stands beside the state shown
            if words is not None:
                self._set(self.word, positions, words, told, bool(told.all()))
            changed = changed & ~_WAITS[self.state[:, positions] & CODE_MASK].any(axis=0)
            self._set(self.at, positions, at, changed, bool(changed.all()))
            return
        self._set(self.at, positions, at, changed, everyone)
        if words is not None:
            self._set(self.word, positions, words, changed, everyone)

    @staticmethod
    def _set(column: Any, positions: Any, values: Any, changed: Any, everyone: bool) -> None:
        if everyone:
            column[positions] = values
        elif isinstance(positions, slice):
            column[positions][changed] = values if np.ndim(values) == 0 else values[changed]
        else:
            column[positions[changed]] = values if np.ndim(values) == 0 else values[changed]

    def _change_alike(self, before: int, after: int, positions: slice, at: Any, words: Any) -> None:
        if before == after:
            return
        many = positions.stop - positions.start
        self.state[0, positions] = after
        for sums in (self.totals, self.delta):
            sums[before & CODE_MASK] -= many
            sums[after & CODE_MASK] += many
        self.at[positions] = at
        if words is not None:
            self.word[positions] = words

    # --- Events as they lie on the tape; `at` is seconds since 1970 ---------------------------------------------------
    def replay(self, kind: int, records: Records, at: int) -> None:
        """Apply an entry's records that are this sheet's. The order of calls is the order of the tape."""
        records = records[self.holds(records["block"])]
        if len(records) == 0:
            return
        slots = self.slots_of(records["block"])
        self.dirty[slots] = True
        starts = self.offsets[slots]
        if kind == columns.RECEIPT:
            self._replay_receipts(records, starts)
        elif kind == columns.SETTLE:
            self._replay_settled(records, starts, at)
        elif kind == columns.CLOSE:
            self._replay_close(records, starts, at)
        else:
            self._replay_ranges(kind, records, starts, at)

    def _replay_receipts(self, records: Records, starts: Any) -> None:
        for code, table in changes.RECEIPT.items():
            these = records["code"] == code
            if these.any():
                part = records[these]
                positions = expand(starts[these] + part["start"], part["count"])
                segments, words, done = (np.repeat(part[name], part["count"]) for name in ("segment", "word", "done"))
                self.change(table, segments, positions, done, words, theirs=True)

    def _replay_settled(self, records: Records, starts: Any, at: int) -> None:
        positions = starts + records["index"]
        for code, table in changes.SETTLE.items():
            these = records["code"] == code
            if these.any():
                self.change(table, records["segment"][these], positions[these], at, records["word"][these])

    def _replay_close(self, records: Records, starts: Any, at: int) -> None:
        for code, table in changes.CLOSE.items():
            these = records["code"] == code
            positions = expand(starts[these] + records["start"][these], records["count"][these])
            for segment in range(self.segments):
                self.change(table, segment, positions, at)

    def _replay_ranges(self, kind: int, records: Records, starts: Any, at: int) -> None:
        if kind == columns.RESPONSE:
            single = records["count"] == 1
            for verdict in (columns.TAKEN, columns.RETRY, columns.REFUSED):
                for alone in (True, False):
                    these = (records["verdict"] == verdict) & (single == alone)
                    if these.any():
                        table = changes.of_response(verdict, 1 if alone else 2)
                        self._ranges(table, records[these], starts[these], at)
            return
        if kind == columns.INTENT:
            self.begin(self.slots_of(records["block"]), at)
        table = {columns.INTENT: changes.INTENT, columns.DOUBT: changes.DOUBT, columns.WITHDRAW: changes.WITHDRAW}[kind]
        self._ranges(table, records, starts, at)

    def _ranges(self, table: Any, records: Records, starts: Any, at: int) -> None:
        counts = records["count"]
        firsts = starts + records["start"]
        positions: Any = neighbours(firsts, counts) if self.segments == 1 else None
        if positions is None:
            positions = expand(firsts, counts)
        segments = 0 if self.segments == 1 else np.repeat(records["segment"], counts)
        words = np.repeat(records["word"], counts) if table is changes.REFUSED else None
        # An answer to one segment moves no wait of another.
        self.change(table, segments, positions, at, words, theirs=table is changes.TAKEN)

    # --- What the sender asks ------------------------------------------------------------------------------------------
    @property
    def parts(self) -> int:
        """Submits that a message takes."""
        return 1 if self.whole else self.segments

    def unsent_messages(self) -> int:
        """Messages of recipients who are shown as unsent; each of their segments counts."""
        return self.n(UNSENT) * self.parts

    def unsent_runs(self) -> list[tuple[int, int, int]]:
        """(slot, start, count) of recipients of whom every segment is unsent, highest risk first."""
        return self.by_risk(self.runs_of((self.state == UNSENT).all(axis=0)))

    def by_risk(self, runs: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
        """Runs of a block in the order in which they are sent: what was handed over stands where it was frozen."""
        return sorted(runs, key=lambda run: (int(self.rank[run[0]]), run))

    def leftover_runs(self, but: Any = False) -> list[tuple[int, int, int, int | None]]:
        """(slot, start, count, segment) of single segments to send: the rest of a message that has begun, or ordered again.

        `but`: cells to leave out (bool, segments × positions).
        """
        begun, codes = ~(self.state == UNSENT).all(axis=0), self.state & CODE_MASK
        wanted = (((codes == UNSENT) & begun) | (codes == AGAIN)) & ~np.asarray(but)
        if self.whole:
            return [(*run, None) for run in self.runs_of(wanted.any(axis=0))]
        return [(*run, segment) for segment in range(self.segments) for run in self.runs_of(wanted[segment])]

    def unsent(self, slot: int, start: int, count: int) -> list[tuple[int, int]]:
        """(start, count) of those of a block's recipients of whom no segment has left."""
        first = int(self.offsets[slot]) + start
        untouched = (self.state[:, first : first + count] == UNSENT).all(axis=0)
        return [(start, count)] if untouched.all() else _runs(untouched, start)

    def waiting(self, slot: int, start: int, count: int, segment: int | None) -> list[tuple[int, int]]:
        """(start, count) of those of a block's recipients for whom this segment, or any, has still to leave, or to leave again."""
        first = int(self.offsets[slot]) + start
        rows = slice(None) if segment is None else slice(segment, segment + 1)
        codes = self.state[rows, first : first + count] & CODE_MASK
        return _runs(((codes == UNSENT) | (codes == AGAIN) | (codes == IN_DOUBT)).any(axis=0), start)

    def runs_of(self, mask: Any) -> list[tuple[int, int, int]]:
        """(slot, start, count) of the runs of True in a mask over positions; a run never crosses a block."""
        per_block = np.add.reduceat(mask, self.offsets[:-1], dtype=np.int64)
        found = []
        for slot in np.flatnonzero(per_block).tolist():
            if per_block[slot] == self.counts[slot]:
                found.append((slot, 0, int(self.counts[slot])))
                continue
            here = mask[self.offsets[slot] : self.offsets[slot + 1]]
            found += [(slot, int(start), int(length)) for start, length in columns.runs(here)]
        return found

    def cells(self, *codes: int) -> tuple[Any, Any]:
        """(segments, positions) of the cells in any of these states."""
        wanted = np.isin(self.state & CODE_MASK, codes)
        segments, positions = np.nonzero(wanted)
        return segments, positions

    def taken_after_all(self, segments: Any, positions: Any) -> None:
        """Cells are about to be accepted, by a late answer or a person's word: where they are in doubt, no further copy is."""
        codes = self.state[segments, positions] & CODE_MASK
        known = (codes == IN_DOUBT) | (codes == AGAIN)
        if known.any():
            self.late = np.zeros(self.state.shape, dtype=bool) if self.late is None else self.late
            self.late[segments[known], positions[known]] = True

    def doubts(self, segments: Any, positions: Any) -> Any:
        """How many copies of cells were in doubt and still are, as far as is known since this was read."""
        counted = self.state[segments, positions] >> DOUBT_SHIFT
        return counted if self.late is None else counted - (self.late[segments, positions] & (counted > 0))

    def doubted(self) -> Any:
        """Positions of whom a copy is unaccounted for, whatever became of them."""
        doubts = self.state >> DOUBT_SHIFT
        if self.late is not None:
            codes = self.state & CODE_MASK
            doubts -= self.late & (doubts > 0) & ((codes == DELIVERED) | (codes == FAILED))
        return np.flatnonzero(doubts.any(axis=0))

    def records_of(self, segments: Any, positions: Any) -> Records:
        """Range records of one recipient each, for cells."""
        slots = self.slot_at(positions)
        records = np.zeros(len(positions), dtype=columns.RANGE)
        records["block"] = self.blocks[slots]
        records["start"] = positions - self.offsets[slots]
        records["count"] = 1
        records["segment"] = segments
        return records

    @property
    def taken_over(self) -> bool:
        """Whether somebody in doubt lives on in another account: of copies that left here receipts are waited for all the same."""
        if not self.n(MOVED):
            return False
        return bool(((self.state & CODE_MASK == MOVED) & (self.state >> DOUBT_SHIFT > 0)).any())

    @property
    def finished(self) -> bool:
        """Nothing is on the line, waiting, unsent or in doubt; accepted may still turn into delivered."""
        return self.n(UNSENT, INTENDED, IN_DOUBT, AGAIN) == 0


def _runs(mask: Any, offset: int) -> list[tuple[int, int]]:
    return [(offset + start, length) for start, length in columns.runs(mask).tolist()]
