"""Whatever order events come in: the first final word wins, nothing is forgotten, and a restart reads the same book."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from fenghuo.delivery.ledger import columns, compact
from fenghuo.delivery.ledger.book import Book
from fenghuo.delivery.ledger.messages import NOWHERE, Messages
from fenghuo.delivery.ledger.sheet import Sheet, StoredBlock
from fenghuo.delivery.ledger.states import (
    ACCEPTED,
    AGAIN,
    CODE_MASK,
    DELIVERED,
    EXPIRED,
    FAILED,
    IN_DOUBT,
    INTENDED,
    STOPPED,
    UNSENT,
)
from fenghuo.delivery.ledger.values import Claim, Reports

FIRST = 10_012_300_000
FINAL = (DELIVERED, FAILED)


def blocks(sizes, outcomes=None):
    stored, at = [], FIRST
    for k, size in enumerate(sizes):
        numbers = np.arange(at, at + size, dtype=np.uint64)
        packed = columns.pack_recipients(np.arange(size, dtype=np.uint64), numbers)
        stored.append(StoredBlock(3 * k + 5, size, packed, outcomes[k] if outcomes else None))
        at += size
    return stored


class Life(RuleBasedStateMachine):
    """A book driven at random beside what must hold of it."""

    @initialize(segments=st.integers(1, 3), sizes=st.lists(st.integers(4, 9), min_size=2, max_size=4))
    def begin(self, segments, sizes):
        self.segments, self.sizes = segments, sizes
        self.book = Book("one")
        self.book.take_in(Sheet.of(1, segments, blocks(sizes)))
        self.sheet = self.book.sheets[1]
        self.tape: list = []
        self.clock = 1_000
        self.pdus: list[int] = []
        self.base = 70_000
        self.finals: dict[tuple[int, int], int] = {}
        self.ids: list[tuple[int, int]] = []  # (message id, address)

    def keep(self):
        self.tape += [(kind, records, self.clock) for kind, records in self.book.events]
        self.book.events.clear()
        self.clock += 1

    @rule(data=st.data(), batch=st.integers(1, 4))
    def intend(self, data, batch):
        """Whoever a sender's queue may claim: unsent, ordered again, or in doubt."""
        segments, positions = self.sheet.cells(IN_DOUBT)
        doubtful = self.sheet.records_of(segments, positions)
        slots = self.sheet.slots_of(doubtful["block"]).tolist()
        runs = [(*run, None) for run in self.sheet.unsent_runs()] + self.sheet.leftover_runs()
        runs += [(slot, int(one["start"]), 1, int(one["segment"])) for slot, one in zip(slots, doubtful, strict=True)]
        if runs:
            slot, start, count, segment = data.draw(st.sampled_from(runs))
            self.pdus += self.book.intend([Claim(1, slot, start, count, batch, segment)], self.clock)[0].tolist()
            self.keep()

    @precondition(lambda self: self.pdus)
    @rule(data=st.data(), verdict=st.sampled_from([columns.TAKEN, columns.TAKEN, columns.RETRY, columns.REFUSED]))
    def answer(self, data, verdict):
        pdu = data.draw(st.sampled_from(self.pdus))
        one = np.array([pdu])
        n = self.book.destinations(one)
        self.book.answer(
            one,
            np.array([verdict], "u1"),
            np.array([13], "u4"),
            np.array([self.base], "u8"),
            np.array([4], "u2"),
            self.clock,
        )
        if verdict == columns.TAKEN:
            row = self.book._pdus[pdu]
            for k in range(n):
                address = int(self.sheet.addresses(slice(None))[int(row["position"]) + k])
                self.ids.append(((self.base & ~0xFFFF) | ((self.base + k) & 0xFFFF), address))
        self.base += n if self.base & 0xFFFF < 0xFF00 else 0x10000
        self.keep()

    @precondition(lambda self: self.pdus)
    @rule(data=st.data(), withdraw=st.booleans())
    def give_up(self, data, withdraw):
        one = np.array([data.draw(st.sampled_from(self.pdus))])
        (self.book.withdraw if withdraw else self.book.doubt)(one, self.clock)
        self.keep()

    @rule(data=st.data(), hold=st.booleans())
    def receive(self, data, hold):
        known = st.sampled_from(self.ids) if self.ids else st.nothing()
        strange = st.tuples(st.integers(0, 200_000), st.integers(FIRST - 2, FIRST + 40))
        found = data.draw(st.lists(known | strange, min_size=1, max_size=6))
        if self.ids and data.draw(st.booleans()):  # in the order of their submits, as most gateways report
            at = data.draw(st.integers(0, len(self.ids) - 1))
            found = self.ids[at : at + 6]
        codes = data.draw(st.lists(st.sampled_from(FINAL), min_size=len(found), max_size=len(found)))
        ids, addresses = zip(*found, strict=True)
        reports = Reports(
            np.array(ids, "u8"),
            np.array(addresses, "u8"),
            np.array(codes),
            np.ones(len(ids), "u2"),
            np.full(len(ids), 77, "u4"),
            np.array([b"X"] * len(ids), "S7"),
        )
        self.book.receive(reports, self.clock * 1000, hold=hold)
        self.keep()

    @precondition(lambda self: self.clock > 1_012)
    @rule(code=st.sampled_from([STOPPED, EXPIRED]))
    def close(self, code):
        self.book.close(1, code, self.clock)
        self.keep()

    @rule(data=st.data(), code=st.sampled_from([AGAIN, ACCEPTED, FAILED]))
    def settle(self, data, code):
        where = data.draw(st.sets(st.integers(0, len(self.sheet) - 1), min_size=1))
        self.book.settle(1, np.array(sorted(where)), code, 9, self.clock)
        self.keep()

    @rule()
    def fold_and_read_again(self):
        """A restart between any two commits, with any part of the tape folded."""
        packed = []
        for slot in range(len(self.sizes)):
            here = slice(self.sheet.offsets[slot], self.sheet.offsets[slot + 1])
            packed.append(compact.pack_outcome(self.sheet.state[:, here], self.sheet.word[here], self.sheet.at[here]))
        again = Sheet.of(1, self.segments, blocks(self.sizes, packed))
        assert (again.state == self.sheet.state).all()
        assert (again.totals == self.sheet.totals).all()

    @invariant()
    def the_tape_tells_the_same_story(self):
        replayed = Sheet.of(1, self.segments, blocks(self.sizes))
        for kind, records, at in self.tape:
            for again, one in columns.unpack_events(columns.pack_events([(kind, records)])):
                replayed.replay(again, one, at)
        assert (replayed.state == self.sheet.state).all()
        assert (replayed.word == self.sheet.word).all()
        assert (replayed.at == self.sheet.at).all()

    @invariant()
    def nobody_is_forgotten_and_the_first_final_word_stands(self):
        codes = self.sheet.state & CODE_MASK
        assert (np.bincount(codes.max(axis=0), minlength=16) == self.sheet.totals).all()
        assert self.sheet.totals.sum() == sum(self.sizes)
        for cell, code in self.finals.items():
            assert codes[cell] == code
        self.finals = {
            (int(s), int(p)): int(codes[s, p]) for s, p in zip(*np.nonzero(np.isin(codes, FINAL)), strict=True)
        }


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=150, stateful_step_count=50, deadline=None)


@given(
    st.lists(st.tuples(st.integers(1, 60), st.integers(0, 300)), min_size=1, max_size=60),
    st.integers(0, 0xFFFF),
    st.randoms(),
)
def test_a_message_id_finds_its_submit_across_the_wrap_and_out_of_order(submits, low, chance):
    base, owners, added = (7 << 16) | low, {}, []
    for pdu, (count, gap) in enumerate(submits):
        for k in range(count):
            owners[(base & ~0xFFFF) | ((base + k) & 0xFFFF)] = pdu
        added.append((base, pdu))
        base = ((base & ~0xFFFF) | ((base + count + gap) & 0xFFFF)) if chance.random() < 0.9 else base + (1 << 20)
    counts = np.array([count for count, _ in submits], dtype=np.uint64)
    if len(owners) < int(counts.sum()):
        return  # the gateway gave an id twice: only the destination can tell
    chance.shuffle(added)
    messages = Messages()
    for start in range(0, len(added), 3):
        part = added[start : start + 3]
        messages.add(np.array([b for b, _ in part], "u8"), np.array([p for _, p in part]))
    ids = np.array([*owners, 1, (1 << 63)], dtype=np.uint64)
    found = messages.find(ids, counts).tolist()
    near_miss = NOWHERE
    assert found[:-2] == list(owners.values())
    assert found[-2:] == [near_miss, near_miss]


def test_a_receipt_that_comes_before_its_answer_is_held_and_then_found():
    book = Book("one")
    book.take_in(Sheet.of(1, 1, blocks([4])))
    pdus = book.intend([Claim(1, 0, 0, 4, 4)], 1)[0]
    early = Reports(
        np.array([900], "u8"),
        np.array([FIRST], "u8"),
        np.array([DELIVERED]),
        np.ones(1, "u2"),
        np.ones(1, "u4"),
        np.array([b"DELIVRD"]),
    )
    held = book.receive(early, 1000, hold=True)
    assert held is not None
    assert book.sheets[1].n(INTENDED) == 4
    book.answer(pdus, np.array([1], "u1"), np.array([0], "u4"), np.array([900], "u8"), np.array([0], "u2"), 2)
    assert book.receive(held, 2000, hold=False) is None
    assert (book.sheets[1].n(DELIVERED), book.sheets[1].n(ACCEPTED), book.inbound) == (1, 3, [])


def test_a_receipt_nobody_sent_for_is_listed():
    book = Book("one")
    book.take_in(Sheet.of(1, 1, blocks([4])))
    stray = Reports(
        np.array([5], "u8"),
        np.array([FIRST], "u8"),
        np.array([DELIVERED]),
        np.ones(1, "u2"),
        np.ones(1, "u4"),
        np.array([b"DELIVRD"]),
    )
    book.receive(stray, 1000, hold=True)
    [(kind, account, at, key, address, text, *_)] = book.inbound
    assert (kind, account, at, key, address, text) == ("orphan", "one", 1000, "5", str(FIRST), "DELIVRD")
    assert book.sheets[1].n(UNSENT) == 4


def test_neighbours_that_are_reported_differently_keep_their_own_words_on_the_tape():
    book = Book("one")
    book.take_in(Sheet.of(1, 1, blocks([6])))
    pdus = book.intend([Claim(1, 0, 0, 6, 6)], 1)[0]
    book.answer(pdus, np.array([1], "u1"), np.array([0], "u4"), np.array([900], "u8"), np.array([0], "u2"), 2)
    codes = [DELIVERED, DELIVERED, FAILED, FAILED, DELIVERED, FAILED]
    words, done = [1, 1, 2, 3, 1, 3], [50, 60, 60, 60, 60, 60]
    reports = Reports(
        np.arange(900, 906, dtype="u8"),
        np.arange(FIRST, FIRST + 6, dtype="u8"),
        np.array(codes),
        np.array(words, "u2"),
        np.array(done, "u4"),
        np.array([b"X"] * 6, "S7"),
    )
    book.receive(reports, 3000, hold=False)
    again = reports.part(slice(None))
    again.codes = np.array([FAILED] * 6)
    book.receive(again, 4000, hold=False)

    replayed = Sheet.of(1, 1, blocks([6]))
    for kind, records in columns.unpack_events(columns.pack_events(book.events)):
        replayed.replay(kind, records, 2)
    for sheet in (replayed, book.sheets[1]):
        assert (sheet.state[0] & CODE_MASK).tolist() == codes
        assert (sheet.word.tolist(), sheet.at.tolist()) == (words, done)
    assert [(one.kind, one.address) for one in book.inbound] == [("conflict", str(FIRST + k)) for k in (0, 1, 4)]


def test_a_number_that_wraps_is_not_taken_for_its_neighbours_first():
    """Two gateway codes side by side: the submit that wraps within the lower one ends where the upper one's numbers begin."""
    lower, upper = 0xBB5C_3940_0002_0000, 0xBB5C_3940_0003_0000
    messages = Messages()
    messages.add(np.array([lower + 0xFFB8, upper + 0xFFB8], dtype=np.uint64), np.array([5, 6]))
    ids = np.array([lower + 0xFFFF, lower, upper + 0xFFFF, upper + 26, upper + 27], dtype=np.uint64)
    assert messages.find(ids, np.full(10, 99, dtype=np.uint64)).tolist() == [5, 5, 6, 6, -1]


def test_a_gateway_that_counts_on_instead_of_wrapping_is_understood_too():
    messages = Messages()
    messages.add(np.array([0x2FFB8], dtype=np.uint64), np.array([5]))
    ids = np.array([0x30000, 0x30000 + 26, 0x30000 + 27], dtype=np.uint64)
    assert messages.find(ids, np.full(10, 99, dtype=np.uint64)).tolist() == [5, 5, -1]
