"""Every shared read of the ledger. Nothing here writes."""

from fenghuo.delivery.ledger.queries.audience import audience, audience_hash, correction_of, corrections_of
from fenghuo.delivery.ledger.queries.doubts import (
    Doubt,
    Doubtful,
    count_in_doubt,
    doubtful,
    in_doubt,
    in_doubt_of,
    still_in_doubt,
    unfinished,
)
from fenghuo.delivery.ledger.queries.ended import ended
from fenghuo.delivery.ledger.queries.gateways import STALE_MS, GatewayHealth, gateways, holder_of, unreached
from fenghuo.delivery.ledger.queries.heard import (
    LAST,
    UNMATCHED,
    Milestone,
    Unmatched,
    inbound,
    messages,
    milestones,
    unmatched,
    unmatched_since,
)
from fenghuo.delivery.ledger.queries.pending import Pending, pending
from fenghuo.delivery.ledger.queries.progress import Progress, estimate, max_in_doubt, progress
from fenghuo.delivery.ledger.queries.recipients import Row, export, recipients
from fenghuo.delivery.ledger.queries.restored import kept_out
from fenghuo.delivery.ledger.queries.sharing import able, left_to_send, unwell
from fenghuo.delivery.ledger.queries.times import day_of, moment, this_month
from fenghuo.delivery.ledger.queries.usage import (
    Gauge,
    Share,
    Test,
    Waiting,
    gauges,
    known_since,
    last_link_test,
    link_tests,
    quota_shares,
)

__all__ = [
    "LAST",
    "STALE_MS",
    "UNMATCHED",
    "Doubt",
    "Doubtful",
    "GatewayHealth",
    "Gauge",
    "Milestone",
    "Pending",
    "Progress",
    "Row",
    "Share",
    "Test",
    "Unmatched",
    "Waiting",
    "able",
    "audience",
    "audience_hash",
    "correction_of",
    "corrections_of",
    "count_in_doubt",
    "day_of",
    "doubtful",
    "ended",
    "estimate",
    "export",
    "gateways",
    "gauges",
    "holder_of",
    "in_doubt",
    "in_doubt_of",
    "inbound",
    "kept_out",
    "known_since",
    "last_link_test",
    "left_to_send",
    "link_tests",
    "max_in_doubt",
    "messages",
    "milestones",
    "moment",
    "pending",
    "progress",
    "quota_shares",
    "recipients",
    "still_in_doubt",
    "this_month",
    "unfinished",
    "unmatched",
    "unmatched_since",
    "unreached",
    "unwell",
]
