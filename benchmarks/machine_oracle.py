"""What must be true of every recipient after each step of the random walk: written from the documents, in plain Python.

A state is (code, doubts) of one cell: a recipient's one segment in one broadcast. What must become of it follows from what the
gateway said and from what was sent; what may become of it besides follows from what people ordered and from the time.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from benchmarks.machine_gateway import Cell
from fenghuo.delivery.ledger.states import (
    ACCEPTED,
    AGAIN,
    DELIVERED,
    EXPIRED,
    FAILED,
    IN_DOUBT,
    INTENDED,
    STOPPED,
    UNSENT,
)

State = tuple[int, int]
FINAL = (DELIVERED, FAILED)
OPEN = (INTENDED, IN_DOUBT, AGAIN)
FRESH: State = (UNSENT, 0)
TARGETS = {"resend": AGAIN, "accept": ACCEPTED, "give_up": FAILED}
BY_ITSELF = 1  # the second doubt is a person's


class Violation(AssertionError):
    """Something is so that must not be."""


def insist(holds: bool, what: str) -> None:
    """Say what is wrong."""
    if not holds:
        raise Violation(what)


def taken(state: State) -> State:
    """The gateway has it."""
    return (ACCEPTED, state[1]) if state[0] in OPEN else state


def not_taken(state: State) -> State:
    """It has none of it; whoever was in doubt before stays among those to whom a copy may have gone."""
    return (AGAIN if state[1] else UNSENT, state[1]) if state[0] == INTENDED else state


def refused(state: State) -> State:
    """It never will have it."""
    return (FAILED, state[1]) if state[0] in OPEN else state


def doubted(state: State) -> State:
    """No answer came."""
    return (IN_DOUBT, min(15, state[1] + 1)) if state[0] == INTENDED else state


def reported(code: int) -> Callable[[State], State]:
    """The first final word stands."""
    return lambda state: state if state[0] in FINAL else (code, state[1])


@dataclass
class Alert:
    """A broadcast, and what people decided about it. Times are milliseconds."""

    number: int
    id: str
    numbers: tuple[int, ...]
    segments: int
    wait: int  # in doubt, before a further copy
    expires: int
    parent: int = 0
    recalled: bool = False
    paused: bool = False
    ordered: int = 0  # the last order about it

    def over(self, now: int) -> bool:
        """Nothing more of it may leave."""
        return self.recalled or now >= self.expires


@dataclass
class Decision:
    """What a person decided on some who were in doubt; `waits` for these accounts to take it."""

    seq: int
    alert: int
    numbers: frozenset[int]
    kind: str
    waits: set[str]


@dataclass
class Oracle:
    """See the module. `cells` is what each account's sender must hold in memory."""

    now: int
    alerts: dict[int, Alert] = field(default_factory=dict)
    cells: dict[Cell, State] = field(default_factory=dict)
    since: dict[Cell, int] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)
    brake: bool = False
    must: dict[Cell, State] = field(default_factory=dict)
    let_go: set[Cell] = field(
        default_factory=set
    )  # with an answer of one segment still to come, the other having failed
    anew: set[Cell] = field(default_factory=set)  # in doubt since this step
    said: dict[Cell, set[int]] = field(default_factory=dict)  # final words heard whose submit the sender may not know

    def expect(self, rule: Callable[[State], State], cells: Iterable[Cell]) -> None:
        """This step must do that to these."""
        for cell in cells:
            self.must[cell] = rule(self.must.get(cell, self.cells.get(cell, FRESH)))

    def may_leave(self, cell: Cell, account: str) -> None:
        """Bytes for this cell leave now: whether they may, and what that must make of it."""
        alert, state = self.alerts[cell[0]], self.must.get(cell, self.cells.get(cell, FRESH))
        insist(not alert.recalled, f"{cell} left after its recall")
        insist(self.now < alert.expires, f"{cell} left after its expiry")
        insist(not (alert.paused or self.brake), f"{cell} left while all was paused")
        code, doubts = state
        if code == IN_DOUBT and not self._ordered(cell, account, "resend"):
            insist(doubts <= BY_ITSELF, f"{cell} left by itself after its {doubts}nd doubt")
            waited = self.now // 1000 - self.since[cell] // 1000  # as the ledger keeps it
            insist(waited * 1000 >= alert.wait, f"{cell} left again before its time")
        else:
            insist(code in (UNSENT, AGAIN, IN_DOUBT), f"{cell} left although {state}")
        self.must[cell] = (INTENDED, doubts)

    def _ordered(self, cell: Cell, account: str, kind: str) -> bool:
        return any(
            one.kind == kind and one.alert == cell[0] and cell[1] in one.numbers and account in one.waits
            for one in self.decisions
        )

    def check(self, cell: Cell, new: State, account: str) -> None:
        """A cell has changed; raises Violation unless something accounts for that."""
        old, want = self.cells.get(cell, FRESH), self.must.pop(cell, None)
        if not (new == want or self._may(cell, old if want is None else want, new, account)):
            raise Violation(f"{account}: {cell} was {old}, must be {want}, is {new}")
        self.cells[cell] = new
        if new[0] == IN_DOUBT and old[0] != AGAIN:
            self.since[cell] = self.now

    def settle_must(self, held: Callable[[Cell], bool]) -> None:
        """What had to happen and left no change: it must have been so already, where a sender holds it still."""
        for cell, want in self.must.items():
            if held(cell) and self.cells.get(cell, FRESH) != want:
                raise Violation(f"{cell} is {self.cells.get(cell, FRESH)}, must be {want}")
        self.must.clear()

    def _may(self, cell: Cell, old: State, new: State, account: str) -> bool:
        alert, (was, doubts), (code, now_doubts) = self.alerts[cell[0]], old, new
        if code in FINAL and was not in FINAL and code in self.said.get(cell, ()):
            return doubts == now_doubts
        if cell in self.let_go and new == doubted(old):
            return True
        if doubts != now_doubts:
            return False
        if was == UNSENT:
            return (code == STOPPED and alert.recalled) or (code == EXPIRED and self.now >= alert.expires)
        if was == AGAIN and code == IN_DOUBT:
            return alert.over(self.now)
        if was in (IN_DOUBT, AGAIN):
            if any(code == TARGETS[kind] and self._ordered(cell, account, kind) for kind in TARGETS):
                return True
            # ordered again, and then recalled in the same breath
            return was == code
        return False

    def taken_by(self, account: str, applied: int, held: Callable[[Cell], bool]) -> None:
        """This account has obeyed the orders up to here: decisions among them have had their effect."""
        for one in self.decisions:
            if account not in one.waits or one.seq > applied:
                continue
            one.waits.discard(account)
            alert = self.alerts.get(one.alert)
            if alert is not None:
                for number in one.numbers:
                    self._carried_out(one.kind, alert, number, held)
        self.decisions = [one for one in self.decisions if one.waits]

    def _carried_out(self, kind: str, alert: Alert, number: int, held: Callable[[Cell], bool]) -> None:
        """What was decided on a recipient is so. Who has failed meanwhile is in doubt to nobody: nothing is owed then."""
        cells = [(alert.number, number, segment) for segment in range(alert.segments)]
        codes = {cell: self.cells.get(cell, FRESH)[0] for cell in cells if held(cell)}
        if FAILED in codes.values():
            return
        for cell, code in codes.items():
            if kind != "resend":
                insist(code not in (IN_DOUBT, AGAIN), f"{cell} is {code} although decided: {kind}")
            elif not alert.over(self.now):
                anew = cell in self.anew  # ordered again, sent, and lost again in the same breath
                insist(code != IN_DOUBT or anew, f"{cell} is in doubt although ordered again")
