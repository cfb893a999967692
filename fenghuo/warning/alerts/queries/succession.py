"""Chains of alerts: what an alert follows, what followed it, what became of each, and whom a lift tells."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from fenghuo.ground.accounts.models import Account, Organisation
from fenghuo.ground.refusal import Refused
from fenghuo.warning.alerts import rules, states
from fenghuo.warning.alerts.models import Alert, Release
from fenghuo.wire import cap

LIFT = "lift"


@dataclass(frozen=True)
class Link:
    """One alert of a chain: its fate is live, updated, lifted, recalled or expired; "" before it is signed."""

    alert: Alert
    release: Release | None
    fate: rules.Fate


def chain(alert: Alert) -> list[Link]:
    """Everything that belongs together, signed or being written, in the order in which it was begun."""
    root = alert.root_id or alert.pk
    family = list(Alert.objects.filter(Q(pk=root) | Q(root=root)).order_by("created_at", "pk"))
    releases = {one.alert_id: one for one in Release.objects.filter(alert__in=family, kind="release")}
    known = rules.succession(family)
    return [Link(one, releases.get(one.pk), rules.fate(one, known)) for one in family]


def predecessors(alert: Alert) -> list[Release]:
    """The releases that an alert follows, back to the first of its chain, oldest first. Two queries."""
    if not alert.follows_id:
        return []
    family = Alert.objects.filter(Q(pk=alert.root_id) | Q(root=alert.root_id), state=states.SIGNED).in_bulk()
    releases = {one.alert_id: one for one in Release.objects.filter(alert__in=family, kind="release")}
    found: list[Release] = []
    at: str | None = alert.follows_id
    while at is not None and at in releases:
        found.append(releases[at])
        at = family[at].follows_id
    return found[::-1]


def references_of(before: Collection[Release]) -> list[dict[str, str]]:
    """What a follow-up refers to, as the signed document keeps it. Every one of them has left already, so its time is known."""
    return [
        {
            "alert": one.alert_id,
            "sender": sender_of(one),
            "identifier": one.cap_identifier,
            "sent": one.at.isoformat(timespec="seconds"),
            "digest": one.digest,
        }
        for one in before
    ]


def cap_references(references: Collection[dict[str, str]]) -> list[cap.Reference]:
    """The same as a CAP message writes it; what was never public is left out."""
    return [
        cap.Reference(one["sender"], one["identifier"], datetime.fromisoformat(one["sent"]))
        for one in references
        if one["sender"]
    ]


def sender_of(release: Release) -> str:
    """The sender of a release's CAP message; "" where nothing was public."""
    return cap.parse(bytes(release.cap)).sender if release.cap else ""


def not_before(before: Collection[Release]) -> datetime | None:
    """The earliest moment a follow-up can bear: CAP knows whole seconds, and a reference must be older."""
    return max((one.at.replace(microsecond=0) + timedelta(seconds=1) for one in before), default=None)


def told_of(alert: Alert) -> list[str]:
    """The broadcasts whose recipients a lift tells, the newest first: everything of its chain that was ever released."""
    family = Alert.objects.filter(Q(pk=alert.root_id) | Q(root=alert.root_id), state=states.SIGNED)
    released = Release.objects.filter(alert__in=family.exclude(relation=LIFT), kind="release")
    return list(released.order_by("-at").values_list("broadcast", flat=True))


def follow_ups(
    account: Account, organisation: Organisation, alerts: Collection[Alert]
) -> dict[str, dict[str, Refused | None]]:
    """For each alert and relation why this person cannot begin it now; None where they can. A constant number of queries."""
    known = rules.hands(account, organisation, alerts)
    return {
        one.pk: {
            relation: rules.may(alert=one, verb=relation, account=account, known=known) for relation in Alert.RELATIONS
        }
        for one in alerts
    }
