"""What an alert must be, and who may do what to it and why not."""

from fenghuo.warning.alerts.rules.answer import CODE_DIGITS, Answer, answer
from fenghuo.warning.alerts.rules.content import FIRST_YEAR, LAST_YEAR, Audience, Content, Origin, read, wording
from fenghuo.warning.alerts.rules.filling import WORDS, filled, suggested, template_of, unfilled
from fenghuo.warning.alerts.rules.flows import URGENT, network_approved, profile_of, whole_network_allowed
from fenghuo.warning.alerts.rules.frame import Frame, body_of, correction_of, frame_of
from fenghuo.warning.alerts.rules.hands import Hands, approver, authors, hands
from fenghuo.warning.alerts.rules.law import Element, elements
from fenghuo.warning.alerts.rules.may import already_signed, is_leader, may, needs_approval, require
from fenghuo.warning.alerts.rules.outlines import outlines_of
from fenghuo.warning.alerts.rules.problem import Problem
from fenghuo.warning.alerts.rules.problems import problems
from fenghuo.warning.alerts.rules.succession import (
    Fate,
    Succession,
    fate,
    may_follow,
    not_live,
    outrun,
    succession,
    superseded,
)
from fenghuo.warning.alerts.rules.words import STATES, VERBS, local

__all__ = [
    "CODE_DIGITS",
    "FIRST_YEAR",
    "LAST_YEAR",
    "STATES",
    "URGENT",
    "VERBS",
    "WORDS",
    "Answer",
    "Audience",
    "Content",
    "Element",
    "Fate",
    "Frame",
    "Hands",
    "Origin",
    "Problem",
    "Succession",
    "already_signed",
    "answer",
    "approver",
    "authors",
    "body_of",
    "correction_of",
    "elements",
    "fate",
    "filled",
    "frame_of",
    "hands",
    "is_leader",
    "local",
    "may",
    "may_follow",
    "needs_approval",
    "network_approved",
    "not_live",
    "outlines_of",
    "outrun",
    "problems",
    "profile_of",
    "read",
    "require",
    "succession",
    "suggested",
    "superseded",
    "template_of",
    "unfilled",
    "whole_network_allowed",
    "wording",
]
