"""How fresh the lists are: when a group was last checked, by whom, and whether that is too long ago."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from fenghuo.ground import clock
from fenghuo.ground.accounts import queries as accounts
from fenghuo.ground.accounts.models import Account, Organisation
from fenghuo.ground.profile import queries as profiles
from fenghuo.readiness.contacts.models import Contact, Group


@dataclass(frozen=True)
class Upkeep:
    """A group with its owner and its last check; `days` since then, None when it was never checked."""

    group: Group
    days: int | None
    stale: bool


def stale_days(organisation: Organisation) -> int:
    """After how many days without a check a list counts as stale: a rule of the profile."""
    return profiles.profile(organisation.profile).contacts.stale_days.value


def upkeep(organisation: Organisation, ids: Iterable[str] | None = None) -> list[Upkeep]:
    """All groups, or some of them, by name: two queries at most, however many there are."""
    found = Group.objects.filter(organisation=organisation).select_related("owner", "checked_by").order_by("name")
    if ids is not None:
        found = found.filter(id__in=list(ids)[:900])
    return _judged(found, stale_days(organisation))


def stale_groups(organisation: Organisation, ids: Iterable[str] | None = None) -> list[Upkeep]:
    """Those that nobody has checked for too long."""
    return [one for one in upkeep(organisation, ids) if one.stale]


def stale_for(account: Account) -> list[Upkeep]:
    """The stale groups that this person answers for, by name or by post: what the desk reminds of."""
    organisation = accounts.organisation_of(account)
    mine = Q(owner=account.person_id) | Q(owner_post__in=accounts.posts_of(account))
    found = Group.objects.filter(mine, organisation=organisation).select_related("owner", "checked_by").order_by("name")
    return [one for one in _judged(found, stale_days(organisation)) if one.stale]


def stale_contacts(organisation: Organisation) -> int:
    """How many people nobody has checked for too long, or ever."""
    before = clock.now() - timedelta(days=stale_days(organisation))
    old = Q(checked_at=None) | Q(checked_at__lt=before)
    return Contact.objects.filter(old, organisation=organisation).count()


def _judged(groups: QuerySet[Group], days: int) -> list[Upkeep]:
    now = clock.now()
    return [Upkeep(one, _days(one.checked_at, now), _stale(one.checked_at, now, days)) for one in groups]


def _days(checked: datetime | None, now: datetime) -> int | None:
    return None if checked is None else max(0, (now - checked).days)


def _stale(checked: datetime | None, now: datetime, days: int) -> bool:
    return checked is None or now - checked > timedelta(days=days)
