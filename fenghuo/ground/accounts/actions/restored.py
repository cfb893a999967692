"""Accounts that came back from a backup: whoever was signed in then is not signed in now."""

from django.contrib.sessions.models import Session
from django.db import transaction

from fenghuo.ground import clock
from fenghuo.ground.accounts.models import BootstrapCode, Invitation, OpenSession, StepUp


@transaction.atomic
def end_all_sessions() -> dict[str, int]:
    """End sessions, and whatever was handed out to be used once: it may have been used since. How many of each."""
    now = clock.now()
    Session.objects.all().delete()
    links = Invitation.objects.filter(used_at=None, expires_at__gt=now).update(expires_at=now)
    codes = BootstrapCode.objects.filter(used_at=None, expires_at__gt=now).update(expires_at=now)
    StepUp.objects.filter(used_at=None, expires_at__gt=now).update(expires_at=now)
    return {"sessions": OpenSession.objects.filter(ended_at=None).update(ended_at=now), "links": links + codes}
