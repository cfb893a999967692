"""When an account is not well, and how long that must last before it rings (FAULTS G5: told within a minute)."""

from datetime import timedelta

from fenghuo.delivery.ledger.queries import GatewayHealth

WELL = ("bound", "throttled", "paused")

GRACE = timedelta(seconds=10)  # a line that drops and is back at once is no alarm
STARTING = timedelta(seconds=30)  # an account that no sender ever reported: the machine is being started
# A report that is missing was awaited for 45 seconds already; silence is only called so after 40.
LATE = timedelta(seconds=2)
AWAKE = 15.0  # seconds: a worker that has just come up does not ring for a sender that is coming up beside it
STUCK = 60.0  # seconds: an account that only slows us down and takes nothing for so long is not well either
STEADY = timedelta(seconds=10)  # well for so long, and the alarm is over


def well(one: GatewayHealth) -> bool:
    """Whether messages can leave by this account."""
    if one.last_error == "clock_stepped":
        return False
    return one.state in WELL and not (one.state == "throttled" and one.idle > STUCK)


def grace(one: GatewayHealth) -> timedelta:
    """How long an account must be unwell before it rings."""
    if one.last_error == "no_sender":
        return LATE if one.since else STARTING
    return LATE if one.state in ("silent", "refused", "throttled") else GRACE
