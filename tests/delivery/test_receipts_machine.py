"""A gateway that tells the truth, however late, often or early, never makes the book believe what is not so.

The oracle is the gateway itself: which copy of which segment of which text it took for whom, and which of those it has reported. A
cell may count as delivered only if a copy of that very cell was reported.
"""

from dataclasses import dataclass

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from fenghuo.delivery.gateways.line import Stated
from fenghuo.delivery.ledger import columns, compact
from fenghuo.delivery.ledger.book import Book
from fenghuo.delivery.ledger.sheet import Sheet, StoredBlock
from fenghuo.delivery.ledger.states import CODE_MASK, DELIVERED, FAILED, IN_DOUBT
from fenghuo.delivery.ledger.values import Claim, Job, PastBlock, Reports

FIRST, PEOPLE = 10_012_300_000, 2
DAY = 86_400


@dataclass(frozen=True)
class Copy:
    """One message that the gateway took: what a receipt of it says."""

    id: int
    number: int
    text: int
    segment: int
    at: int


class Gateway(RuleBasedStateMachine):
    """Texts to overlapping numbers, answers that are lost, broadcasts that are let go, and a gateway that reports."""

    @initialize(skew=st.integers(-300, 240), states_taken=st.booleans())
    def begin(self, skew, states_taken):
        self.skew, self.states_taken = skew, states_taken
        self.book = Book("one", past=lambda ids: [one for one in self.stored if one.id in ids])
        self.clock, self.next_id, self.texts = 1_790_000_000, 1_000, 0
        self.stored: list[PastBlock] = []
        self.flying: list[tuple[int, list[Copy]]] = []  # submits and the copies they are, taken or not
        self.taken: list[Copy] = []
        self.said: set[Copy] = set()
        self.held: list[Reports] = []
        self.lost = False  # a copy left and never reached the gateway
        self.whole: dict[int, list[int]] = {}  # text: its numbers

    # --- our side -----------------------------------------------------------------------------------------------------------
    @rule(who=st.sets(st.integers(0, PEOPLE - 1), min_size=1), segments=st.sampled_from([1, 1, 2]), data=st.data())
    def alert(self, who, segments, data):
        self.texts += 1
        numbers = np.array(sorted(FIRST + one for one in who), dtype=np.uint64)
        packed = columns.pack_recipients(np.arange(len(numbers), dtype=np.uint64), numbers)
        self.book.take_in(Sheet.of(self.texts, segments, [StoredBlock(10 * self.texts, len(numbers), packed, None)]))
        self.book.jobs[self.texts] = Job(
            self.texts, str(self.texts), "", 1, "", "", "", segments, 0, self.clock * 1000, None, False
        )
        self.whole[self.texts] = numbers.tolist()
        self.leave([Claim(self.texts, 0, 0, len(numbers), data.draw(st.integers(1, 3)))])

    @precondition(lambda self: not self.flying)
    @rule(who=st.sets(st.integers(0, PEOPLE - 1), min_size=1), data=st.data())
    def one_that_goes_well(self, who, data):
        """Answered, reported and let go: the next text to the same people begins where many a wrong one has ended."""
        self.alert(who, 1, data)
        copies = [copy for _, part in self.flying for copy in part]
        while self.flying:
            self.gateway_takes(data, "answered")
        self.say(copies, early=False)
        self.let_go()

    @rule(data=st.data())
    def once_more(self, data):
        """Whoever is in doubt gets one further copy of that segment."""
        found = [
            (text, int(segment), int(position))
            for text, sheet in self.book.sheets.items()
            for segment, position in zip(*sheet.cells(IN_DOUBT), strict=True)
        ]
        if found:
            text, segment, position = data.draw(st.sampled_from(found))
            self.leave([Claim(text, 0, position, 1, 1, segment)])

    def leave(self, claims):
        for claim, pdus in zip(claims, self.book.intend(claims, self.clock), strict=True):
            segments = self.book.sheets[claim.broadcast].segments if claim.segment is None else 1
            numbers = self.book.addresses(claim).tolist()
            for at, pdu in enumerate(pdus.tolist()):
                start = at // segments * claim.batch
                segment = at % segments if claim.segment is None else claim.segment
                here = numbers[start : start + claim.batch]
                copies = [
                    Copy(self.next_id + k, number, claim.broadcast, segment, self.clock)
                    for k, number in enumerate(here)
                ]
                self.next_id += len(here) + 3
                self.flying.append((pdu, copies))

    @precondition(lambda self: self.flying)
    @rule(data=st.data(), fate=st.sampled_from(["answered", "answer lost", "answer lost", "lost"]))
    def gateway_takes(self, data, fate):
        pdu, copies = self.flying.pop(data.draw(st.integers(0, len(self.flying) - 1)))
        one = np.array([pdu])
        if fate != "lost":
            self.taken += copies
        else:
            self.lost = True
        if fate == "answered":
            none = np.zeros(1, dtype=np.uint32)
            base = np.array([copies[0].id], dtype=np.uint64)
            self.book.answer(one, np.ones(1, dtype=np.uint8), none, base, none.astype(np.uint16), self.clock)
        else:
            self.book.doubt(one, self.clock)
        held, self.held = self.held, []
        for reports in held:
            self.hear(reports)

    @rule(seconds=st.sampled_from([1, 40, 400, 4_000, DAY // 2]))
    def time_passes(self, seconds):
        self.clock += seconds

    @rule()
    def let_go(self):
        """What is over leaves the memory: its outcome is on disk."""
        for text, sheet in list(self.book.sheets.items()):
            if sheet.finished and not any(copy.text == text for _, copies in self.flying for copy in copies):
                packed = compact.pack_outcome(sheet.state, sheet.word, sheet.at)
                people = columns.pack_recipients(np.arange(len(sheet), dtype=np.uint64), sheet.addresses(slice(None)))
                self.stored.append(PastBlock(10 * text, text, sheet.segments, len(sheet), people, packed))
                self.book.drop(text, self.clock)
        table = self.book.renumbered()
        if table is not None:
            self.flying = [(int(table[pdu]), copies) for pdu, copies in self.flying]

    # --- the gateway's side -------------------------------------------------------------------------------------------------
    @precondition(lambda self: any(self.clock - copy.at <= 2 * DAY for copy in self.taken))
    @rule(data=st.data(), early=st.booleans())
    def report(self, data, early):
        """Of anything taken in the last 48 hours, said before or not, together or alone."""
        young = [copy for copy in self.taken if self.clock - copy.at <= 2 * DAY]
        self.say(data.draw(st.lists(st.sampled_from(young), min_size=1, max_size=4)), early)

    @precondition(lambda self: self.flying)
    @rule(data=st.data())
    def report_before_the_answer(self, data):
        at = data.draw(st.integers(0, len(self.flying) - 1))
        _, copies = self.flying[at]
        self.taken += [copy for copy in copies if copy not in self.taken]
        self.say(copies, early=True)

    def say(self, copies, early):
        self.said |= set(copies)
        many = len(copies)
        stamps = np.array([(copy.at + self.skew) // 60 * 60 for copy in copies], dtype=np.uint32)
        reports = Reports(
            np.array([copy.id for copy in copies], dtype=np.uint64),
            np.array([copy.number for copy in copies], dtype=np.uint64),
            np.full(many, DELIVERED),
            np.ones(many, dtype=np.uint16),
            np.array([min(self.clock, copy.at + self.skew + 60) for copy in copies], dtype=np.uint32),
            np.full(many, b"DELIVRD"),
            Stated(stamps, np.asarray) if self.states_taken else None,
        )
        self.hear(reports, hold=early and bool(self.flying))

    def hear(self, reports, hold=True):
        held = self.book.receive(reports, self.clock * 1000, hold=hold and bool(self.flying))
        if held is not None:
            self.held.append(held)

    @rule()
    def look_again(self):
        heard = list(self.book.orphans.values())
        if heard:
            reports = Reports(
                np.array([int(one.message_id) for one in heard], dtype=np.uint64),
                np.array([int(one.address) for one in heard], dtype=np.uint64),
                np.array([one.outcome for one in heard]),
                np.ones(len(heard), dtype=np.uint16),
                np.array([one.done_at // 1000 for one in heard], dtype=np.uint32),
                np.full(len(heard), b"DELIVRD"),
                Stated(np.array([one.submitted_at // 1000 for one in heard], dtype=np.uint32), np.asarray),
            )
            self.book.look_at_orphans(reports, heard, self.clock * 1000)

    # --- what must hold -----------------------------------------------------------------------------------------------------
    @invariant()
    def nothing_counts_as_delivered_of_which_no_copy_was_reported(self):
        told = {(copy.text, copy.segment, copy.number) for copy in self.said}
        for text, sheet in self.book.sheets.items():
            numbers = sheet.addresses(slice(None)).tolist()
            for segment, position in zip(*np.nonzero((sheet.state & CODE_MASK) == DELIVERED), strict=True):
                assert (text, int(segment), numbers[position]) in told
            assert not ((sheet.state & CODE_MASK) == FAILED).any()

    @invariant()
    def what_was_said_is_counted_known_held_or_listed(self):
        kept = {one.message_id for one in self.book.inbound}
        held = {one for reports in self.held for one in reports.ids.tolist()}
        ids = np.array([copy.id for copy in self.said if copy.id not in held], dtype=np.uint64)
        if len(ids):
            known = self.book._messages.find(ids, self.book._pdus["count"]) >= 0
            known |= self.book._gone.find(ids)["count"] > 0
            assert all(str(one) in kept for one in ids[~known].tolist())

    def teardown(self):
        """Where one text alone went to a number, every copy arrived and every one is reported, nobody is left in doubt."""
        if not hasattr(self, "texts") or self.lost or self.flying or self.held:
            return
        young = [copy for copy in self.taken if self.clock - copy.at <= 2 * DAY]
        if len(young) < len(self.taken) or not young:
            return
        self.say(young, early=False)
        self.look_again()
        for text, sheet in self.book.sheets.items():
            others = {number for other, numbers in self.whole.items() if other != text for number in numbers}
            alone = [at for at, number in enumerate(sheet.addresses(slice(None)).tolist()) if number not in others]
            assert ((sheet.state[:, alone] & CODE_MASK) == DELIVERED).all()


TestGateway = Gateway.TestCase
TestGateway.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
