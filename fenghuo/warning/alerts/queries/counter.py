"""The live counter (W4): what this text and this audience amount to, before anybody signs."""

from dataclasses import dataclass
from typing import Any

from fenghuo.delivery.ledger import queries as ledger
from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import queries as contacts
from fenghuo.warning.alerts.rules import frame_of


@dataclass(frozen=True)
class Counter:
    """`units`: UTF-16 code units of the whole text; `segments`: the carrier's own count; `billed`: by the profile's rule.

    `cost_fen` is for all recipients, 0 where the carriers deliver free of charge; `seconds_to_last` is None without a gateway.
    `problem` says why the audience counts as nobody.
    """

    text: str
    units: int
    limit: int
    remaining: int
    segments: int
    billed: int
    people: int
    recipients: int
    cost_fen: int
    seconds_to_last: float | None
    problem: Refused | None = None


def counter(body: str, organisation: Organisation, audience: dict[str, Any], kind: str = "warning") -> Counter:
    """Count a text as it would be rendered now. Never refuses: a half-typed text and an empty audience are counted too."""
    frame = frame_of(organisation)
    preview = frame.preview(body)
    people, numbers, problem = 0, 0, None
    try:
        people, numbers = contacts.count(organisation=organisation, audience=audience)
    except Refused as refused:
        problem = refused
    count, sms = preview.count, frame.profile.sms
    price = 0 if kind in sms.free_kinds.value else sms.price_fen.value
    return Counter(
        text=preview.text,
        units=count.units,
        limit=frame.limit,
        remaining=frame.limit - count.units,
        segments=count.segments,
        billed=count.billed,
        people=people,
        recipients=numbers,
        cost_fen=price * count.billed * numbers,
        seconds_to_last=ledger.estimate(numbers, count.segments) if numbers else 0.0,
        problem=problem,
    )
