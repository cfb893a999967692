"""Value lists and code rules of the national warning XML, as seen in practice (docs/reference/national-xml.md)."""

import re
from enum import StrEnum

NAMESPACE = "http://com.icss.amp"
"""What one builder declares; real messages have none. Both are read, none is written."""


class Colour(StrEnum):
    """The level of a warning as `severity` has it."""

    RED = "Red"
    ORANGE = "Orange"
    YELLOW = "Yellow"
    BLUE = "Blue"
    UNKNOWN = "Unknown"


class MsgType(StrEnum):
    """首次, 更新, 解除."""

    ALERT = "Alert"
    UPDATE = "Update"
    CANCEL = "Cancel"


class Status(StrEnum):
    """As CAP; issuers use Actual and Test."""

    ACTUAL = "Actual"
    EXERCISE = "Exercise"
    SYSTEM = "System"
    TEST = "Test"
    DRAFT = "Draft"


class Scope(StrEnum):
    """Public in every message seen."""

    PUBLIC = "Public"
    RESTRICTED = "Restricted"
    PRIVATE = "Private"


class Urgency(StrEnum):
    """As CAP; issuers write Unknown."""

    IMMEDIATE = "Immediate"
    EXPECTED = "Expected"
    FUTURE = "Future"
    PAST = "Past"
    UNKNOWN = "Unknown"


class Certainty(StrEnum):
    """As CAP with VeryLikely; issuers write Unknown."""

    OBSERVED = "Observed"
    VERY_LIKELY = "VeryLikely"
    LIKELY = "Likely"
    POSSIBLE = "Possible"
    UNLIKELY = "Unlikely"
    UNKNOWN = "Unknown"


class Classification(StrEnum):
    """`secClassification`: public, or for use inside government. Anything else is a secret and is not read at all."""

    NONE = "None"
    INNER = "Inner"


IDENTIFIER = re.compile(r"([0-9A-Z]{14})_([0-9]{14})(?:_([0-9]))?", re.ASCII)
"""senderCode_YYYYMMDDhhmmss, since the newer rule with _N (31 characters in all)."""
SENDER_CODE = re.compile(r"[0-9A-Za-z]{4,20}", re.ASCII)
"""14 characters: 6 region + 3 agency (GB/T 4657) + 3 sub-unit + 2 extension; one province has 11. Others are read as they come."""
EVENT_TYPE = re.compile(r"[0-9A-Za-z]{1,20}", re.ASCII)
"""Five characters of GB/T 35561; a code that is not listed, or longer, is still carried."""
