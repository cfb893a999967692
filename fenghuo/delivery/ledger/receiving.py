"""Matching status reports to recipients: the part of an account's book that a busy gateway calls most."""

from typing import Any

import numpy as np

from fenghuo.delivery.ledger import changes, columns
from fenghuo.delivery.ledger.columns import Records, distinct, rising, stretches
from fenghuo.delivery.ledger.messages import NOWHERE, Messages
from fenghuo.delivery.ledger.sheet import Sheet
from fenghuo.delivery.ledger.states import ACCEPTED, AGAIN, CODE_MASK, DELIVERED, FAILED, IN_DOUBT, INTENDED, MOVED
from fenghuo.delivery.ledger.values import Found, Heard, Reports

_PDU = np.dtype(
    [
        ("sheet", "i4"),
        ("position", "i8"),
        ("count", "u8"),
        ("segment", "i2"),
        ("slot", "i4"),
        ("low", "u8"),
        ("verdict", "u1"),
    ]
)
_OPEN = (INTENDED, ACCEPTED, IN_DOUBT, AGAIN)


def _repeated(cells: Any) -> bool:
    """Whether a cell is named twice. Sorting values is many times cheaper than finding out which."""
    if (cells[1:] > cells[:-1]).all():
        return False
    ordered = np.sort(cells)
    return bool((ordered[1:] == ordered[:-1]).any())


class Receiving:
    """What `Book` does with receipts; `sheets`, the submits and the gathered events are the book's."""

    def __init__(self, account: str, whole: bool) -> None:
        self.account = account
        self.whole = whole  # the gateway takes a text in one piece, and reports on it once
        self.sheets: dict[int, Sheet] = {}
        self.events: list[tuple[int, Records]] = []
        self.inbound: list[Heard] = []
        self.called: list[int] = []  # callbacks that these events carry out
        self._messages = Messages()
        self._pdus = np.zeros(1024, dtype=_PDU)
        self._n = 0
        self._by_address: dict[int, tuple[Any, Any]] = {}

    def receive(self, reports: Reports, at_ms: int, *, hold: bool) -> Reports | None:
        """Status reports. With `hold`, those that the answer to a submit still on the line may explain are handed back.

        The destination is authoritative. A report belongs to the submit that owns its id and has that destination; else to the
        only cell that left for that number and is not final; else it is an orphan, listed.
        """
        pdus = self._messages.find(reports.ids, self._pdus["count"])
        # Reports of one submit come together: its row is looked up once for all of them.
        heads, lengths = stretches(pdus[1:] != pdus[:-1])
        ours = pdus[heads]
        rows = self._pdus[ours]
        owners = np.where(ours == NOWHERE, NOWHERE, rows["sheet"])
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
        columns_ = (rows[name] for name in ("slot", "segment", "position", "low", "count"))
        alone = len(rows) == len(reports)  # one destination to a submit
        slots, segments, begin, low, counts = columns_ if alone else (np.repeat(one, lengths) for one in columns_)
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
        """Matched reports; on a text that was taken whole, each speaks for all its segments."""
        if not self.whole:
            self._enter_cells(sheet, slots, segments, positions, reports, at_ms)
            return
        for segment in range(sheet.segments):
            self._enter_cells(sheet, slots, np.full_like(segments, segment), positions, reports, at_ms)

    def _enter_cells(
        self, sheet: Sheet, slots: Any, segments: Any, positions: Any, reports: Reports, at_ms: int
    ) -> None:
        """The first final word of a cell wins, a later one that says otherwise is kept as evidence."""
        together = rising(positions) if sheet.segments == 1 else None
        codes = (sheet.state[0, together] if together else sheet.state[segments, positions]) & CODE_MASK
        fresh = (codes != DELIVERED) & (codes != FAILED) & (codes != MOVED)
        if together is None and len(positions) > 1:
            cells = segments.astype(np.int64) * len(sheet) + positions
            if _repeated(cells):
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
        first, lengths = stretches(breaks)
        where = slots[first]
        records = np.zeros(len(first), dtype=columns.RECEIVED)
        records["block"] = sheet.blocks[where]
        records["start"] = positions[first] - sheet.offsets[where]
        records["count"] = lengths
        records["segment"], records["code"] = segments[first], codes[first]
        records["word"], records["done"] = words[first], done[first]
        self.events.append((columns.RECEIPT, records))
        sheet.dirty[where] = True
        for code in distinct(records["code"]):
            table, these = changes.RECEIPT[code], codes == code
            if these.all():
                if together:
                    sheet.change(table, 0, together, done, words)
                else:
                    sheet.change(table, segments, positions, done, words)
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
            codes = sheet.state[: sheet.parts, positions] & CODE_MASK
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
                Heard(kind, self.account, at_ms, str(message), str(address), text.decode("latin-1").replace("\0", " "))
            )

    def positions_of(self, broadcast: int, addresses: Any) -> Any:
        """Where these numbers stand in a broadcast; numbers it does not hold are left out."""
        sheet = self.sheets[broadcast]
        ordered, order = self._address_index(sheet)
        at = np.minimum(np.searchsorted(ordered, addresses), len(ordered) - 1)
        return order[at[ordered[at] == addresses]].astype(np.int64)
