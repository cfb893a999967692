"""What the API says of gateway accounts, as OpenAPI shows it. Rates are messages a second, `ms` milliseconds."""

from datetime import datetime
from typing import Literal

from ninja import Schema


class LinkTestOut(Schema):
    """One night's test of a link, without an SMS."""

    day: int
    at: datetime
    kind: Literal["heartbeat", "login"]
    ok: bool
    ms: int
    error: str


class WaitingOut(Schema):
    """What still has to leave of one lane: 0 correction, 1 red … 4 blue, 5 notice."""

    lane: int
    recipients: int
    messages: int
    seconds: float


class UsageOut(Schema):
    """An account's meters; utilisations are of the contracted rate while something waited, null when nothing did."""

    utilisation_now: float | None
    utilisation_hour: float | None
    messages_hour: int
    throttled_hour: int
    refused_hour: int
    answer_ms: int | None
    messages_month: int
    recipients_month: int
    quota_per_month: int
    left_of_quota: int | None
    backlog: int
    waiting: list[WaitingOut]
    served_by: str
    last_link_test: LinkTestOut | None


class GatewayOut(Schema):
    """A gateway account as the sender sees it; `down` when no sender reports."""

    name: str
    protocol: str
    state: Literal["bound", "connecting", "refused", "throttled", "silent", "down", "paused"]
    since: datetime | None
    last_error: str
    rate: int
    window: int
    in_flight: int
    last_seen: datetime | None
    detail: str = ""
    usage: UsageOut | None = None


class GatewayList(Schema):
    """All gateway accounts, and how many recipients one crash may leave in doubt."""

    items: list[GatewayOut]
    max_in_doubt: int
