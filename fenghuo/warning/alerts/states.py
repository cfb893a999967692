"""The life of an alert: draft → submitted → reviewed → approved → signed. Recalled, lifted and expired are derived, not stored."""

from fenghuo.ground.lifecycle.graph import Graph, Transition

DRAFT = "draft"
SUBMITTED = "submitted"
REVIEWED = "reviewed"
APPROVED = "approved"
SIGNED = "signed"

GRAPH = Graph(
    name="alert",
    states=(DRAFT, SUBMITTED, REVIEWED, APPROVED, SIGNED),
    initial=DRAFT,
    transitions=(
        Transition("submit", (DRAFT,), SUBMITTED),
        Transition("review", (SUBMITTED,), REVIEWED),
        Transition("approve", (REVIEWED,), APPROVED),
        Transition("sign", (REVIEWED, APPROVED), SIGNED),
        # The audience is taken again from the contacts as they are now: back to review.
        Transition("refreeze", (SUBMITTED, REVIEWED, APPROVED), SUBMITTED),
        Transition("edit", (DRAFT, SUBMITTED, REVIEWED, APPROVED), DRAFT),
        Transition("return", (SUBMITTED, REVIEWED, APPROVED), DRAFT),
        Transition("withdraw", (SUBMITTED, REVIEWED, APPROVED), DRAFT),
        # The urgent flow: one signer prepares and releases; others confirm and review it afterwards (Urgent).
        Transition("release_urgent", (SUBMITTED,), SIGNED),
    ),
)
