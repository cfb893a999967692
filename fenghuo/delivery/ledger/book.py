"""An account's book: everything its sender must know of its recipients and submits, in memory, in columns.

Every method changes memory and adds the matching events; `actions.tape.commit` makes them durable. What is here is a function of
blocks, folds and tape alone, so a book that is thrown away and read again is the same book.
"""

from typing import Any

import numpy as np

from fenghuo.delivery.ledger import changes, columns
from fenghuo.delivery.ledger.columns import Records, distinct, every, neighbours
from fenghuo.delivery.ledger.elsewhere import Elsewhere
from fenghuo.delivery.ledger.receiving import Read
from fenghuo.delivery.ledger.sheet import Sheet, StoredBlock
from fenghuo.delivery.ledger.states import (
    ACCEPTED,
    AGAIN,
    CODE_MASK,
    IN_DOUBT,
    INTENDED,
    UNSENT,
)
from fenghuo.delivery.ledger.values import Claim


def _ranges_of(claim: Claim, block: int, segments: int) -> Records:
    """A claim's submits, in the order in which a line sends them: every segment of a batch in turn."""
    end = claim.start + claim.count
    starts = np.arange(claim.start, end, claim.batch)
    each = segments if claim.segment is None else 1
    records = np.zeros(len(starts) * each, dtype=columns.RANGE)
    records["block"] = block
    records["count"] = claim.batch
    records["count"][-each:] = end - starts[-1]
    records["start"] = starts if each == 1 else np.repeat(starts, each)
    if claim.segment is not None:
        records["segment"] = claim.segment
    elif each > 1:
        records["segment"] = np.tile(np.arange(segments), len(starts))
    return records


class Book(Elsewhere):
    """See the module."""

    def __init__(self, account: str, *, whole: bool = False, past: Read = lambda blocks: ()) -> None:
        super().__init__(account, whole, past)
        self.passed: dict[int, set[str]] = {}  # milestones by broadcast
        self.everything_paused = False
        self.applied = 0  # orders obeyed
        self.tape_bytes = 0
        self.let_go: set[int] = set()  # blocks of broadcasts that were dropped: no news when they are met again

    # --- reading the ledger in -------------------------------------------------------------------------------------------
    def take_in(self, sheet: Sheet) -> None:
        """A broadcast this account now serves."""
        sheet.whole = self.whole
        self.sheets[sheet.broadcast] = sheet
        self._call_back(sheet)
        self._held_again(sheet.broadcast)

    def grow(self, broadcast: int, blocks: list[StoredBlock]) -> None:
        """Blocks of a broadcast that this account serves were handed over to it."""
        self.sheets[broadcast].extend(blocks)
        self._places.forget(broadcast)

    def drop(self, broadcast: int, now: int = 0) -> None:
        """Nothing more can happen to this broadcast here, or nothing that a fold does not know; `now` in seconds."""
        sheet = self.sheets.pop(broadcast, None)
        if sheet is not None:
            self.let_go.update(sheet.blocks.tolist())
            self._let_go(sheet, now)
            self.forget_past(now)
            self.doubt_past(broadcast, sheet.addresses(sheet.doubted()), sheet.left or now, now)
        for kept in (self.jobs, self.passed):
            kept.pop(broadcast, None)
        self._places.forget(broadcast)

    # --- submits -----------------------------------------------------------------------------------------------------------
    def intend(self, claims: list[Claim], at: int) -> list[Any]:
        """These recipients may be reached from now on; for each claim its submits (int64), in the order of the line."""
        intended = []
        for claim in claims:
            sheet = self.sheets[claim.broadcast]
            records = _ranges_of(claim, int(sheet.blocks[claim.slot]), sheet.segments)
            first = self._note(sheet, claim.slot, records)
            self.events.append((columns.INTENT, records))
            sheet.dirty[claim.slot] = True
            sheet.begin(np.array([claim.slot]), at)
            intended.append(np.arange(first, self._n))
        for broadcast, begin, end, segment in self._joined(claims):
            sheet = self.sheets[broadcast]
            for one in range(sheet.segments) if segment is None else (segment,):
                sheet.change(changes.INTENT, one, slice(begin, end), at)
        return intended

    def _joined(self, claims: list[Claim]) -> list[tuple[int, int, int, int | None]]:
        """(broadcast, first position, end, segment) of claims, those that follow each other made one."""
        joined: list[tuple[int, int, int, int | None]] = []
        for claim in claims:
            begin = int(self.sheets[claim.broadcast].offsets[claim.slot]) + claim.start
            end = begin + claim.count
            if joined and joined[-1][0] == claim.broadcast and joined[-1][2:] == (begin, claim.segment):
                begin = joined.pop()[1]
            joined.append((claim.broadcast, begin, end, claim.segment))
        return joined

    def addresses(self, claim: Claim) -> Any:
        """The numbers of a claim, uint64."""
        sheet = self.sheets[claim.broadcast]
        first = int(sheet.offsets[claim.slot]) + claim.start
        return sheet.addresses(slice(first, first + claim.count))

    def destinations(self, pdus: Any) -> int:
        """How many recipients some submits have together; the segments of a text that is taken whole are one submit."""
        if self.whole:
            pdus = pdus[self._pdus["segment"][pdus] == 0]
        return int(self._pdus["count"][pdus].sum())

    def answer(self, pdus: Any, verdicts: Any, results: Any, ids: Any, words: Any, at: int) -> list[Claim]:
        """The gateway's answers. Returns what is to be sent anew: throttled submits whole, refused ones in halves."""
        rows = self._pdus[pdus]
        open_ = (rows["verdict"] == 0) & self._live(rows)
        if not every(open_):
            pdus, verdicts, results, ids, words = (column[open_] for column in (pdus, verdicts, results, ids, words))
            rows = rows[open_]
        self._pdus["verdict"][pdus] = verdicts
        self._pdus["low"][pdus] = ids
        records = self._records(rows, columns.PDU)
        records["verdict"], records["result"], records["word"] = verdicts, results, words
        records["base"], records["at"] = ids, at
        taken = verdicts == columns.TAKEN
        everything = every(taken)
        together = self._together(rows) if everything else None
        if together is None:
            self._log(columns.RESPONSE, rows, records, at)
        else:  # what is taken in the order in which it left is one change
            self.events.append((columns.RESPONSE, records))
            sheet, positions = together
            sheet.dirty[rows["slot"]] = True
            sheet.change(changes.TAKEN, 0, positions, at)
        if everything:
            self._messages.add(ids, pdus)
            self.answered.append(records)
            return []
        self._messages.add(ids[taken], pdus[taken])
        self.answered.append(records[taken])
        return [claim for pdu in np.flatnonzero(~taken) for claim in self._anew(int(pdus[pdu]), int(verdicts[pdu]))]

    def _together(self, rows: Any) -> tuple[Sheet, slice] | None:
        """The one run of recipients that some submits of a short text have together; None when they have not."""
        if len(rows) == 0:
            return None
        owners = rows["sheet"]
        sheet = self.sheets[int(owners[0])]
        if sheet.segments > 1 or not every(owners == owners[0]):
            return None
        positions = neighbours(rows["position"], rows["count"])
        return None if positions is None else (sheet, positions)

    def single(self, pdu: int) -> tuple[int, int, int] | None:
        """Whose submit it was (broadcast, slot, place in the block); None where several shared it."""
        row = self._pdus[pdu]
        number = int(row["sheet"])
        sheet = self.sheets.get(number)
        if sheet is None or row["count"] != 1:
            return None
        return number, int(row["slot"]), int(row["position"] - sheet.offsets[row["slot"]])

    def _anew(self, pdu: int, verdict: int) -> list[Claim]:
        row = self._pdus[pdu]
        sheet = self.sheets[int(row["sheet"])]
        start, count = int(row["position"] - sheet.offsets[row["slot"]]), int(row["count"])
        place = (int(row["sheet"]), int(row["slot"]))
        if sheet.whole and verdict == columns.RETRY:
            return [] if row["segment"] else [Claim(*place, start, count, count, None)]
        if verdict == columns.RETRY:
            return [Claim(*place, start, count, count, int(row["segment"]))]
        if count == 1:
            return []
        half = count // 2
        return [
            Claim(*place, start, half, half, int(row["segment"])),
            Claim(*place, start + half, count - half, count - half, int(row["segment"])),
        ]

    def doubt(self, pdus: Any, at: int) -> None:
        """No answer will come, or none came in time; one that comes after all is still taken by `answer`."""
        self._close_open(columns.DOUBT, pdus, at)

    def withdraw(self, pdus: Any, at: int) -> None:
        """Intended, and certainly never handed to the line."""
        self._close_open(columns.WITHDRAW, pdus, at)

    def _close_open(self, kind: int, pdus: Any, at: int) -> None:
        rows = self._pdus[pdus]
        rows = rows[(rows["verdict"] == 0) & self._live(rows)]
        if len(rows):
            self._log(kind, rows, self._records(rows, columns.RANGE), at)

    def _live(self, rows: Any) -> Any:
        owners = rows["sheet"]
        if len(self.sheets) == 1:
            return owners == next(iter(self.sheets))
        return np.isin(owners, list(self.sheets))

    def _records(self, rows: Any, layout: Any) -> Records:
        records = np.zeros(len(rows), dtype=layout)
        records["count"], records["segment"] = rows["count"], rows["segment"]
        owners = distinct(rows["sheet"])
        for number in owners:
            sheet = self.sheets[number]
            mine = slice(None) if len(owners) == 1 else rows["sheet"] == number
            slots = rows["slot"][mine]
            records["block"][mine] = sheet.blocks[slots]
            records["start"][mine] = rows["position"][mine] - sheet.offsets[slots]
        return records

    def _log(self, kind: int, rows: Any, records: Records, at: int) -> None:
        if len(records):
            self.events.append((kind, records))
            for number in distinct(rows["sheet"]):
                self.sheets[number].replay(kind, records, at)

    # --- what people and time decide -----------------------------------------------------------------------------------------
    def close(self, broadcast: int, code: int, at: int, *, among: Any = None) -> int:
        """Whoever has not been reached is stopped or expired, and nobody is reached again; returns how many changed.

        `among`: only these positions (bool), everyone when None.
        """
        sheet = self.sheets[broadcast]
        found = ((sheet.state & CODE_MASK == UNSENT) | (sheet.state & CODE_MASK == AGAIN)).any(axis=0)
        found = found if among is None else found & among
        ranges = sheet.runs_of(found)
        if not ranges:
            return 0
        records = np.zeros(len(ranges), dtype=columns.CLOSED)
        slots, starts, counts = (np.array(column) for column in zip(*ranges, strict=True))
        records["block"], records["start"], records["count"], records["code"] = (
            sheet.blocks[slots],
            starts,
            counts,
            code,
        )
        self.events.append((columns.CLOSE, records))
        sheet.replay(columns.CLOSE, records, at)
        return int(found.sum())

    def settle(self, broadcast: int, positions: Any, code: int, word: int, at: int) -> int:
        """A person decided on recipients in doubt: AGAIN, ACCEPTED or FAILED; returns how many cells it moved."""
        sheet = self.sheets[broadcast]
        codes = sheet.state[:, positions] & CODE_MASK
        segments, which = np.nonzero((codes == IN_DOUBT) | (codes == AGAIN))
        positions = positions[which]
        if len(positions) == 0:
            return 0
        if code == ACCEPTED:
            sheet.taken_after_all(segments, positions)
        slots = sheet.slot_at(positions)
        records = np.zeros(len(positions), dtype=columns.SETTLED)
        records["block"], records["index"] = sheet.blocks[slots], positions - sheet.offsets[slots]
        records["segment"], records["code"], records["word"] = segments, code, word
        self.events.append((columns.SETTLE, records))
        sheet.replay(columns.SETTLE, records, at)
        return len(positions)

    def doubt_leftovers(self, at: int) -> int:
        """After reading the ledger in: whatever is intended and was not answered is in doubt; returns how many cells."""
        total = 0
        for sheet in self.sheets.values():
            segments, positions = sheet.cells(INTENDED)
            if len(positions):
                records = sheet.records_of(segments, positions)
                self.events.append((columns.DOUBT, records))
                sheet.replay(columns.DOUBT, records, at)
                total += len(positions)
        return total
