"""What happened and what came in: milestones, messages from phones, receipts that fit nothing."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from fenghuo.delivery.ledger.models import Inbound
from fenghuo.delivery.ledger.models import Milestone as StoredMilestone


@dataclass(frozen=True)
class Milestone:
    """A moment in a broadcast's life, once: first_intent all_accepted all_final in_doubt recalled superseded expired."""

    seq: int
    broadcast: str
    name: str
    at: datetime
    counts: dict[str, int] = field(default_factory=dict)


def milestones(after: int, limit: int = 500) -> list[Milestone]:
    """Milestones in the order they were written, beginning behind `after`."""
    rows = StoredMilestone.objects.filter(seq__gt=after).order_by("seq").select_related("broadcast")[:limit]
    return [
        Milestone(row.seq, row.broadcast.id, row.name, datetime.fromtimestamp(row.at / 1000, UTC), row.counts)
        for row in rows
    ]


def inbound(*, kind: str | None = None, limit: int = 200) -> list[Inbound]:
    """What came in unasked, newest first: `orphan` and `conflict` receipts, `message` from phones."""
    rows = Inbound.objects.all() if kind is None else Inbound.objects.filter(kind=kind)
    return list(rows.order_by("-id")[:limit])


def messages(after: int, limit: int = 500) -> list[Inbound]:
    """What phones wrote, in the order in which it was kept, beginning behind the number `after`."""
    return list(Inbound.objects.filter(kind="message", id__gt=after).order_by("id")[:limit])
