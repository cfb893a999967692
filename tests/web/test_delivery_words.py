"""What a page says of a broadcast is what the carrier has answered for, not what was hoped."""

from typing import Any

import pytest
from django.utils.translation import override

from fenghuo.delivery.ledger.queries import Progress
from fenghuo.web.delivery_words import lane


@pytest.mark.parametrize(
    ("counts", "stopped", "handed", "gone", "said"),
    [
        ({"unsent": 9}, False, 0, 0, "Being sent."),
        ({"intended": 9}, False, 0, 9, "Being sent."),
        ({"intended": 1, "delivered": 8}, False, 8, 9, "Being sent."),
        ({"accepted": 9}, False, 9, 9, "All handed to the carrier"),
        ({"delivered": 9}, False, 9, 9, "Everyone has been reached"),
        ({"delivered": 8, "failed": 1}, False, 9, 9, "Some could not be reached"),
        ({"delivered": 8, "in_doubt": 1}, False, 8, 9, "in doubt"),
        ({"expired": 9}, False, 0, 0, "never sent because the alert expired"),
        ({"expired": 1, "delivered": 8}, False, 8, 8, "never sent because the alert expired"),
        ({"stopped": 9}, True, 0, 0, "Stopped by the recall"),
        ({"stopped": 5, "accepted": 4}, True, 4, 4, "Nothing more is sent"),
        ({"stopped": 5, "delivered": 4}, True, 4, 4, "Stopped by the recall"),
        ({"unsent": 9}, True, 0, 0, "Stopped by the recall"),
    ],
)
def test_nobody_counts_as_handed_over_before_the_carrier_answered(
    counts: dict[str, Any], stopped: bool, handed: int, gone: int, said: str
) -> None:
    with override("en"):
        shown = lane("release", Progress(count=sum(counts.values()), **counts), stopped=stopped)
    assert (shown["handed"], shown["gone"]) == (handed, gone)
    assert said in shown["sentence"]
