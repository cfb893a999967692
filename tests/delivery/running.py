"""A sender that runs in the test's own thread until something has become true."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import time as TimeOfDay

from fenghuo.delivery.gateways.config import Gateway
from fenghuo.delivery.gateways.timers import Timers
from fenghuo.delivery.ledger import queries
from fenghuo.delivery.sender.desk import Desk
from fenghuo.delivery.sender.keeper import Connector, Keeper
from fenghuo.delivery.sender.lines import line_of
from fenghuo.delivery.sender.timing import Timing

SECRET = b"exercise"
QUICK = Timing(
    lease=30.0,
    backoff=(0.02, 0.05),
    throttle=(0.05, 0.1),
    look_again=0.02,
    correction=0.3,
    health=0.2,
    timers=Timers(idle=1.0, answer=0.6, tries=2),
    waits={"urgent": 0.0, "patient": 1.0},
)


class TooLong(AssertionError):
    """What was waited for did not come."""


def send_until(
    gateway: Gateway,
    condition: Callable[[], bool],
    *,
    timing: Timing = QUICK,
    seconds: float = 60.0,
    accounts: Sequence[str] = (),
    connector: Connector | None = None,
    link_test: TimeOfDay | None = None,
) -> None:
    """Run the account's keeper in this thread until `condition` holds (asked about 20 times a second)."""
    stop, began = threading.Event(), time.monotonic()

    def until(desk: Desk) -> bool:
        return condition() or time.monotonic() - began > seconds

    keeper = Keeper(
        gateway,
        connector or (lambda now: line_of(gateway, SECRET, timing.timers, now)),
        mode="exercise",
        accounts=list(accounts) or [gateway.name],
        timing=timing,
        stop=stop,
        until=until,
        link_test=link_test,
    )
    keeper.run()
    if time.monotonic() - began > seconds:
        raise TooLong(f"{queries.gateways()} {[(m.name, m.counts) for m in queries.milestones(0)]}")


def settled(broadcast: str, *, in_doubt: bool = False) -> Callable[[], bool]:
    """A condition: every recipient's fate is known (or in doubt, where that is enough)."""

    def condition() -> bool:
        now = queries.progress([broadcast]).get(broadcast, queries.Progress(0))
        return now.unsent + now.intended + now.accepted + (0 if in_doubt else now.in_doubt) == 0 and now.released

    return condition


def without_answers(seconds: float) -> Timing:
    """Quick, with so many seconds to answer a submit."""
    return replace(QUICK, timers=Timers(idle=seconds, answer=seconds, tries=2))
