"""How far a broadcast has come: a tally that moves with the tape, so nothing here counts rows."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from fenghuo.delivery.gateways.config import serving
from fenghuo.delivery.ledger import store
from fenghuo.delivery.ledger.models import Broadcast
from fenghuo.delivery.ledger.models import Milestone as StoredMilestone
from fenghuo.delivery.ledger.queries.times import moment
from fenghuo.delivery.ledger.states import (
    ACCEPTED,
    DELIVERED,
    NAMES,
)


@dataclass(frozen=True)
class Progress:
    """How many recipients are in each state (their worst segment counts); `rate_per_s` recipients a second since the first."""

    count: int
    unsent: int = 0
    intended: int = 0
    accepted: int = 0
    delivered: int = 0
    failed: int = 0
    in_doubt: int = 0
    stopped: int = 0
    expired: int = 0
    released: bool = False
    paused: bool = False
    recalled_at: datetime | None = None
    superseded: bool = False  # stopped by a newer alert, not by a recall
    lift: bool = False  # stopped here means: never told of what is lifted
    first_intent_at: datetime | None = None
    last_accept_at: datetime | None = None
    rate_per_s: float = 0.0
    seconds_left: float | None = None  # None: nothing to wait for, or no way to know

    @property
    def reached(self) -> int:
        """Whoever was ever handed to a gateway, those in doubt included: the people that a correction is for."""
        return self.count - self.unsent - self.stopped - self.expired


def progress(broadcasts: Collection[str]) -> dict[str, Progress]:
    """Progress of broadcasts by id, in four queries whatever their number or size; unknown ids are left out."""
    found = {row.number: row for row in Broadcast.objects.filter(id__in=list(broadcasts))}
    numbers = list(found)
    states: dict[int, dict[str, int]] = {number: {} for number in numbers}
    last_accept: dict[int, int] = {}
    for number, state, n, at in store.tallies(numbers):
        name = NAMES[state]
        states[number][name] = states[number].get(name, 0) + n
        if state in (ACCEPTED, DELIVERED):
            last_accept[number] = max(last_accept.get(number, 0), at)
    first = dict(
        StoredMilestone.objects.filter(broadcast_id__in=numbers, name="first_intent").values_list("broadcast_id", "at")
    )
    accepted = dict(
        StoredMilestone.objects.filter(broadcast_id__in=numbers, name="all_accepted").values_list("broadcast_id", "at")
    )
    brake = store.control()
    return {
        row.id: _progress(
            row,
            states[number],
            first.get(number),
            accepted.get(number) or last_accept.get(number),
            brake.paused or row.organisation in brake.organisations,
        )
        for number, row in found.items()
    }


def _progress(row: Broadcast, n: dict[str, int], first: int | None, last: int | None, paused: bool) -> Progress:
    sent = sum(n.get(name, 0) for name in ("accepted", "delivered", "failed"))
    # The first second counts whole: a window leaves at once, and divided by a moment it would look like more than the contract.
    rate = sent * 1000 / (last - first + 1000) if first and last and sent and last > first else 0.0
    open_ = n.get("unsent", 0) + n.get("intended", 0)
    left = None
    if row.released_at and open_ and not row.recalled_at:
        left = open_ / rate if rate else estimate(open_, row.segments)
    return Progress(
        count=row.count,
        **n,
        released=row.released_at is not None,
        paused=row.paused or paused,
        recalled_at=moment(row.recalled_at),
        superseded=row.superseded,
        lift=bool(row.lifts),
        first_intent_at=moment(first),
        last_accept_at=moment(last) if sent else None,
        rate_per_s=round(rate, 1),
        seconds_left=left,
    )


def estimate(count: int, segments: int) -> float | None:
    """Seconds until the last of `count` recipients has left, at the contracted rates; None without any gateway account."""
    rates = [gateway.rate for gateway in serving(settings.FENGHUO.gateway, settings.FENGHUO.mode)]
    return count * segments / sum(rates) if rates else None


def max_in_doubt() -> int:
    """Recipients that one crash, or one dropped line, may leave in doubt on the account where it is most."""
    return max((one.most_in_doubt for one in serving(settings.FENGHUO.gateway, settings.FENGHUO.mode)), default=0)
