"""What may be forgotten: rows that can no longer open, prove or slow anything. What was done with them stays in the journal."""

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.db import transaction

from fenghuo.ground import clock
from fenghuo.ground.accounts import queries
from fenghuo.ground.accounts.models import FactorFailure, Invitation, KnownDevice, OpenSession, SpentFactor, StepUp

AFTER = timedelta(days=7)  # long after the last of them has expired, whatever a clock did meanwhile
DEVICE_AFTER = timedelta(days=400)  # its cookie is gone by then


@transaction.atomic
def forget_expired() -> int:
    """Delete expired proofs, failures, sessions, links and devices; the number of rows. Safe to repeat."""
    old = clock.now() - AFTER
    found = (
        StepUp.objects.filter(expires_at__lt=old),
        FactorFailure.objects.filter(at__lt=old),
        # A TOTP step is refused by its age alone long before; a printed code keeps its own mark.
        SpentFactor.objects.filter(at__lt=old),
        OpenSession.objects.filter(opened_at__lt=old - queries.SESSION_LIFE),
        Invitation.objects.filter(expires_at__lt=old),
        KnownDevice.objects.filter(seen_at__lt=clock.now() - DEVICE_AFTER),
        Session.objects.filter(expire_date__lt=old),
    )
    return sum(rows.delete()[0] for rows in found)
