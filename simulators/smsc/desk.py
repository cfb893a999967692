"""One account's side of the centre: its contract, what waits for it, and how its SUBMITs are judged."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from fenghuo.wire.cmpp import MAX_DESTINATIONS, Submit
from simulators.smsc.outbox import Outbox
from simulators.smsc.plan import Account

ACCEPTED = 0


@dataclass(frozen=True, slots=True)
class Results:
    """What a protocol calls its refusals."""

    structure: int
    length: int
    too_long: int
    flow: int
    source: int
    sp: int
    number: int
    most_ascii: int  # characters that one message may have


CMPP = Results(structure=1, length=4, too_long=6, flow=8, source=10, sp=11, number=13, most_ascii=159)
SMPP = Results(structure=0x33, length=2, too_long=1, flow=0x58, source=0x0A, sp=0x0F, number=0x0B, most_ascii=160)
RESULTS = {"cmpp": CMPP, "smpp": SMPP}


@dataclass(slots=True)
class Figures:
    """What happened, counted. Numbers count once for each SUBMIT they are in."""

    logins: int = 0
    logins_refused: Counter[int] = field(default_factory=Counter)  # by status
    connections: int = 0
    submits: int = 0
    accepted: int = 0
    refused: Counter[int] = field(default_factory=Counter)  # numbers, by Result
    responses_lost: int = 0
    reports_sent: int = 0
    reports_acknowledged: int = 0
    reports_refused: int = 0
    reports_lost: int = 0
    reports_again: int = 0
    stray_acknowledgements: int = 0
    messages_sent: int = 0
    peak_unanswered: int = 0
    peak_reports_unanswered: int = 0
    window_exceeded: int = 0
    unreadable: int = 0
    link_tests: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    offered_by_second: Counter[int] = field(default_factory=Counter)  # numbers, by second since the epoch
    accepted_by_second: Counter[int] = field(default_factory=Counter)


class Desk:
    """An account at work."""

    def __init__(self, account: Account, results: Results = CMPP) -> None:
        self.account = account
        self.results = results
        self.receivers: list[Callable[[], None]] = []  # wakes each connection that takes reports
        self.outbox = Outbox()
        self.lines = 0
        self.unanswered = 0  # SUBMITs without a response yet, on all its connections
        self._level = account.rate * account.burst
        self._at = 0.0

    def admit(self, frames: int, each: int, now: float) -> int:
        """How many of so many SUBMITs to `each` numbers the contracted rate lets through now."""
        rate = self.account.rate
        if not rate:
            return frames
        self._level = min(rate * self.account.burst, self._level + (now - self._at) * rate) if self._at else self._level
        self._at = now
        let = min(frames, int(self._level / each + 1e-9))
        self._level -= let * each
        return let

    def judge(self, model: Submit, destinations: int) -> int:
        """The Result that the fields of a SUBMIT deserve, whatever its numbers."""
        if destinations > MAX_DESTINATIONS:
            return self.results.structure
        if len(model.content) > (140 if model.msg_fmt else self.results.most_ascii):
            return self.results.too_long
        if self.results is CMPP and model.sp_id != self.account.sp_id:
            return self.results.sp
        if not model.src_id.startswith(self.account.src_prefix):
            return self.results.source
        return ACCEPTED


def bad_number(block: bytes, width: int, bad: frozenset[bytes]) -> bool:
    """Whether one of the packed numbers is none that a phone can have, or one of the plan's."""
    if block.translate(None, b"0123456789+\0") or 0 in block[::width]:
        return True
    return bool(bad) and not bad.isdisjoint(block[at : at + width].rstrip(b"\0") for at in range(0, len(block), width))
