"""A gateway that tells the truth, however late, often or early, and an account's book that hears it: a walk at random.

Texts to overlapping numbers, in one segment or several; answers that are lost, late or outrun by their receipts; second copies;
broadcasts that are let go; a book that is thrown away and read again. The gateway's clock is a few minutes wrong, or hours: then
every answer comes, for the id alone tells what a receipt means.
"""

from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np

from fenghuo.delivery.gateways.line import Stated
from fenghuo.delivery.ledger import columns, compact
from fenghuo.delivery.ledger.book import Book
from fenghuo.delivery.ledger.sheet import Sheet, StoredBlock
from fenghuo.delivery.ledger.states import ACCEPTED, CODE_MASK, DELIVERED, FAILED, IN_DOUBT
from fenghuo.delivery.ledger.submits import KNOWN
from fenghuo.delivery.ledger.values import Claim, Job, PastBlock, Reports
from tests.delivery.receipts_oracle import STRANGER, Copy, Told

FIRST, PEOPLE = 10_012_300_000, 2
HOUR, DAY = 3_600, 86_400
OPERATIONS = {
    "alert": 3, "one_that_goes_well": 1, "once_more": 2, "gateway_takes": 8, "late_answer": 2, "report": 5,
    "report_before_the_answer": 3, "look_again": 2, "time_passes": 2, "let_go": 2, "count_as_sent": 1, "restart": 1,
    "report_of_a_stranger": 1,
}  # fmt: skip


@dataclass
class Flying:
    """A submit on the line, or one whose answer did not come in time."""

    pdu: int
    copies: list[Copy]
    taken: bool


class Walk:
    """See the module. `chance` decides everything; `kind` is the book that is walked with."""

    def __init__(self, chance: Random, kind: type[Book] = Book) -> None:
        self.chance, self.kind = chance, kind
        self.hours_off = chance.random() < 0.25
        self.skew = chance.choice([-9, -2, 3, 8]) * HOUR if self.hours_off else chance.randint(-300, 240)
        self.states_taken = chance.random() < 0.7
        self.clock, self.texts = 1_790_000_000, 0
        self.next_id = chance.choice([1_000, 0x5_FFF0])  # one that soon wraps its 16 bits
        self.frozen: dict[int, StoredBlock] = {}
        self.jobs: dict[int, Job] = {}
        self.stored: dict[int, PastBlock] = {}
        self.tape: list[tuple[int, Any, int]] = []
        self.flying: list[Flying] = []
        self.silent: list[Flying] = []
        self.held: list[Reports] = []
        self.told = Told()
        self.book = self._new_book()

    def step(self) -> str:
        """One thing happens and is durable; its name."""
        name = self.chance.choices(list(OPERATIONS), list(OPERATIONS.values()))[0]
        getattr(self, name)()
        self.commit()
        self.told.judge(self)
        return name

    # --- our side ----------------------------------------------------------------------------------------------------------
    def alert(self, segments: int = 0) -> None:
        self.texts += 1
        text, segments = self.texts, segments or self.chance.choice([1, 1, 2, 3])
        who = sorted(self.chance.sample(range(PEOPLE), self.chance.randint(1, PEOPLE)))
        numbers = np.array([FIRST + one for one in who], dtype=np.uint64)
        packed = columns.pack_recipients(np.arange(len(who), dtype=np.uint64), numbers)
        self.frozen[text] = StoredBlock(10 * text, len(who), packed, None)
        self.jobs[text] = Job(
            text, str(text), "", 1, "", "", "", segments, (self.clock + DAY) * 1000, self.clock * 1000, None, False
        )
        self.told.began(text, numbers.tolist(), self.chance)
        self._hold(self.book, text)
        self._leave(Claim(text, 0, 0, len(who), self.chance.randint(1, 3)))

    def one_that_goes_well(self) -> None:
        """Answered, reported and let go: the next text to the same people begins where many a wrong one has ended."""
        if self.flying:
            return
        self.alert(1)
        copies = [copy for one in self.flying for copy in one.copies]
        while self.flying:
            self.gateway_takes("answered")
        self.say(copies)
        self.let_go()

    def once_more(self) -> None:
        """Somebody who is in doubt gets one further copy of that segment."""
        found = self._in_doubt()
        if found:
            text, segment, position = self.chance.choice(found)
            self.told.again = True
            self._leave(Claim(text, 0, position, 1, 1, segment))

    def count_as_sent(self) -> None:
        """A person decides so of somebody in doubt."""
        found = self._in_doubt()
        if found:
            text, _, position = self.chance.choice(found)
            self.book.settle(text, np.array([position]), ACCEPTED, 0, self.clock)

    def time_passes(self) -> None:
        self.clock += self.chance.choice([1, 40, 400, 4_000, DAY // 2])

    def let_go(self) -> None:
        """What is over leaves the memory: its outcome is on disk."""
        self.commit()
        on_the_line = {copy.text for one in self.flying for copy in one.copies}
        for text, sheet in list(self.book.sheets.items()):
            if sheet.finished and text not in on_the_line:
                packed = compact.pack_outcome(sheet.state, sheet.word, sheet.at)
                block = self.frozen[text]
                self.stored[text] = PastBlock(block.id, text, sheet.segments, block.count, block.recipients, packed)
                self.book.drop(text, self.clock)
        table = self.book.renumbered()
        if table is not None:
            for one in self.flying + self.silent:
                one.pdu = int(table[one.pdu])

    def restart(self) -> None:
        """The book is read from disk; what was on the line is in doubt, and what was not acknowledged comes again."""
        if self.hours_off and self.flying:
            return
        self.told.again = True
        self.book = self.told.same(self.book, self._read_again())
        self.book.doubt_leftovers(self.clock)
        for one in self.flying:
            self.told.never |= set() if one.taken else {copy.id for copy in one.copies}
        self.flying, self.silent = [], []
        self._enter_held()

    def look_again(self) -> None:
        """Receipts that fitted nothing when they came."""
        heard = list(self.book.orphans.values())
        if heard:
            copies = [self.told.by_id[int(one.message_id)] for one in heard]
            reports = self._reports(copies, done=[one.done_at // 1000 for one in heard])
            reports.taken = Stated(np.array([one.submitted_at // 1000 for one in heard], dtype=np.uint32), np.asarray)
            self.book.look_at_orphans(reports, heard, self.clock * 1000)

    # --- the gateway's side ------------------------------------------------------------------------------------------------
    def gateway_takes(self, fate: str = "") -> None:
        if not self.flying:
            return
        one = self.flying.pop(self.chance.randrange(len(self.flying)))
        fate = fate or ("answered" if self.hours_off else self.chance.choice(["answered", "silent", "silent", "lost"]))
        one.taken |= fate != "lost"
        if fate == "answered":
            self._answer(one)
        else:
            self.book.doubt(np.array([one.pdu]), self.clock)
            self.silent += [one] if one.taken else []
            self.told.never |= set() if one.taken else {copy.id for copy in one.copies}
        self._enter_held()

    def late_answer(self) -> None:
        """To a submit that has been in doubt for a while."""
        if self.silent:
            one = self.silent.pop(self.chance.randrange(len(self.silent)))
            self.told.named(one.copies)
            self.book.account_for(np.array([one.pdu]))
            self._answer(one)
            self._enter_held()

    def report(self) -> None:
        """Of anything taken in the last 48 hours, said before or not, together or alone."""
        if young := self._young():
            self.say(self.chance.choices(young, k=self.chance.randint(1, 4)))

    def report_before_the_answer(self) -> None:
        if self.flying:
            one = self.chance.choice(self.flying)
            one.taken = True
            self.say(one.copies)

    def report_of_a_stranger(self) -> None:
        """Of what a ledger that was restored knows nothing of, while nothing of ours is on its way to that number."""
        number = FIRST + self.chance.randrange(PEOPLE)
        if not any(number in sheet.addresses(slice(None)) for sheet in self.book.sheets.values()):
            copy = Copy(self.next_id, number, STRANGER, 0, self.clock)
            self.next_id += 3
            self.told.by_id[copy.id] = copy
            self.say([copy])
            self.clock += 1

    def say(self, copies: list[Copy]) -> None:
        self.told.said |= set(copies)
        self._hear(self._reports(copies))

    # --- the end -----------------------------------------------------------------------------------------------------------
    def end(self) -> None:
        """Every answer comes, everything young is reported, and whatever can be known is known."""
        while self.flying:
            self.gateway_takes("answered")
        self.look_again()
        self.commit()
        self.told.judge_orphans(self)
        if young := self._young():
            self.say(young)
        self.look_again()
        self.commit()
        self.told.judge(self)
        self.told.judge_end(self, all(self.clock - copy.at <= 2 * DAY for copy in self.told.by_id.values()))

    # --- how ---------------------------------------------------------------------------------------------------------------
    def commit(self) -> None:
        """What happened is on disk."""
        self.tape += [(kind, records, self.clock) for kind, records in self.book.events]
        self.told.counted([records for kind, records in self.book.events if kind == columns.RECEIPT])
        self.told.listed.update({one.key: one for one in self.book.inbound})
        for one in self.book.placed:
            self.told.listed.pop(one.key, None)
        for gathered in (self.book.events, self.book.inbound, self.book.placed, self.book.answered):
            gathered.clear()

    def _new_book(self) -> Book:
        return self.kind("one", past=lambda ids: [one for one in self.stored.values() if one.id in ids])

    def _hold(self, book: Book, text: int) -> None:
        book.jobs[text] = self.jobs[text]
        book.take_in(Sheet.of(text, self.jobs[text].segments, [self.frozen[text]]))

    def _read_again(self) -> Book:
        book = self._new_book()
        for text in self.book.sheets:
            self._hold(book, text)
        for kind, records, at in self.tape:
            for sheet in book.sheets.values():
                sheet.replay(kind, records, at)
            if kind == columns.RESPONSE:
                taken = records[records["verdict"] == columns.TAKEN]
                book.remember(taken, taken["at"].astype(np.int64) + 2 * KNOWN)
        for said in self.told.listed.values():
            book.remember_orphan(said)
        for text, block in self.stored.items():
            sheet = Sheet.of(
                text, block.segments, [StoredBlock(block.id, block.count, block.recipients, block.outcome)]
            )
            until = min(self.jobs[text].expires_at // 1000, self.clock)
            book.doubt_past(text, sheet.addresses(sheet.doubted()), until, self.clock)
        return book

    def code_of(self, copy: Copy) -> int:
        """What the book in memory has of the copy's cell."""
        position = self.told.whole[copy.text].index(copy.number)
        return int(self.book.sheets[copy.text].state[copy.segment, position] & CODE_MASK)

    def _in_doubt(self) -> list[tuple[int, int, int]]:
        return [
            (text, int(segment), int(position))
            for text, sheet in self.book.sheets.items()
            for segment, position in zip(*sheet.cells(IN_DOUBT), strict=True)
        ]

    def _leave(self, claim: Claim) -> None:
        pdus = self.book.intend([claim], self.clock)[0].tolist()
        segments = self.jobs[claim.broadcast].segments if claim.segment is None else 1
        numbers = self.book.addresses(claim).tolist()
        for at, pdu in enumerate(pdus):
            start = at // segments * claim.batch
            segment = at % segments if claim.segment is None else claim.segment
            here = numbers[start : start + claim.batch]
            base, self.next_id = self.next_id, self.next_id + len(here) + 3
            ids = [base & ~0xFFFF | (base + k) & 0xFFFF for k in range(len(here))]
            copies = [
                Copy(one, number, claim.broadcast, segment, self.clock) for one, number in zip(ids, here, strict=True)
            ]
            self.told.by_id.update({copy.id: copy for copy in copies})
            self.flying.append(Flying(pdu, copies, False))

    def _answer(self, one: Flying) -> None:
        one.taken = True
        self.told.answered |= {copy.id for copy in one.copies}
        none, base = np.zeros(1, dtype=np.uint32), np.array([one.copies[0].id], dtype=np.uint64)
        verdict, word = np.array([columns.TAKEN], dtype=np.uint8), np.zeros(1, dtype=np.uint16)
        self.book.answer(np.array([one.pdu]), verdict, none, base, word, self.clock)

    def _enter_held(self) -> None:
        held, self.held = self.held, []
        for reports in held:
            self._hear(reports)

    def _hear(self, reports: Reports) -> None:
        held = self.book.receive(reports, self.clock * 1000, hold=bool(self.flying))
        if held is not None:
            self.held.append(held)

    def _young(self) -> list[Copy]:
        unanswered = {copy.id for one in self.flying if not one.taken for copy in one.copies}
        taken = [copy for copy in self.told.by_id.values() if copy.id not in unanswered | self.told.never and copy.text]
        return [copy for copy in taken if self.clock - copy.at <= 2 * DAY]

    def _reports(self, copies: list[Copy], done: list[int] | None = None) -> Reports:
        delivered = [self.told.reached(copy) for copy in copies]
        return Reports(
            np.array([copy.id for copy in copies], dtype=np.uint64),
            np.array([copy.number for copy in copies], dtype=np.uint64),
            np.where(delivered, DELIVERED, FAILED),
            np.where(delivered, 1, 2).astype(np.uint16),
            np.array(done or [min(self.clock, copy.at + self.skew + 60) for copy in copies], dtype=np.uint32),
            np.where(delivered, b"DELIVRD", b"UNDELIV"),
            Stated(np.array([(copy.at + self.skew) // 60 * 60 for copy in copies], dtype=np.uint32), np.asarray)
            if self.states_taken
            else None,
        )
