"""Status reports of submits that are known: into the sheet and onto the tape; what contradicts is kept as evidence."""

from typing import Any

import numpy as np

from fenghuo.delivery.ledger import changes, columns
from fenghuo.delivery.ledger.columns import Records, distinct, every, rising, stretches
from fenghuo.delivery.ledger.messages import NOWHERE
from fenghuo.delivery.ledger.news import News, news_of
from fenghuo.delivery.ledger.sheet import Sheet
from fenghuo.delivery.ledger.states import CODE_MASK, DELIVERED, FAILED, MOVED
from fenghuo.delivery.ledger.submits import Submits
from fenghuo.delivery.ledger.values import Heard, Reports

LONGEST_NAME = 130  # characters of an id that are kept for people
LONGEST_NUMBER = 32
MOST_ORPHANS = 10_000  # that are looked at again; all are kept


def _repeated(cells: Any) -> bool:
    """Whether a cell is named twice. Sorting values is many times cheaper than finding out which."""
    if every(cells[1:] > cells[:-1]):
        return False
    ordered = np.sort(cells)
    return bool((ordered[1:] == ordered[:-1]).any())


def _numbers(reports: Reports) -> list[str]:
    """Whom reports are of, for people: the number, else what the carrier wrote in its place."""
    if reports.written is None:
        return [str(one) for one in reports.addresses.tolist()]
    pairs = zip(reports.addresses.tolist(), reports.written.values(), strict=True)
    return [str(number) if number else (text.strip()[:LONGEST_NUMBER] or "0") for number, text in pairs]


class Entering(Submits):
    """See the module; what is gathered here `actions.tape.commit` makes durable."""

    def __init__(self, account: str, whole: bool) -> None:
        super().__init__()
        self.account = account
        self.whole = whole  # the gateway takes a text in one piece, and reports on it once
        self.events: list[tuple[int, Records]] = []
        self.answered: list[Records] = []  # taken since the last fold: the next page of submissions
        self.inbound: list[Heard] = []
        self.elsewhere: dict[int, list[News]] = {}  # of people who live on in another account, by broadcast
        self.orphans: dict[tuple[str, str, str], Heard] = {}

    def _by_id(self, reports: Reports, pdus: Any, at_ms: int) -> Any:
        """Which reports (bool) are left over once those are entered that have the destination of their submit (`pdus`)."""
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
            if every(mine):
                rest = ~self._match(sheet, rows, lengths, reports, at_ms)
                break
            which = np.flatnonzero(np.repeat(mine, lengths))
            rest[which[self._match(sheet, rows[mine], lengths[mine], reports.part(which), at_ms)]] = False
        return rest

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
        if every(matched):
            self._enter(sheet, slots, segments, positions, reports, at_ms)
            return matched
        others = np.flatnonzero(~matched)
        at = np.minimum(np.searchsorted(sheet.key, keys[others]), len(sheet) - 1)
        first = begin[others]
        matched[others] = (
            (sheet.key[at] == keys[others]) & (at >= first) & (at < first + counts[others].astype(np.int64))
        )
        nameless = self._told_by_id(reports.part(others), counts[others])
        matched[others] |= nameless
        positions[others] = np.where(nameless, first, at)
        if matched.any():
            part = reports.part(matched)
            self._enter(sheet, slots[matched], segments[matched], positions[matched], part, at_ms)
        return matched

    def _told_by_id(self, reports: Reports, counts: Any) -> Any:
        """Which reports (bool) name no number that can be read, and need none: their id was given once, to a submit to one."""
        nameless = (reports.addresses == 0) & (counts == 1)
        if nameless.any():
            ids = reports.ids[nameless]
            nameless[nameless] = (self._messages.times(ids) == 1) & (self._gone.find(ids)["count"] == 0)
        return nameless

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
        if every(fresh):
            self._report(sheet, slots, segments, positions, reports, together)
            return
        if fresh.any():
            self._report(sheet, slots[fresh], segments[fresh], positions[fresh], reports.part(fresh), None)
        says = sheet.state[segments, positions] & CODE_MASK
        gone = says == MOVED
        if gone.any():
            self._pass_on(sheet, segments[gone], positions[gone], reports.part(gone))
        self._keep("conflict", reports.part(~gone & (says != reports.codes)), at_ms, sheet.broadcast)

    def _pass_on(self, sheet: Sheet, segments: Any, positions: Any, reports: Reports) -> None:
        """These live on in another account: it is told, in the next commit."""
        if len(positions):
            self.elsewhere.setdefault(sheet.broadcast, []).extend(news_of(sheet, segments, positions, reports))

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
            if every(these):
                if together:
                    sheet.change(table, 0, together, done, words)
                else:
                    sheet.change(table, segments, positions, done, words, theirs=True)
                return
            sheet.change(table, segments[these], positions[these], done[these], words[these], theirs=True)

    def _keep(self, kind: str, reports: Reports, at_ms: int, about: int | None = None) -> None:
        if not len(reports):
            return
        names = (
            reports.names.values() if reports.names is not None else [str(one) if one else "" for one in reports.ids]
        )
        lines = zip(
            reports.ids.tolist(), _numbers(reports), reports.texts.tolist(), reports.codes.tolist(),
            reports.stated().tolist(), reports.done.tolist(), names, strict=True,
        )  # fmt: skip
        for message, address, text, code, submitted, done, name in lines:
            said = Heard(
                kind, self.account, at_ms, str(message) if message else f"@{done}", address,
                text.decode("latin-1").replace("\0", " "), carrier_id=name[:LONGEST_NAME], broadcast=about, outcome=code,
                submitted_at=submitted * 1000, done_at=done * 1000,
            )  # fmt: skip
            self.inbound.append(said)
            if kind == "orphan":
                self.remember_orphan(said)

    def remember_orphan(self, said: Heard) -> None:
        """It is looked at again when more is known."""
        self.orphans.setdefault(said.key, said)
        if len(self.orphans) > MOST_ORPHANS:
            del self.orphans[next(iter(self.orphans))]
