"""Taking a chore, and saying how it ended."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from fenghuo.ground import clock
from fenghuo.ground.upkeep.models import Chore

LEASE = timedelta(hours=6)  # who took a chore and never came back has died; a large ledger takes its time


def begin(*, name: str, host: str) -> bool:
    """Take the chore; False where somebody is at it."""
    now = clock.now()
    with transaction.atomic():
        Chore.objects.get_or_create(name=name)
        free = Q(begun_at=None) | Q(begun_at__lt=now - LEASE) | Q(begun_at__gt=now + LEASE) | Q(host=host[:120])
        return bool(Chore.objects.filter(free, name=name).update(begun_at=now, host=host[:120]))


def done(*, name: str, detail: dict[str, Any]) -> None:
    """It went well. `detail`: figures, as JSON."""
    now = clock.now()
    _set(name, begun_at=None, tried_at=now, done_at=now, ok=True, reason="", detail=detail)


def failed(*, name: str, reason: str) -> None:
    """It did not; the figures of the last good one stay."""
    _set(name, begun_at=None, tried_at=clock.now(), ok=False, reason=reason[:400])


def _set(name: str, **values: Any) -> None:
    with transaction.atomic():
        Chore.objects.get_or_create(name=name)
        Chore.objects.filter(name=name).update(**values)


def forget_leases() -> None:
    """After a restore: whoever was at a chore then is not here."""
    Chore.objects.filter(~Q(begun_at=None)).update(begun_at=None, host="", tried_at=F("begun_at"))
