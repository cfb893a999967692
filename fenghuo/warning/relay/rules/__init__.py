"""What an arrival says, and whether and how it may be relayed."""

from fenghuo.warning.relay.rules.filling import proposed, relation_to
from fenghuo.warning.relay.rules.judging import common, division, judge, judge_signature, misdated
from fenghuo.warning.relay.rules.may import Known, known_rights, may, require
from fenghuo.warning.relay.rules.reading import read, typed

__all__ = [
    "Known",
    "common",
    "division",
    "judge",
    "judge_signature",
    "known_rights",
    "may",
    "misdated",
    "proposed",
    "read",
    "relation_to",
    "require",
    "typed",
]
