"""The states of one recipient, and of one segment of a long message.

A code is a nibble of the state byte: low four bits the state, high four bits how often this segment has been in doubt (15 = 15 or
more). Codes are ordered so that the worst of several segments is their maximum: what a page shows is `max` over segments.
"""

from fenghuo.ground.lifecycle.graph import Graph, Transition

DELIVERED = 1
ACCEPTED = 2
INTENDED = 3
UNSENT = 4
EXPIRED = 5
STOPPED = 6
IN_DOUBT = 7
AGAIN = 8  # in doubt, and a person ordered it sent again; shown as in doubt
FAILED = 9
MOVED = 10  # handed over to another account, unsent: nobody is shown here, the recipient lives on in a block of that account

CODE_MASK = 0x0F
DOUBT_SHIFT = 4
MOST_DOUBTS = 15

NAMES = {
    UNSENT: "unsent",
    INTENDED: "intended",
    ACCEPTED: "accepted",
    DELIVERED: "delivered",
    FAILED: "failed",
    IN_DOUBT: "in_doubt",
    AGAIN: "in_doubt",
    STOPPED: "stopped",
    EXPIRED: "expired",
}
CODES = {name: code for code, name in NAMES.items() if code != AGAIN}
SHOWN = tuple(CODES)

LISTED = tuple(NAMES)  # the codes in which a recipient is shown and counted

FINAL = frozenset({DELIVERED, FAILED, STOPPED, EXPIRED})
# A recipient in one of these was never handed to a gateway; everybody else is told of a correction.
NEVER_LEFT = frozenset({UNSENT, STOPPED, EXPIRED, MOVED})

GRAPH = Graph(
    name="recipient",
    states=SHOWN,
    initial="unsent",
    transitions=(
        Transition("intend", ("unsent", "in_doubt"), "intended"),
        Transition("accept", ("intended", "in_doubt"), "accepted"),
        Transition("throttle", ("intended",), "unsent"),
        Transition("doubt", ("intended",), "in_doubt"),
        Transition("deliver", ("intended", "accepted", "in_doubt", "unsent"), "delivered"),
        Transition("fail", ("intended", "accepted", "in_doubt", "unsent"), "failed"),
        Transition("stop", ("unsent",), "stopped"),
        Transition("expire", ("unsent",), "expired"),
    ),
)
