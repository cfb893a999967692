"""What would leave if sending were resumed now: one's own alerts by name, those of the organisations below by number."""

from dataclasses import dataclass
from datetime import datetime

from fenghuo.delivery.ledger import queries as ledger
from fenghuo.ground.accounts.models import Organisation
from fenghuo.warning.alerts.models import Alert, Release


@dataclass(frozen=True)
class Leaving:
    """An alert, or its correction, that waits. `signed_at`: its release; an expired one never leaves."""

    alert: Alert
    correction: bool
    signed_at: datetime
    expires_at: datetime | None
    unsent: int
    in_doubt: int
    expired: bool


@dataclass(frozen=True)
class LeavingElsewhere:
    """What waits of another organisation: `messages` alerts and corrections with so many recipients."""

    organisation: Organisation
    messages: int
    unsent: int
    in_doubt: int


def leaving(organisation: Organisation) -> list[Leaving]:
    """What waits of this organisation, oldest first."""
    waiting = ledger.pending()
    named = {one.parent or one.broadcast for one in waiting}
    releases = {
        one.broadcast: one
        for one in Release.objects.filter(
            organisation=organisation, kind="release", broadcast__in=named
        ).select_related("alert")
    }
    return [
        Leaving(found.alert, bool(one.parent), found.at, one.expires_at, one.unsent, one.in_doubt, one.expired)
        for one in waiting
        if (found := releases.get(one.parent or one.broadcast)) is not None
    ]


def leaving_elsewhere(organisation: Organisation) -> list[LeavingElsewhere]:
    """What waits of every other organisation of this installation: for whoever lets everybody's sending go on."""
    others = {one.pk: one for one in Organisation.objects.exclude(pk=organisation.pk).order_by("area_id", "name")}
    waiting = [one for one in ledger.pending() if not one.expired]
    found = []
    for key, other in others.items():
        own = [one for one in waiting if one.organisation == key]
        if own:
            found.append(
                LeavingElsewhere(other, len(own), sum(one.unsent for one in own), sum(one.in_doubt for one in own))
            )
    return found
