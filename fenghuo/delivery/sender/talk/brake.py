"""Whether a gateway refuses a number or refuses the account: of the second nobody fails.

A wrong sender number or a contract that is used up refuses every submit alike. A refused submit was not taken, so whoever was in
it stays unsent, and is found to be refused for good only when the gateway takes others and refuses them again. After some refusals
alike of different people, and nobody taken in between, nothing leaves but a single number now and then, until one is taken.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from fenghuo.delivery.gateways.line import REFUSED, RETRY, TAKEN
from fenghuo.delivery.ledger.values import Claim

Who = tuple[int, int, int]  # broadcast, slot and place of one recipient

ALIKE = 5  # refusals of different people, one after the other
PROVEN = 600.0  # seconds for which an account that took somebody is believed to be in order
PROBES = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)  # seconds between two numbers while the brake is on
TOLD = 2  # numbers refused on trial before people are told
ABOUT_NUMBER: Final = {
    "cmpp2": frozenset({13}),
    "cmpp3": frozenset({13}),
    "smpp": frozenset({0x0B}),
}  # plainly the recipient's


class Brake:
    """One account's, for as long as its sender lives. Times are monotonic seconds."""

    def __init__(self, protocol: str) -> None:
        self.code = ""  # what everybody is refused with, "" while that is not so
        self.since = 0.0
        self._about_number = ABOUT_NUMBER.get(protocol, frozenset())
        self._alike: set[Who] = set()
        self._last = ""
        self._first: dict[Who, float] = {}  # who was refused and kept, since when
        self._latest = 0.0  # the last of them
        self._taken_at: float | None = None
        self._chance = False  # nobody else is left: whoever is refused once more, by an account that works, has failed
        self._probes = 0
        self._probe_at = 0.0

    @property
    def told(self) -> str:
        """What to tell people: the code, once it has not been a passing thing."""
        return self.code if self._probes >= TOLD else ""

    def judge(self, who: Callable[[int], Who | None], verdicts: Any, results: Any, word: bytes, now: float) -> Any:
        """The verdicts with "try later" in the place of refusals that say nothing about the recipient.

        `who` tells for an index whose submit it was, None for several people's: those are halved until it is one.
        """
        judged = verdicts
        taken = np.flatnonzero(verdicts == TAKEN)
        if len(taken):
            self._took(now)
            for at in taken.tolist() if self._first else ():
                self._first.pop(who(at), None)  # type: ignore[arg-type]  # None is nobody
        for at in np.flatnonzero(verdicts == REFUSED).tolist():
            one = who(at)
            if one is None or self._final(one, int(results[at]), word, now):
                continue
            judged = verdicts.copy() if judged is verdicts else judged
            judged[at] = RETRY
        return judged

    def _took(self, now: float) -> None:
        self._taken_at, self._chance = now, False
        self._alike.clear()
        self.code, self._probes = "", 0

    def _final(self, one: Who, result: int, word: bytes, now: float) -> bool:
        code = word.decode("utf-8", "replace") or str(result)
        if code != self._last:
            self._last = code
            self._alike.clear()
        self._alike.add(one)
        if self.code:
            self.code = code
        elif len(self._alike) >= ALIKE:
            self._on(code, now)
        elif result in self._about_number or self._again(one):
            self._first.pop(one, None)
            return True
        self._latest = self._first.setdefault(one, now)
        return False

    def _again(self, one: Who) -> bool:
        """Whether it was refused before, and the account has proved since that it works."""
        first = self._first.get(one)
        return first is not None and self._taken_at is not None and (self._taken_at >= first or self._chance)

    def _on(self, code: str, now: float) -> None:
        self.code, self.since = code, now
        self._probes, self._probe_at = 0, now + PROBES[0]

    def keeps(self, claim: Claim) -> bool:
        """Whether these are to wait: refused, and perhaps not for what they are."""
        return claim.count == 1 and (claim.broadcast, claim.slot, claim.start) in self._first

    def releases(self, now: float, *, idle: bool) -> bool:
        """Whether those who wait may be asked about again; `idle`: nobody else is left and nothing is on the line."""
        works = not self.code and self._taken_at is not None
        if works and self._taken_at is not None and self._taken_at >= self._latest:
            return True
        if not idle:
            return False
        if works and self._taken_at is not None and now - self._taken_at < PROVEN:
            self._chance = True
            return True
        if not self.code:
            self._on(self._last, now)
        return now >= self._probe_at

    def waits(self, now: float) -> bool:
        """Whether nothing may leave at this moment, not even a single number."""
        return bool(self.code) and now < self._probe_at

    def probed(self, now: float) -> None:
        """A single number leaves."""
        self._probe_at = now + PROBES[min(self._probes, len(PROBES) - 1)]
        self._probes += 1
