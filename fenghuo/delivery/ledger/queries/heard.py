"""What happened and what came in: milestones, messages from phones, receipts that fit nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from fenghuo.delivery.ledger import store
from fenghuo.delivery.ledger.models import Inbound
from fenghuo.delivery.ledger.models import Milestone as StoredMilestone
from fenghuo.delivery.ledger.queries.times import moment

UNMATCHED = ("orphan", "conflict", "unreadable")
LAST = 2**63 - 1


@dataclass(frozen=True)
class Milestone:
    """A moment in a broadcast's life, once: first_intent all_accepted all_final in_doubt recalled superseded expired."""

    seq: int
    broadcast: str
    name: str
    at: datetime
    counts: dict[str, int] = field(default_factory=dict)


class Unmatched(NamedTuple):
    """What a gateway said that belongs to nothing. `kind`: orphan (a receipt of no message that we know), conflict (a later receipt
    that says otherwise than the first), unreadable (a delivery that could not be decoded). `text`: its words, or its bytes.
    """

    id: int
    kind: str
    account: str
    at: int  # milliseconds since 1970
    message_id: str
    address: str
    text: str
    destination: str
    carrier_id: str  # as the carrier writes it, to ask by
    done_at: int  # when the gateway says that this became of it; 0: it does not say

    @property
    def said(self) -> datetime:
        """When it came, by our clock."""
        return datetime.fromtimestamp(self.at / 1000, UTC)

    @property
    def stated(self) -> datetime | None:
        """When the gateway says it happened."""
        return moment(self.done_at)


def milestones(after: int, limit: int = 500) -> list[Milestone]:
    """Milestones in the order they were written, beginning behind `after`."""
    rows = StoredMilestone.objects.filter(seq__gt=after).order_by("seq").select_related("broadcast")[:limit]
    return [
        Milestone(row.seq, row.broadcast.id, row.name, datetime.fromtimestamp(row.at / 1000, UTC), row.counts)
        for row in rows
    ]


def unmatched(
    *, kinds: Sequence[str] = UNMATCHED, account: str = "", before: int | None = None, limit: int = 50
) -> list[Unmatched]:
    """What a gateway said that belongs to nothing, newest first, beginning below the id `before`. One read, whatever there is."""
    rows = store.inbound_of(
        kinds, Unmatched._fields, account=account, after=0, before=LAST if before is None else before, limit=limit
    )
    return [Unmatched(*row) for row in rows]


def unmatched_since(id: int, limit: int = 100) -> list[tuple[int, str]]:
    """(id, number) of what came after the one with this id, newest first."""
    return [
        (int(row[0]), str(row[1]))
        for row in store.inbound_of(UNMATCHED, ("id", "address"), account="", after=id, before=LAST, limit=limit)
    ]


def inbound(*, kind: str | None = None, limit: int = 200) -> list[Inbound]:
    """What came in unasked, newest first, messages from phones included."""
    rows = Inbound.objects.all() if kind is None else Inbound.objects.filter(kind=kind)
    return list(rows.order_by("-id")[:limit])


def messages(after: int, limit: int = 500) -> list[Inbound]:
    """What phones wrote, in the order in which it was kept, beginning behind the number `after`."""
    return list(Inbound.objects.filter(kind="message", id__gt=after).order_by("id")[:limit])
