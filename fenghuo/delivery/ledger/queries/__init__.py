"""Every shared read of the ledger. Nothing here writes."""

from fenghuo.delivery.ledger.queries.audience import audience, audience_hash, correction_of, corrections_of
from fenghuo.delivery.ledger.queries.doubts import Doubt, in_doubt
from fenghuo.delivery.ledger.queries.gateways import STALE_MS, GatewayHealth, gateways, holder_of
from fenghuo.delivery.ledger.queries.heard import Milestone, inbound, messages, milestones
from fenghuo.delivery.ledger.queries.progress import Progress, estimate, max_in_doubt, progress
from fenghuo.delivery.ledger.queries.recipients import Page, Row, export, recipients
from fenghuo.delivery.ledger.queries.times import moment

__all__ = [
    "STALE_MS",
    "Doubt",
    "GatewayHealth",
    "Milestone",
    "Page",
    "Progress",
    "Row",
    "audience",
    "audience_hash",
    "correction_of",
    "corrections_of",
    "estimate",
    "export",
    "gateways",
    "holder_of",
    "in_doubt",
    "inbound",
    "max_in_doubt",
    "messages",
    "milestones",
    "moment",
    "progress",
    "recipients",
]
