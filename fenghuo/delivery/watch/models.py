"""Alarms of the line, and who has taken note of what rings."""

from django.db import models
from django.db.models import Q

from fenghuo.ground.accounts.models import Account, Organisation
from fenghuo.ground.ids import ID_LENGTH, new_id

__all__ = ["Alarm", "Noted"]


class Alarm(models.Model):
    """A gateway account is not well. It begins when that is first seen, rings when it lasts, and ends by itself.

    `account` names an account of the settings, which are no table. `well_at`: since when it has been well again; it must stay so
    for a while before the alarm ends, so that a line which comes and goes is one alarm and not many.
    """

    KINDS = ("state", "link_test")

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    account = models.CharField(max_length=24)
    kind = models.CharField(max_length=10, choices=[(one, one) for one in KINDS])
    state = models.CharField(max_length=12)
    error = models.CharField(max_length=80, blank=True)
    began_at = models.DateTimeField()
    rang_at = models.DateTimeField(null=True)
    well_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account"], condition=Q(ended_at=None), name="one_open_alarm_per_account")
        ]
        indexes = [models.Index(fields=["account", "began_at"])]


class Noted(models.Model):
    """Somebody heard what rang. `what`: `alarm:<id>`, silent for the whole organisation then; `pause:<seq>`, for this person."""

    id = models.BigAutoField(primary_key=True)
    what = models.CharField(max_length=48)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["what", "account"], name="noted_once")]
