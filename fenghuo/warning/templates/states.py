"""The life of a template's version: draft → proposed → approved → retired. Its words never change on the way."""

from fenghuo.ground.lifecycle.graph import Graph, Transition

DRAFT = "draft"
PROPOSED = "proposed"
APPROVED = "approved"
RETIRED = "retired"

GRAPH = Graph(
    name="template",
    states=(DRAFT, PROPOSED, APPROVED, RETIRED),
    initial=DRAFT,
    transitions=(
        Transition("propose", (DRAFT,), PROPOSED),
        Transition("approve", (PROPOSED,), APPROVED),
        # Withdrawn by its writer, declined by whoever should approve, or taken out of use: always with a reason.
        Transition("retire", (DRAFT, PROPOSED, APPROVED), RETIRED),
    ),
)
