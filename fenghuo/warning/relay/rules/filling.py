"""From an arrival to the alert that relays it: origin and wording kept, everything else filled in as far as it can be known."""

from datetime import timedelta
from typing import Any

from fenghuo.warning.alerts import queries as alerts
from fenghuo.warning.alerts.models import Alert
from fenghuo.warning.alerts.rules import Content, wording
from fenghuo.warning.relay.models import Arrival
from fenghuo.warning.relay.queries import told_of
from fenghuo.warning.relay.rules.judging import common
from fenghuo.warning.relay.values import Told
from fenghuo.warning.templates import queries as templates
from fenghuo.warning.templates import values
from fenghuo.wire.cap import events

CLASSES = {
    events.EventClass.NATURAL: "natural",
    events.EventClass.ACCIDENT: "accident",
    events.EventClass.HEALTH: "health",
    events.EventClass.SECURITY: "security",
}
VERBATIM, LONG, LINE = 10_000, 2000, 120
HOURS = timedelta(
    hours=24
)  # where neither the warning nor a template says how long it holds: a person looks at it anyway


def proposed(arrival: Arrival, audience: dict[str, Any]) -> Content:
    """What the relaying alert says. Caution and measures that the warning leaves out come from the template that fits it."""
    told = told_of(arrival)
    organisation = arrival.organisation
    version = templates.suited(organisation, event=told.event, level=told.level) if told.event else None
    starts = told.starts_at or told.sent or arrival.received_at
    hours = timedelta(hours=version.hours) if version else HOURS
    return Content.model_validate(
        {
            "kind": "warning",
            "category": CLASSES.get(events.class_of(told.event), "") if told.event else "",
            "level": told.level,
            "event": told.event if events.CODE.fullmatch(told.event) else "",
            "headline": told.headline[:LINE],
            "body": wording(told.text)[:LONG],
            "caution": _words(version.caution if version else ""),
            "measures": told.measures[:LONG] or _words(version.measures if version else ""),
            "starts_at": starts,
            "expires_at": told.expires_at or max(starts, arrival.received_at) + hours,
            "areas": common(told, organisation.area_id)[:500],
            "audience": audience,
            "origin": {
                "issuer": told.issuer[:100],
                "issued_at": told.sent,
                "received_at": max(one for one in (arrival.received_at, told.sent) if one),
                "how": arrival.how,
                "text": told.text[:VERBATIM],
                "reference": told.identifier[:200],
                "arrival": arrival.id,
                "sha256": arrival.sha256,
            },
        }
    )


def relation_to(told: Told, alert: Alert) -> str:
    """How a warning that refers to `alert` follows it: lift, raise, lower or update."""
    if told.msg_type == "Cancel":
        return "lift"
    if told.level is None or alert.level is None or told.level == alert.level:
        return "update"
    return "raise" if told.level < alert.level else "lower"


def kept_after(alert: Alert, content: Content, relation: str) -> Content:
    """A follow-up keeps what the warning does not say anew: level of a lift, places, people, class and type."""
    before = alerts.content_of(alert)
    lift = relation == "lift"
    return content.model_copy(
        update={
            "level": before.level if lift or content.level is None else content.level,
            "event": content.event or before.event,
            "category": content.category or before.category,
            "areas": before.areas if lift else content.areas,
            "audience": before.audience,
            "caution": "" if lift else content.caution or before.caution,
            "measures": "" if lift else content.measures or before.measures,
        }
    )


def _words(text: str) -> str:
    """A template's words without the lines that still have blanks."""
    return "\n".join(line for line in text.splitlines() if not values.blanks(line))
