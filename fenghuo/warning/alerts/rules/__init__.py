"""What an alert must be, and who may do what to it and why not."""

from fenghuo.warning.alerts.rules.content import Audience, Content, Origin, read, wording
from fenghuo.warning.alerts.rules.frame import Frame, body_of, correction_of, frame_of
from fenghuo.warning.alerts.rules.hands import Hands, approver, authors, hands
from fenghuo.warning.alerts.rules.law import Element, elements
from fenghuo.warning.alerts.rules.may import already_signed, is_leader, may, needs_approval, require
from fenghuo.warning.alerts.rules.problem import Problem
from fenghuo.warning.alerts.rules.problems import problems
from fenghuo.warning.alerts.rules.words import STATES, VERBS, local

__all__ = [
    "STATES",
    "VERBS",
    "Audience",
    "Content",
    "Element",
    "Frame",
    "Hands",
    "Origin",
    "Problem",
    "already_signed",
    "approver",
    "authors",
    "body_of",
    "correction_of",
    "elements",
    "frame_of",
    "hands",
    "is_leader",
    "local",
    "may",
    "needs_approval",
    "problems",
    "read",
    "require",
    "wording",
]
