"""The window against a plain model, through any order of reserving, sending, answering, waiting and releasing."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fenghuo.wire import cmpp
from fenghuo.wire.stream import Window

SIZE = 8


def responses(sequences: list[int]) -> cmpp.Run:
    raw = b"".join(cmpp.encode(cmpp.SubmitResp(one, 0, 0), cmpp.V30) for one in sequences)
    return cmpp.Run(0x80000004, 24, len(sequences), raw)


class Slots(RuleBasedStateMachine):
    """`slots` maps every taken Sequence_Id to reserved, sent, answered or late."""

    def __init__(self) -> None:
        super().__init__()
        self.window = Window(SIZE)
        self.slots: dict[int, str] = {}
        self.due: dict[int, float] = {}
        self.next = 0xFFFF_FFF8
        self.now = 0.0

    @rule(count=st.integers(1, SIZE))
    def reserve(self, count):
        if count > SIZE - len(self.slots):
            try:
                self.window.reserve(self.next, count)
            except cmpp.ProtocolError:
                return
            raise AssertionError("more slots than there are")
        self.window.reserve(self.next, count)
        for k in range(count):
            self.slots[(self.next + k) & 0xFFFF_FFFF] = "reserved"
        self.next = (self.next + count) & 0xFFFF_FFFF

    @precondition(lambda self: "reserved" in self.slots.values())
    @rule(data=st.data())
    def send(self, data):
        one = data.draw(st.sampled_from([key for key, state in self.slots.items() if state == "reserved"]))
        self.window.sent(one, 1, self.now + 60)
        self.slots[one] = "sent"
        self.due[one] = self.now + 60

    @rule(data=st.data())
    def answer(self, data):
        known = st.sampled_from(list(self.slots)) if self.slots else st.integers(0, 50)
        sequences = data.draw(st.lists(known | st.integers(0, 50), min_size=1, max_size=6))
        awaited, strays = self.window.answered(responses(sequences))
        expected: list[int] = []
        for one in sequences:
            if self.slots.get(one) == "sent":
                self.slots[one] = "answered"
                expected.append(one)
        assert [one for run in awaited for one in run.sequences()] == expected
        assert sum(run.frames for run in awaited + strays) == len(sequences)

    @rule(seconds=st.integers(1, 70))
    def wait(self, seconds):
        self.now += seconds
        late = {one for one, state in self.slots.items() if state == "sent" and self.due[one] <= self.now}
        assert set(self.window.overdue(self.now)) == late
        for one in late:
            self.slots[one] = "late"

    @rule(data=st.data())
    def release(self, data):
        gone = data.draw(st.lists(st.sampled_from(list(self.slots)), unique=True) if self.slots else st.just([1, 2]))
        self.window.release(gone)
        for one in gone:
            self.slots.pop(one, None)

    @invariant()
    def agrees(self):
        def of(state: str) -> tuple[int, ...]:
            return tuple(sorted(key for key, value in self.slots.items() if value == state))

        assert self.window.room == SIZE - len(self.slots)
        assert self.window.held == tuple(sorted(self.slots))
        assert self.window.unanswered == of("sent")
        assert self.window.unsent == of("reserved")
        waiting = [self.due[one] for one in of("sent")]
        assert self.window.deadline() == (min(waiting) if waiting else None)


TestWindow = Slots.TestCase
TestWindow.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
