"""The simulator's own bookkeeping: ids, what is in flight, what waits, chances."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fenghuo.wire import cmpp
from simulators.smsc.fate import Fate
from simulators.smsc.ids import Ids
from simulators.smsc.outbox import Flight, Letters, Outbox, Piece
from simulators.smsc.plan import Account, Plan
from simulators.smsc.state import LOCAL

NOON = datetime(2024, 11, 5, 12, 0, 0, tzinfo=LOCAL)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(1, 9000), st.integers(0, 1)), max_size=40), st.integers(0, 65535))
def test_ids_are_never_given_twice_and_ranges_follow_the_rule(asked, start):
    ids, moment = Ids(1, start), NOON
    seen: set[int] = set()
    for count, later in asked:
        moment += timedelta(seconds=later)
        taken = ids.take(count, moment)
        assert taken == tuple(cmpp.nth(taken[0], k) for k in range(count))
        assert seen.isdisjoint(taken)
        seen.update(taken)
        parts = cmpp.MsgId.unpack(taken[0])
        assert (parts.hour, parts.minute, parts.second) == (moment.hour, moment.minute, moment.second)


def test_a_second_that_needs_more_ids_than_a_gateway_has_borrows_the_next():
    ids = Ids(1)
    taken = [one for _ in range(20) for one in ids.take(9000, NOON)]
    assert len(set(taken)) == 180_000
    assert {cmpp.MsgId.unpack(one).gateway for one in taken[::9000]} == {1, 2, 3}


def letters(count: int) -> Letters:
    return Letters(tuple(cmpp.Deliver(0, k, "12379", str(k), b"x") for k in range(count)))


def acknowledged(sequences: list[int]) -> cmpp.Run:
    raw = b"".join(cmpp.encode(cmpp.DeliverResp(one, 0, 0), cmpp.V30) for one in sequences)
    return cmpp.Run(0x80000005, 24, len(sequences), raw)


MANY = letters(10_000)


class InFlight(RuleBasedStateMachine):
    """Flight against a dictionary, with gaps between the numbers and acknowledgements in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.flight = Flight()
        self.next = 0xFFFF_FFF0
        self.open: dict[int, int] = {}
        self.sent = 0

    @rule(count=st.integers(1, 9), gap=st.integers(0, 2))
    def send(self, count, gap):
        self.flight.sent(self.next, Piece(MANY, self.sent, self.sent + count))
        for k in range(count):
            self.open[(self.next + k) & 0xFFFF_FFFF] = self.sent + k
        self.sent += count
        self.next = (self.next + count + gap) & 0xFFFF_FFFF

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def acknowledge(self, data):
        order = list(self.open)
        chosen = data.draw(
            st.one_of(
                st.integers(1, len(order)).map(lambda n: order[:n]),
                st.lists(st.sampled_from([*order, 77, 78]), min_size=1, max_size=12),
            )
        )
        strays = sum(1 for k, one in enumerate(chosen) if one not in self.open or one in chosen[:k])
        assert self.flight.answered(acknowledged(chosen)) == strays
        for one in chosen:
            self.open.pop(one, None)

    @invariant()
    def agrees(self):
        assert self.flight.unanswered == len(self.open)

    def teardown(self):
        left = [k for piece in self.flight.abandon() for k in range(piece.start, piece.stop)]
        assert left == list(self.open.values())
        assert self.flight.unanswered == 0


TestFlight = InFlight.TestCase
TestFlight.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)


@given(st.lists(st.tuples(st.integers(1, 20), st.floats(0, 5)), min_size=1, max_size=10), st.integers(1, 7))
def test_what_waits_comes_out_whole_and_not_before_it_is_due(mails, most):
    outbox = Outbox()
    for count, due in mails:
        outbox.put(letters(count), due, 0.0)
    assert outbox.waiting == sum(count for count, _ in mails)
    now, got = 0.0, 0
    while outbox.waiting:
        piece = outbox.take(most, now)
        if piece is None:
            later = outbox.deadline()
            assert later is not None
            assert later > now
            now = later
            continue
        assert 0 < piece.stop - piece.start <= most
        got += piece.stop - piece.start
    assert got == sum(count for count, _ in mails)
    assert outbox.take(most, 99.0) is None


def test_chances_are_near_their_ratio_and_independent_of_each_other():
    fate = Fate(Plan(seed=3))
    people = [f"100{k:08d}".encode() for k in range(20_000)]
    draws = {kind: [fate.draw(kind, one, k) for k, one in enumerate(people)] for kind in ("lose", "late", "duplicate")}
    for values in draws.values():
        assert abs(sum(value < 0.2 for value in values) / 20_000 - 0.2) < 0.02
        assert min(values) >= 0
        assert max(values) < 1
    both = sum(a < 0.2 and b < 0.2 for a, b in zip(draws["lose"], draws["late"], strict=True))
    assert abs(both / 20_000 - 0.04) < 0.015


@pytest.mark.parametrize(
    ("settings_", "said"),
    [
        ({"speed": 1}, "speed"),
        ({"lose_reports": "often"}, "lose_reports"),
        ({"accounts": [{"name": "x"}]}, "accounts"),
        ({"response_delay": [1]}, "response_delay"),
        ({"results": {"a": 1}}, "results"),
        ({"drop_before": 7}, "drop_before"),
    ],
)
def test_a_plan_says_which_setting_is_wrong(settings_, said):
    with pytest.raises(ValueError, match=said):
        Plan.of(settings_)


@pytest.mark.parametrize("written", ["[]", "{", "1"])
def test_a_plan_is_a_json_object(written):
    with pytest.raises(ValueError):
        Plan.load(written)


def test_a_plan_is_read_from_json():
    plan = Plan.load(
        '{"accounts": [{"sp_id": "1", "rate": 5}], "report_delay": 2, "drop_after": [3], "results": {"4": 8}}'
    )
    assert plan.accounts == (Account("1", rate=5),)
    assert plan.report_delay == (2.0, 2.0)
    assert plan.drop_after == {3}
    assert plan.results == {4: 8}
