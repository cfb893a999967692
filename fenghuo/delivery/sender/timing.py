"""Every duration of the sender in one place, in seconds; tests and drills shorten them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fenghuo.delivery.gateways.timers import Timers
from fenghuo.delivery.ledger import rules


def _waits() -> dict[str, float]:
    return {policy.name: policy.wait for policy in (rules.URGENT, rules.PATIENT)}


@dataclass(frozen=True)
class Timing:
    """Defaults are DESIGN's. `waits` is how long a recipient stays in doubt before a second copy, per policy."""

    lease: float = 10.0
    lease_margin: float = 1.0  # nothing is written to a socket this close to the end of the lease
    tick: float = 0.05  # the longest wait, and how often timers are looked at
    orders: float = 0.05
    group: float = 0.003  # a group commit gathers answers for so long while more than half of the window is on the line
    gather: float = 0.005  # status reports that come many at a time wait so long for more, and are entered together
    health: float = 5.0
    adopt: float = 5.0  # how often is looked for accounts that nobody serves any more
    share: float = 0.25  # how often is looked whether another account should send, or has handed something over
    look_again: float = 1.0
    silent: float = 40.0  # nothing heard for so long shows as silent on the desk
    connect: float = 5.0
    unheard: float = 9.0  # bytes that no host on the way has confirmed for so long: the connection is cut off
    backoff: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
    throttle: tuple[float, ...] = (0.25, 0.5, 1.0, 2.0, 5.0)
    longest_pause: float = 30.0  # a gateway that asks for a longer one is asked again after so long
    correction: float = 0.5  # a correction waits so long for answers to its alert
    keep_final: float = 900.0  # a broadcast whose fate is known stays in memory for repeated receipts
    receipts: float = 48 * 3600.0
    good_bye: float = 2.0
    clock: float = 300.0  # the wall clock was set, and that has stood for so long: then it is believed
    hung: float = 60.0  # an account's thread that has not moved for so long is stuck: its process shows no sign of life
    stuck: float = 10.0  # a busy or full disk is tried again for so long
    timers: Timers = field(default_factory=Timers)
    waits: Mapping[str, float] = field(default_factory=_waits)

    @classmethod
    def leased(cls, seconds: float) -> "Timing":
        """With a lease of so many seconds: renewed three times in that, and a line that is cut off is given up within it."""
        return cls(
            lease=seconds,
            health=min(cls.health, seconds / 3),
            connect=min(cls.connect, seconds / 2),
            unheard=seconds - 1,
        )
