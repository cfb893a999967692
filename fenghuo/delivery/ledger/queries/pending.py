"""What would leave if sending went on: asked before it is resumed."""

from dataclasses import dataclass
from datetime import datetime

from fenghuo.delivery.ledger import store
from fenghuo.delivery.ledger.models import Broadcast
from fenghuo.delivery.ledger.queries.times import moment
from fenghuo.delivery.ledger.states import NAMES
from fenghuo.ground import clock

OPEN = ("unsent", "intended", "in_doubt")


@dataclass(frozen=True)
class Pending:
    """A broadcast some of whose recipients were not reached, or nobody knows. `expired`: nothing of it will leave."""

    broadcast: str
    parent: str  # a correction names its alert's broadcast
    organisation: str
    released_at: datetime | None
    expires_at: datetime | None
    unsent: int
    in_doubt: int  # those on the line when the ledger was read are among them
    expired: bool


def pending() -> list[Pending]:
    """Every released broadcast that is not over and was not recalled, oldest first. Two queries, whatever their number."""
    rows = list(Broadcast.objects.filter(closed=False, released_at__isnull=False, recalled_at=None).order_by("number"))
    counts: dict[int, dict[str, int]] = {row.number: dict.fromkeys(OPEN, 0) for row in rows}
    for number, state, n, _at in store.tallies(list(counts)):
        name = NAMES.get(state)
        if name in OPEN:
            counts[number][name] += n
    now_ms = round(clock.now().timestamp() * 1000)
    return [
        Pending(
            row.id,
            row.parent,
            row.organisation,
            moment(row.released_at),
            moment(row.expires_at),
            counts[row.number]["unsent"],
            counts[row.number]["intended"] + counts[row.number]["in_doubt"],
            row.expires_at <= now_ms,
        )
        for row in rows
        if any(counts[row.number].values())
    ]
