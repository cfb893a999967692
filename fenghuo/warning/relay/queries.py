"""Reading arrivals: the list of an organisation, what still rings, what one says."""

from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_noop as _

from fenghuo.ground import clock
from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.paging import Page
from fenghuo.ground.profile import queries as profiles
from fenghuo.ground.refusal import Refused, Said
from fenghuo.readiness.contacts.models import Group
from fenghuo.warning.alerts.models import Alert
from fenghuo.warning.relay.models import Arrival, FeedState
from fenghuo.warning.relay.values import Told

TIMES = ("sent", "starts_at", "expires_at")
SHOWN = 50


def arrivals(organisation: Organisation) -> QuerySet[Arrival]:
    """Everything that arrived for an organisation, newest first, without the bytes."""
    people = ("seen_by", "reported_by", "handled_by", "alert", "answers__alert", "organisation")
    return Arrival.objects.filter(organisation=organisation).select_related(*people).defer("raw")


def arrival(organisation: Organisation, id: str) -> Arrival:
    """One arrival. Another organisation's is missing like one that never was."""
    found = arrivals(organisation).filter(pk=id).first()
    if found is None:
        raise Refused("arrival_unknown", _("There is no such arrival."), kind="missing")
    return found


def listing(organisation: Organisation, *, page: int = 1, size: int = SHOWN) -> Page[Arrival]:
    """A page of arrivals."""
    page = max(page, 1)
    found = arrivals(organisation)
    return Page(list(found[(page - 1) * size : page * size]), found.count(), page, size)


def waiting(organisation: Organisation) -> list[Arrival]:
    """What nobody has relayed or put aside yet, the oldest first; refused ones and tests wait for nobody."""
    found = arrivals(organisation).filter(handled_at=None, refusal__isnull=True, silent=False)
    return list(found.order_by("received_at")[:SHOWN])


def ringing(organisation: Organisation) -> list[Arrival]:
    """What nobody has taken note of yet: it rings until somebody does."""
    return [one for one in waiting(organisation) if one.seen_at is None]


def seconds(arrival: Arrival, until: datetime | None = None) -> int:
    """How long it has been here, in whole seconds."""
    return max(0, int(((until or arrival.handled_at or clock.now()) - arrival.received_at) / timedelta(seconds=1)))


def pledge(organisation: Organisation) -> int:
    """Seconds of handling within which this government passes a warning on."""
    return profiles.profile(organisation.profile).deadlines.relay_seconds.value


def told_of(arrival: Arrival) -> Told:
    """What it says, as it was read when it came."""
    held: dict[str, Any] = {
        name: value for name, value in arrival.told.items() if name in {one.name for one in fields(Told)}
    }
    for name, value in held.items():
        if name in TIMES and value:
            held[name] = datetime.fromisoformat(value)
        elif isinstance(value, list):
            held[name] = tuple(tuple(one) if isinstance(one, list) else one for one in value)
    return Told(**held)


def kept(told: Told) -> dict[str, Any]:
    """What it says, as a table keeps it."""
    held = {one.name: getattr(told, one.name) for one in fields(Told)}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in held.items() if value}


def refusal_of(arrival: Arrival) -> Refused | None:
    """Why it may not be relayed; None when it may."""
    if not arrival.refusal:
        return None
    held = arrival.refusal
    if "reason" in held:
        params = {name: Said(*one) if isinstance(one, list) else one for name, one in held["params"].items()}
        return Refused(held["code"], held["reason"], params=params, kept="arrival")
    return Refused(held["code"], "%(said)s", params={"said": Said(held["zh"], held["en"])}, kept="arrival")


def referred(organisation: Organisation, identifiers: tuple[str, ...]) -> Arrival | None:
    """The newest earlier arrival that one of these identifiers names, one with an alert first."""
    found = list(arrivals(organisation).filter(identifier__in=identifiers, refusal__isnull=True)) if identifiers else []
    return next((one for one in found if one.alert_id), found[0] if found else None)


def usual_audience(organisation: Organisation) -> dict[str, Any]:
    """Whom the organisation told last when it relayed a warning, as far as those groups still are; else every group it has."""
    groups = set(Group.objects.filter(organisation=organisation).values_list("id", flat=True))
    last = Alert.objects.filter(organisation=organisation, kind="warning", state="signed", origin__isnull=False)
    for held in last.order_by("-updated_at").values_list("audience", flat=True)[:5]:
        audience = {"groups": [one for one in held.get("groups", []) if one in groups], "areas": held.get("areas", [])}
        if any(audience.values()):
            return audience
    return {"groups": sorted(groups)[:1000], "areas": [] if groups else [organisation.area_id]}


def feeds() -> dict[str, FeedState]:
    """How each feed stands, by its name."""
    return {one.name: one for one in FeedState.objects.all()}
