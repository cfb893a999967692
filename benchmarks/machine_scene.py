"""Where the random walk of `machine.py` takes place: three accounts, their texts and waits, and a time that only the walk moves."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.machine_gateway import Session
from benchmarks.machine_oracle import Oracle, State
from fenghuo.delivery.gateways.config import CmppGateway
from fenghuo.delivery.ledger.states import CODE_MASK, DOUBT_SHIFT, EXPIRED, STOPPED, UNSENT
from fenghuo.delivery.sender.desk import Desk
from fenghuo.delivery.sender.desk.wall import Wall
from fenghuo.delivery.sender.talk import Talk
from fenghuo.delivery.sender.timing import Timing

NAMES_OF = ("one", "two", "three")
GATES: dict[str, dict[str, Any]] = {
    "one": {"batch": 3}, "two": {"batch": 2, "prefixes": ["103"]}, "three": {"batch": 4, "prefixes": ["103", "1031"]},
}  # fmt: skip
TEXTS = {1: "【下仓镇】（演练）请转移。（演练结束）", 2: "【下仓镇】（演练）" + "请转移。" * 20 + "（演练结束）"}
CORRECTION = "【下仓镇】（演练）以本条为准。（演练结束）"
WAITS = {"urgent": 5, "patient": 20}  # seconds
KEEP, RECEIPTS = 15.0, 90.0
TIMING = Timing(
    lease=3600.0, orders=0.0, share=0.0, adopt=1e9, look_again=0.0, correction=0.0, throttle=(0.0,), keep_final=KEEP,
    receipts=RECEIPTS, waits={name: float(seconds) for name, seconds in WAITS.items()},
)  # fmt: skip
WINDOW, MOST_ALERTS = 6, 4
LEFT = (UNSENT, STOPPED, EXPIRED)
EVERY = 60  # steps between two looks at the disk


def account(name: str) -> CmppGateway:
    """One of the three."""
    return CmppGateway(
        name=name, protocol="cmpp3", mode="exercise", host="127.0.0.1", port=9, source_addr="900001",
        secret_file=Path("secret"), rate=10**7, window=WINDOW, max_in_flight_recipients=10**6, **GATES[name],
    )  # fmt: skip


@dataclass(eq=False)
class Seen:
    """A sheet as it was when last compared."""

    numbers: list[int]
    state: Any


@dataclass(eq=False)
class Served:
    """An account while a sender runs."""

    desk: Desk
    talk: Talk
    session: Session


def state_of(byte: int) -> State:
    """Of a state byte."""
    return byte & CODE_MASK, byte >> DOUBT_SHIFT


class Time(Wall):
    """The walk's time: nobody sets it, and it passes only where the walk says so."""

    def __init__(self, oracle: Oracle) -> None:
        self._oracle = oracle
        super().__init__(math.inf)

    def now_ms(self) -> int:
        return self._oracle.now

    def now(self) -> int:
        return self._oracle.now // 1000

    def look(self) -> bool:
        return False
