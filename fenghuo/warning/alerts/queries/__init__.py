"""Every shared read of alerts and releases."""

from fenghuo.warning.alerts.queries.brake import paused, resume_digest
from fenghuo.warning.alerts.queries.counter import Counter, counter
from fenghuo.warning.alerts.queries.desk import (
    Running,
    Waiting,
    alert,
    difference,
    listing,
    running,
    steps,
    untold,
    waiting_for,
)
from fenghuo.warning.alerts.queries.document import Texts, content_of, default_correction, digest_of, texts
from fenghuo.warning.alerts.queries.flows import (
    Asked,
    UrgentNow,
    Written,
    asked,
    leaders_to_ask,
    open_urgent,
    replies,
    urgent_now,
    urgent_templates,
)
from fenghuo.warning.alerts.queries.leaving import Leaving, LeavingElsewhere, leaving, leaving_elsewhere
from fenghuo.warning.alerts.queries.operation_log import LogLine, operation_log
from fenghuo.warning.alerts.queries.public import PublicAlert, by_code, cap, current, feed, last_change, past
from fenghuo.warning.alerts.queries.succession import Link, chain, follow_ups, not_before, predecessors, told_of
from fenghuo.warning.alerts.queries.verify import verify_release
from fenghuo.warning.alerts.rules import Element, Problem, elements, problems

__all__ = [
    "Asked",
    "Counter",
    "Element",
    "Leaving",
    "LeavingElsewhere",
    "Link",
    "LogLine",
    "Problem",
    "PublicAlert",
    "Running",
    "Texts",
    "UrgentNow",
    "Waiting",
    "Written",
    "alert",
    "asked",
    "by_code",
    "cap",
    "chain",
    "content_of",
    "counter",
    "current",
    "default_correction",
    "difference",
    "digest_of",
    "elements",
    "feed",
    "follow_ups",
    "last_change",
    "leaders_to_ask",
    "leaving",
    "leaving_elsewhere",
    "listing",
    "not_before",
    "open_urgent",
    "operation_log",
    "past",
    "paused",
    "predecessors",
    "problems",
    "replies",
    "resume_digest",
    "running",
    "steps",
    "texts",
    "told_of",
    "untold",
    "urgent_now",
    "urgent_templates",
    "verify_release",
    "waiting_for",
]
