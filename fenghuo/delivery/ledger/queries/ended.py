"""Of what nothing more leaves, and why: asked before a person orders it sent once more."""

from collections.abc import Sequence

from fenghuo.delivery.ledger.models import Broadcast, Order
from fenghuo.ground import clock

STOPS = ("recall", "supersede", "correct")


def ended(broadcasts: Sequence[str]) -> dict[str, str]:
    """Of some broadcasts those of which nothing more leaves: recalled, superseded or expired.

    What was ordered counts from the order on, whether or not a sender has obeyed it yet.
    """
    ordered = (
        Order.objects.filter(broadcast__in=broadcasts, kind__in=STOPS).order_by("-seq").values_list("broadcast", "kind")
    )
    found = {
        id: "superseded" if kind == "supersede" else "recalled" for id, kind in ordered
    }  # the first that was given
    now_ms = round(clock.now().timestamp() * 1000)
    for row in Broadcast.objects.filter(id__in=broadcasts).only("id", "recalled_at", "superseded", "expires_at"):
        if row.recalled_at is not None:
            found[row.id] = "superseded" if row.superseded else "recalled"
        elif now_ms >= row.expires_at:
            found.setdefault(row.id, "expired")
    return found
