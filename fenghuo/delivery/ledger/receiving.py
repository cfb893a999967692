"""Whom a status report means: by its id, by what was let go, or by its number alone; and those that fit nothing yet."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fenghuo.delivery.ledger import columns
from fenghuo.delivery.ledger.columns import distinct, some
from fenghuo.delivery.ledger.compact import unpack_outcome
from fenghuo.delivery.ledger.copies import Addresses, Asked, Cell, Decided, Doubtful, cells_of, decide
from fenghuo.delivery.ledger.entering import Entering
from fenghuo.delivery.ledger.messages import NOWHERE
from fenghuo.delivery.ledger.sheet import Sheet
from fenghuo.delivery.ledger.states import AGAIN, CODE_MASK, DELIVERED, FAILED, IN_DOUBT, MOVED
from fenghuo.delivery.ledger.submits import KNOWN
from fenghuo.delivery.ledger.values import Heard, Job, PastBlock, Reports

Read = Callable[[Sequence[int]], Sequence[PastBlock]]


class Receiving(Entering):
    """See the module. `past` reads blocks of what is let go."""

    def __init__(self, account: str, whole: bool, past: Read = lambda blocks: ()) -> None:
        super().__init__(account, whole)
        self.jobs: dict[int, Job] = {}
        self.placed: list[Heard] = []  # orphans whose cell was found after all
        self.called: list[int] = []  # callbacks that these events carry out
        self.doubtful: dict[int, list[Doubtful]] = {}
        self._past = past
        self._places = Addresses()

    def receive(self, reports: Reports, at_ms: int, *, hold: bool) -> Reports | None:
        """Status reports. With `hold`, those that the answer to a submit still on the line may explain are handed back.

        The destination is authoritative. A report belongs to the submit that owns its id and has that destination (or, where it
        names none, went to one alone), also where its broadcast was let go; else to whatever left for that number and alone
        comes into question (`copies`); else it is an orphan, kept and looked at again.
        """
        counts = self._pdus["count"]
        rest = self._by_id(reports, self._messages.find(reports.ids, counts), at_ms)
        if not some(rest):
            return None
        reports = reports.part(rest)
        # Where ids wrap, two submits may have had the same: the destination tells which.
        rest = self._by_id(reports, self._messages.carried(reports.ids, counts), at_ms)
        if not some(rest):
            return None
        reports = reports.part(rest)
        known = self._known_before(reports, at_ms)
        return None if known.all() else self._by_number(reports.part(~known), at_ms, hold)

    def account_for(self, pdus: Any) -> None:
        """Answers to these submits, which were given up on, are about to be entered: their copies are known from now on."""
        rows = self._pdus[pdus]
        rows = rows[rows["verdict"] == 0]
        for number in distinct(rows["sheet"]):
            sheet, mine = self.sheets.get(number), rows[rows["sheet"] == number]
            if sheet is not None:
                positions = columns.expand(mine["position"].astype(np.int64), mine["count"])
                sheet.taken_after_all(np.repeat(mine["segment"].astype(np.int64), mine["count"]), positions)

    # --- receipts of what is let go ------------------------------------------------------------------------------------------
    def _known_before(self, reports: Reports, at_ms: int) -> Any:
        """Which reports (bool) are of submits whose broadcast is held no longer; what they say anew is kept as evidence."""
        rows, known = self._gone.find(reports.ids), np.zeros(len(reports), dtype=bool)
        if not rows["count"].any():
            return known
        for block in self._past([one for one in distinct(rows["block"]) if one]):
            which = np.flatnonzero((rows["block"] == block.id) & (rows["count"] > 0))
            numbers = columns.unpack_addresses(block.recipients, block.count)
            at = np.minimum(np.searchsorted(numbers, reports.addresses[which]), block.count - 1)
            start = rows["start"][which].astype(np.int64)
            right = (numbers[at] == reports.addresses[which]) & (at >= start) & (at < start + rows["count"][which])
            which, at = which[right], at[right]
            known[which] = True
            codes = (
                unpack_outcome(block.outcome, block.segments, block.count)[0][rows["segment"][which], at] & CODE_MASK
            )
            open_ = (codes != DELIVERED) & (codes != FAILED)
            said = reports.codes[which]
            self._keep("orphan", reports.part(which[open_]), at_ms, block.broadcast)  # later than any is waited for
            self._keep("conflict", reports.part(which[~open_ & (codes != said)]), at_ms, block.broadcast)
        return known

    # --- receipts with an id that nobody knows -------------------------------------------------------------------------------
    def _by_number(self, reports: Reports, at_ms: int, hold: bool) -> Reports | None:
        decided = self._decided(reports, hold)
        self._carry_out(decided, reports, at_ms)
        for about in set(decided.orphans.values()):
            lines = [line for line, broadcast in decided.orphans.items() if broadcast == about]
            self._keep("orphan", reports.part(np.array(sorted(lines))), at_ms, about)
        return reports.part(np.array(decided.wait)) if decided.wait else None

    def _decided(self, reports: Reports, hold: bool, heard: Any = None) -> Decided:
        asked = Asked(reports, reports.stated(), heard)
        return decide(asked, cells_of(asked, self.sheets, self._places, self._released), self.doubtful, hold=hold)

    def _released(self, broadcast: int) -> int:
        job = self.jobs.get(broadcast)
        return job.released_at // 1000 if job else 0

    def _carry_out(self, decided: Decided, reports: Reports, at_ms: int) -> None:
        """The receipt tells which id the gateway gave, and that it took the message: that is the answer which never came."""
        for number in sorted({cell.sheet for _, cell in decided.settle + decided.known}):
            for pairs in (decided.settle, decided.known):
                mine = [(line, cell) for line, cell in pairs if cell.sheet == number]
                if mine:
                    self._place(self.sheets[number], mine, reports, at_ms)

    def _place(self, sheet: Sheet, pairs: list[tuple[int, Cell]], reports: Reports, at_ms: int) -> None:
        found = reports.part(np.array([line for line, _ in pairs]))
        segments = np.array([cell.segment for _, cell in pairs])
        positions = np.array([cell.position for _, cell in pairs], dtype=np.int64)
        self._learn(sheet, segments, positions, found.ids, at_ms // 1000)
        self._enter(sheet, sheet.slot_at(positions), segments, positions, found, at_ms)

    def _learn(self, sheet: Sheet, segments: Any, positions: Any, ids: Any, at: int) -> None:
        named = np.flatnonzero(ids != 0)
        if not len(named):
            return
        places = sheet.records_of(segments[named], positions[named])
        records = np.zeros(len(named), dtype=columns.PDU)
        for name in ("block", "start", "count", "segment"):
            records[name] = places[name]
        records["verdict"], records["base"], records["at"] = columns.TAKEN, ids[named], at
        order = np.argsort(records["base"], kind="stable")
        self.events.append((columns.RESPONSE, records[order]))
        sheet.replay(columns.RESPONSE, records[order], at)
        self._note_taken(sheet, records[order])
        self.answered.append(records[order])

    def look_at_orphans(self, reports: Reports, heard: list[Heard], at_ms: int) -> None:
        """Receipts that fitted nothing when they came (`heard`, and the same as `reports`), by what is known now."""
        owners = self._owners(reports)
        free = np.flatnonzero(owners == 0)
        placed = {line: int(owners[line]) for line in np.flatnonzero(owners > 0).tolist()}
        if placed:  # the answer that names them came after them
            self.receive(reports.part(owners > 0), at_ms, hold=False)
        if len(free) and any(sheet.n(IN_DOUBT, AGAIN) for sheet in self.sheets.values()):
            since = np.array([heard[line].at // 1000 for line in free.tolist()])
            decided = self._decided(reports.part(free), hold=True, heard=since)
            self._carry_out(decided, reports.part(free), at_ms)
            placed |= {int(free[line]): cell.sheet for line, cell in decided.settle + decided.known}
        for line, broadcast in placed.items():
            del self.orphans[heard[line].key]
            self.placed.append(heard[line]._replace(broadcast=broadcast))

    def _owners(self, reports: Reports) -> Any:
        """The broadcast whose submit has the id and the number of each; 0 for none that is known, -1 for one that was let go."""
        found = self._messages.find(reports.ids, self._pdus["count"])
        owners = np.where(self._gone.find(reports.ids)["count"] > 0, -1, 0)
        for line in np.flatnonzero(found != NOWHERE).tolist():
            row = self._pdus[found[line]]
            sheet = self.sheets.get(int(row["sheet"]))
            places = slice(row["position"], row["position"] + row["count"])
            alone = self._told_by_id(reports.part(np.array([line])), row["count"])[0]
            if sheet is not None and (alone or reports.addresses[line] in sheet.addresses(places)):
                owners[line] = sheet.broadcast
        return owners

    def doubt_past(self, broadcast: int, addresses: Any, until: int, now: int) -> None:
        """Numbers of a broadcast that is held no longer, a copy to each of which was never accounted for."""
        for number in addresses.tolist():
            self.doubtful.setdefault(number, []).append(Doubtful(broadcast, until, now + KNOWN))

    def forget_past(self, now: int) -> None:
        """What no receipt is waited for any more."""
        left = {number: [one for one in ones if one.forget > now] for number, ones in self.doubtful.items()}
        self.doubtful = {number: ones for number, ones in left.items() if ones}
        late = [key for key, one in self.orphans.items() if one.at < (now - KNOWN) * 1000]
        for key in late:
            del self.orphans[key]

    def _held_again(self, broadcast: int) -> None:
        for number, ones in list(self.doubtful.items()):
            self.doubtful[number] = [one for one in ones if one.broadcast != broadcast]

    def positions_of(self, broadcast: int, addresses: Any) -> Any:
        """Where these numbers stand in a broadcast, but not where they were handed over; what it does not hold is left out."""
        sheet = self.sheets[broadcast]
        _, positions = self._places.find(sheet, addresses)
        return positions[(sheet.state[0, positions] & CODE_MASK) != MOVED]
