"""What is wrong with the line now, and what still rings for whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from fenghuo.delivery.watch.models import Alarm, Noted
from fenghuo.ground.accounts import queries as people
from fenghuo.ground.accounts.models import Account, Organisation


@dataclass(frozen=True)
class Ringing:
    """An alarm as one person sees it: `noted` names who of the organisation has taken note of it, "" while nobody has."""

    alarm: Alarm
    noted: str = ""
    noted_at: datetime | None = None


def open_alarms() -> list[Alarm]:
    """Alarms that have rung and are not over, the oldest first."""
    return list(Alarm.objects.filter(ended_at=None).exclude(rang_at=None).order_by("began_at"))


def alarms_of(account: str, most: int = 20) -> list[Alarm]:
    """The alarms of one gateway account, the newest first; what never rang is left out."""
    return list(Alarm.objects.filter(account=account).exclude(rang_at=None).order_by("-began_at")[:most])


def ringing(account: Account) -> list[Ringing]:
    """The open alarms with who of this person's organisation has taken note."""
    found = open_alarms()
    if not found:
        return []
    noted = _first_noted([alarm_key(one) for one in found], account)
    return [
        Ringing(one, note.account.person.name if note else "", note.at if note else None)
        for one in found
        for note in [noted.get(alarm_key(one))]
    ]


def _first_noted(keys: Iterable[str], account: Account) -> dict[str, Noted]:
    rows = (
        Noted.objects.filter(what__in=list(keys), organisation=people.organisation_of(account))
        .select_related("account__person")
        .order_by("-at")
    )
    return {row.what: row for row in rows}


def has_noted(what: str, account: Account) -> bool:
    """Whether this person has taken note."""
    return Noted.objects.filter(what=what, account=account).exists()


def alarm_key(alarm: Alarm) -> str:
    """The name under which note is taken of an alarm."""
    return f"alarm:{alarm.pk}"


def pause_key(order: int) -> str:
    """The name under which note is taken of a pause: by the number of its order."""
    return f"pause:{order}"


UNMATCHED = "unmatched:"


def unmatched_key(id: int) -> str:
    """The name under which it is kept up to where somebody has looked; of the same length always, so that it sorts."""
    return f"{UNMATCHED}{id:019d}"


def unmatched_seen(organisation: Organisation) -> int:
    """The id up to which somebody of the organisation has looked through what belongs to nothing; 0 where nobody has."""
    newest = Noted.objects.filter(organisation=organisation, what__startswith=UNMATCHED).order_by("-what").first()
    return int(newest.what.removeprefix(UNMATCHED)) if newest else 0
