"""An account's book: everything its sender must know of its recipients and submits, in memory, in columns.

Every method changes memory and adds the matching events; `actions.tape.commit` makes them durable. What is here is a function of
blocks, folds and tape alone, so a book that is thrown away and read again is the same book.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fenghuo.delivery.ledger import changes, columns
from fenghuo.delivery.ledger.columns import Records, distinct, rising
from fenghuo.delivery.ledger.messages import NOWHERE, Messages
from fenghuo.delivery.ledger.sheet import Sheet
from fenghuo.delivery.ledger.states import (
    ACCEPTED,
    AGAIN,
    CODE_MASK,
    DELIVERED,
    FAILED,
    IN_DOUBT,
    INTENDED,
    UNSENT,
)

_PDU = np.dtype(
    [
        ("sheet", "i4"),
        ("position", "i8"),
        ("count", "i4"),
        ("segment", "i2"),
        ("slot", "i4"),
        ("low", "u8"),
        ("verdict", "u1"),
    ]
)
_OPEN = (INTENDED, ACCEPTED, IN_DOUBT, AGAIN)


@dataclass(frozen=True)
class Job:
    """What orders and the freeze say about a broadcast; times are milliseconds since 1970."""

    number: int
    id: str
    parent: str
    lane: int
    text: str
    src_id: str
    policy: str
    segments: int
    expires_at: int
    released_at: int
    recalled_at: int | None
    paused: bool


@dataclass(frozen=True)
class Claim:
    """Recipients [start, start + count) of a block, to be sent `batch` to a submit: whole messages, or one `segment` alone."""

    broadcast: int
    slot: int
    start: int
    count: int
    batch: int
    segment: int | None = None


@dataclass(eq=False)
class Reports:
    """Receipts on their way into the book: parallel arrays; `words` are numbers of status words."""

    ids: Any
    addresses: Any
    codes: Any
    words: Any
    done: Any
    texts: Any

    def part(self, which: Any) -> "Reports":
        return Reports(*(column[which] for column in self._columns()))

    def _columns(self) -> tuple[Any, ...]:
        return self.ids, self.addresses, self.codes, self.words, self.done, self.texts

    def __len__(self) -> int:
        return len(self.ids)


@dataclass
class Found:
    """Recipients whom an address may mean: aligned arrays, one line per candidate cell."""

    report: list[int] = field(default_factory=list)
    sheet: list[int] = field(default_factory=list)
    segment: list[int] = field(default_factory=list)
    position: list[int] = field(default_factory=list)
    code: list[int] = field(default_factory=list)


def _ranges_of(claim: Claim, block: int, segments: int) -> Records:
    """A claim's submits, in the order in which a line sends them: every segment of a batch in turn."""
    starts = np.arange(claim.start, claim.start + claim.count, claim.batch)
    counts = np.minimum(claim.batch, claim.start + claim.count - starts)
    each = segments if claim.segment is None else 1
    records = np.zeros(len(starts) * each, dtype=columns.RANGE)
    records["block"] = block
    records["start"] = starts if each == 1 else np.repeat(starts, each)
    records["count"] = counts if each == 1 else np.repeat(counts, each)
    records["segment"] = np.tile(np.arange(segments), len(starts)) if claim.segment is None else claim.segment
    return records


class Book:
    """See the module."""

    def __init__(self, account: str) -> None:
        self.account = account
        self.sheets: dict[int, Sheet] = {}
        self.jobs: dict[int, Job] = {}
        self.passed: dict[int, set[str]] = {}  # milestones by broadcast
        self.everything_paused = False
        self.applied = 0  # orders obeyed
        self.events: list[tuple[int, Records]] = []
        self.inbound: list[tuple[str, str, int, str, str, str]] = []
        self.answered: list[Records] = []  # taken since the last fold: the next page of submissions
        self.tape_bytes = 0
        self._messages = Messages()
        self._pdus = np.zeros(1024, dtype=_PDU)
        self._n = 0
        self._by_address: dict[int, tuple[Any, Any]] = {}

    # --- reading the ledger in -------------------------------------------------------------------------------------------
    def take_in(self, sheet: Sheet) -> None:
        """A broadcast this account now serves."""
        self.sheets[sheet.broadcast] = sheet

    def drop(self, broadcast: int) -> None:
        """Nothing more can happen to this broadcast here."""
        for kept in (self.sheets, self.jobs, self.passed):
            kept.pop(broadcast, None)
        self._by_address.pop(broadcast, None)

    def remember(self, taken: Records) -> None:
        """Submits taken earlier, as `columns.PDU`, so that their receipts are known."""
        for sheet in self.sheets.values():
            mine = taken[sheet.holds(taken["block"])]
            if len(mine):
                first = self._note(sheet, sheet.slots_of(mine["block"]), mine)
                self._pdus["low"][first : self._n] = mine["base"]
                self._messages.add(mine["base"], np.arange(first, self._n))

    def _note(self, sheet: Sheet, slots: Any, ranges: Records) -> int:
        first, end = self._n, self._n + len(ranges)
        if end > len(self._pdus):
            self._pdus = np.resize(self._pdus, max(end, 2 * len(self._pdus)))
        here = self._pdus[first:end]
        here["sheet"], here["slot"], here["verdict"] = sheet.broadcast, slots, 0
        here["position"] = sheet.offsets[slots] + ranges["start"]
        here["count"], here["segment"] = ranges["count"], ranges["segment"]
        self._n = end
        return first

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
        """How many recipients some submits have together."""
        return int(self._pdus["count"][pdus].sum())

    def answer(self, pdus: Any, verdicts: Any, results: Any, ids: Any, words: Any, at: int) -> list[Claim]:
        """The gateway's answers. Returns what is to be sent anew: throttled submits whole, refused ones in halves."""
        open_ = (self._pdus["verdict"][pdus] == 0) & self._live(pdus)
        pdus, verdicts, results, ids, words = (column[open_] for column in (pdus, verdicts, results, ids, words))
        self._pdus["verdict"][pdus] = verdicts
        records = self._records(pdus, columns.PDU)
        records["verdict"], records["result"], records["word"] = verdicts, results, words
        records["base"], records["at"] = ids, at
        self._log(columns.RESPONSE, pdus, records, at)
        taken = verdicts == columns.TAKEN
        self._pdus["low"][pdus] = ids
        self._messages.add(ids[taken], pdus[taken])
        self.answered.append(records[taken])
        if taken.all():
            return []
        return [claim for pdu in np.flatnonzero(~taken) for claim in self._anew(int(pdus[pdu]), int(verdicts[pdu]))]

    def _anew(self, pdu: int, verdict: int) -> list[Claim]:
        row = self._pdus[pdu]
        sheet = self.sheets[int(row["sheet"])]
        start, count = int(row["position"] - sheet.offsets[row["slot"]]), int(row["count"])
        place = (int(row["sheet"]), int(row["slot"]))
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
        pdus = pdus[(self._pdus["verdict"][pdus] == 0) & self._live(pdus)]
        if len(pdus):
            self._log(kind, pdus, self._records(pdus, columns.RANGE), at)

    def _live(self, pdus: Any) -> Any:
        owners = self._pdus["sheet"][pdus]
        if len(self.sheets) == 1:
            return owners == next(iter(self.sheets))
        return np.isin(owners, list(self.sheets))

    def _records(self, pdus: Any, layout: Any) -> Records:
        rows, records = self._pdus[pdus], np.zeros(len(pdus), dtype=layout)
        records["count"], records["segment"] = rows["count"], rows["segment"]
        for number in distinct(rows["sheet"]):
            sheet, mine = self.sheets[number], rows["sheet"] == number
            slots = rows["slot"][mine]
            records["block"][mine] = sheet.blocks[slots]
            records["start"][mine] = rows["position"][mine] - sheet.offsets[slots]
        return records

    def _log(self, kind: int, pdus: Any, records: Records, at: int) -> None:
        if len(records):
            self.events.append((kind, records))
            for number in distinct(self._pdus["sheet"][pdus]):
                self.sheets[number].replay(kind, records, at)

    # --- receipts ------------------------------------------------------------------------------------------------------------
    def receive(self, reports: Reports, at_ms: int, *, hold: bool) -> Reports | None:
        """Status reports. With `hold`, those that the answer to a submit still on the line may explain are handed back.

        The destination is authoritative. A report belongs to the submit that owns its id and has that destination; else to the
        only cell that left for that number and is not final; else it is an orphan, listed.
        """
        pdus = self._messages.find(reports.ids, self._pdus["count"])
        # Reports of one submit come together: its row is looked up once for all of them.
        heads = np.concatenate(([0], np.flatnonzero(pdus[1:] != pdus[:-1]) + 1))
        lengths, rows = np.diff(heads, append=len(pdus)), self._pdus[pdus[heads]]
        owners = np.where(pdus[heads] == NOWHERE, NOWHERE, rows["sheet"])
        rest = np.ones(len(reports), dtype=bool)
        for number in distinct(owners):
            sheet = self.sheets.get(number)
            if sheet is None:
                continue
            mine = owners == number
            if mine.all():
                rest = ~self._match(sheet, rows, lengths, reports, at_ms)
                break
            which = np.flatnonzero(np.repeat(mine, lengths))
            rest[which[self._match(sheet, rows[mine], lengths[mine], reports.part(which), at_ms)]] = False
        if not rest.any():
            return None
        return self._by_destination(reports.part(rest), at_ms, hold)

    def _match(self, sheet: Sheet, rows: Any, lengths: Any, reports: Reports, at_ms: int) -> Any:
        """Which reports have the destination their submit had (`rows`, each for `lengths` of them); those are entered."""
        slots, segments, begin, low, counts = (
            np.repeat(rows[name], lengths) for name in ("slot", "segment", "position", "low", "count")
        )
        keys = (slots.astype(np.uint64) << np.uint64(columns.ADDRESS_BITS)) | reports.addresses
        # Most gateways number the destinations of a submit in order: look there first.
        steps = np.minimum((reports.ids - low) & np.uint64(0xFFFF), counts - np.uint64(1))
        positions = begin + steps.astype(np.int64)
        matched = sheet.key[positions] == keys
        if matched.all():
            self._enter(sheet, slots, segments, positions, reports, at_ms)
            return matched
        others = np.flatnonzero(~matched)
        at = np.minimum(np.searchsorted(sheet.key, keys[others]), len(sheet) - 1)
        first = begin[others]
        matched[others] = (
            (sheet.key[at] == keys[others]) & (at >= first) & (at < first + counts[others].astype(np.int64))
        )
        positions[others] = at
        if matched.any():
            part = reports.part(matched)
            self._enter(sheet, slots[matched], segments[matched], positions[matched], part, at_ms)
        return matched

    def _enter(self, sheet: Sheet, slots: Any, segments: Any, positions: Any, reports: Reports, at_ms: int) -> None:
        """Matched reports: the first final word of a cell wins, a later one that says otherwise is kept as evidence."""
        together = rising(positions) if sheet.segments == 1 else None
        codes = (sheet.state[0, together] if together else sheet.state[segments, positions]) & CODE_MASK
        fresh = (codes != DELIVERED) & (codes != FAILED)
        if together is None and len(positions) > 1:
            cells = segments.astype(np.int64) * len(sheet) + positions
            if not (cells[1:] > cells[:-1]).all():
                first = np.zeros(len(cells), dtype=bool)
                first[np.unique(cells, return_index=True)[1]] = True
                fresh &= first
        if fresh.all():
            self._report(sheet, slots, segments, positions, reports, together)
            return
        if fresh.any():
            self._report(sheet, slots[fresh], segments[fresh], positions[fresh], reports.part(fresh), None)
        says = sheet.state[segments, positions] & CODE_MASK
        self._keep("conflict", reports.part(says != reports.codes), at_ms)

    def _report(
        self, sheet: Sheet, slots: Any, segments: Any, positions: Any, reports: Reports, together: slice | None
    ) -> None:
        """Final words of distinct cells that had none: into the sheet and, neighbours together, onto the tape."""
        codes, words, done = reports.codes, reports.words, reports.done
        breaks = positions[1:] != positions[:-1] + 1
        for column in (slots, segments, codes, words, done):
            breaks |= column[1:] != column[:-1]
        first = np.concatenate(([0], np.flatnonzero(breaks) + 1))
        where = slots[first]
        records = np.zeros(len(first), dtype=columns.RECEIVED)
        records["block"] = sheet.blocks[where]
        records["start"] = positions[first] - sheet.offsets[where]
        records["count"] = np.diff(first, append=len(positions))
        records["segment"], records["code"] = segments[first], codes[first]
        records["word"], records["done"] = words[first], done[first]
        self.events.append((columns.RECEIPT, records))
        sheet.dirty[where] = True
        for code in distinct(records["code"]):
            table, these = changes.RECEIPT[code], codes == code
            if these.all():
                cells = (0, together) if together else (segments, positions)
                sheet.change(table, *cells, done, words)
                return
            sheet.change(table, segments[these], positions[these], done[these], words[these])

    def _by_destination(self, reports: Reports, at_ms: int, hold: bool) -> Reports | None:
        found = self._candidates(reports)
        owners = np.array(found.report, dtype=np.int64)
        candidates = np.bincount(owners, minlength=len(reports))
        waiting = np.zeros(len(reports), dtype=bool)
        if hold and len(owners):
            waiting[owners[np.array(found.code) == INTENDED]] = True
        for line in np.flatnonzero((candidates[owners] == 1) & ~waiting[owners]).tolist() if len(owners) else []:
            one = reports.part(slice(found.report[line], found.report[line] + 1))
            sheet = self.sheets[found.sheet[line]]
            segment, position = np.array([found.segment[line]]), np.array([found.position[line]])
            self._enter(sheet, sheet.slot_at(position), segment, position, one, at_ms)
        self._keep("orphan", reports.part((candidates != 1) & ~waiting), at_ms)
        return reports.part(waiting) if waiting.any() else None

    def _candidates(self, reports: Reports) -> Found:
        """Every cell that left for one of these numbers and is not final."""
        found = Found()
        for number, sheet in self.sheets.items():
            ordered, order = self._address_index(sheet)
            at = np.minimum(np.searchsorted(ordered, reports.addresses), len(ordered) - 1)
            hits = np.flatnonzero((ordered[at] == reports.addresses) & (reports.addresses != 0))
            positions = order[at[hits]]
            codes = sheet.state[:, positions] & CODE_MASK
            segments, lines = np.nonzero(np.isin(codes, _OPEN))
            found.report += hits[lines].tolist()
            found.sheet += [number] * len(lines)
            found.segment += segments.tolist()
            found.position += positions[lines].tolist()
            found.code += codes[segments, lines].tolist()
        return found

    def _address_index(self, sheet: Sheet) -> tuple[Any, Any]:
        index = self._by_address.get(sheet.broadcast)
        if index is None:
            numbers = sheet.addresses(slice(None))
            order = np.argsort(numbers, kind="stable").astype(np.int32)
            index = self._by_address[sheet.broadcast] = (numbers[order], order)
        return index

    def _keep(self, kind: str, reports: Reports, at_ms: int) -> None:
        for message, address, text in zip(
            reports.ids.tolist(), reports.addresses.tolist(), reports.texts.tolist(), strict=True
        ):
            self.inbound.append(
                (kind, self.account, at_ms, str(message), str(address), text.decode("latin-1").replace("\0", " "))
            )

    # --- what people and time decide -----------------------------------------------------------------------------------------
    def close(self, broadcast: int, code: int, at: int) -> int:
        """Whoever has not been reached is stopped or expired, and nobody is reached again; returns how many changed."""
        sheet = self.sheets[broadcast]
        found = ((sheet.state & CODE_MASK == UNSENT) | (sheet.state & CODE_MASK == AGAIN)).any(axis=0)
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

    def positions_of(self, broadcast: int, addresses: Any) -> Any:
        """Where these numbers stand in a broadcast; numbers it does not hold are left out."""
        sheet = self.sheets[broadcast]
        ordered, order = self._address_index(sheet)
        at = np.minimum(np.searchsorted(ordered, addresses), len(ordered) - 1)
        return order[at[ordered[at] == addresses]].astype(np.int64)
