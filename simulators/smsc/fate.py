"""What becomes of each message and of its status report, decided by the seed and the recipient."""

from collections.abc import Sequence
from typing import Final
from zlib import crc32

from simulators.smsc.plan import Plan

DELIVERED: Final = "DELIVRD"
OPPOSITE: Final = {DELIVERED: "UNDELIV"}
_OF_REPORTS: Final = ("lose", "duplicate", "contradict", "intermediate", "late", "shuffle")
_OF_RESPONSES: Final = ("lose_response", "duplicate_response")


class Fate:
    """The part of a plan that speaks of single recipients."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._salts = {kind: crc32(f"{plan.seed}:{kind}".encode()) for kind in ("fail", *_OF_REPORTS, *_OF_RESPONSES)}
        self._failing = {number.encode("latin-1"): word for number, word in plan.failing.items()}
        self._ladder: list[tuple[float, str]] = []
        share = 0.0
        for word, ratio in plan.failing_ratio.items():
            share += ratio
            self._ladder.append((share, word))

    def draw(self, kind: str, number: bytes, msg_id: int = 0) -> float:
        """A number in [0, 1) that only the seed, the kind of question and the recipient's message decide.

        Of the Msg_Id only the 16-bit number counts: the rest is the time, which differs from run to run.
        """
        mixed = crc32(number, self._salts[kind]) ^ (msg_id & 0xFFFF) * 0x9E37
        mixed = (mixed ^ mixed >> 15) * 0x2C1B3C6D & 0xFFFF_FFFF
        mixed = (mixed ^ mixed >> 12) * 0x297A2D39 & 0xFFFF_FFFF
        return (mixed ^ mixed >> 15) / 4294967296

    def words(self, numbers: Sequence[bytes]) -> list[str] | None:
        """The final status word of each number, or None where every one is DELIVRD. The same number always fares alike."""
        if not self._failing and not self._ladder:
            return None
        return [self._failing.get(number) or self._by_share(number) for number in numbers]

    def _by_share(self, number: bytes) -> str:
        drawn = self.draw("fail", number)
        return next((word for share, word in self._ladder if drawn < share), DELIVERED)

    def chosen(self, kind: str, ratio: float, numbers: Sequence[bytes], ids: Sequence[int]) -> list[int]:
        """The indexes of those who are hit by something that hits that share of all."""
        if not ratio:
            return []
        pairs = zip(numbers, ids, strict=True)
        return [index for index, (number, msg_id) in enumerate(pairs) if self.draw(kind, number, msg_id) < ratio]
