"""The duty group of this installation, and the tests that were sent to it."""

from django.db import models
from django.db.models import Q

from fenghuo.ground.accounts.models import Organisation, Person
from fenghuo.ground.ids import ID_LENGTH, new_id

__all__ = ["DutyGroup", "SmsTest"]


class DutyGroup(models.Model):
    """Who receives the monthly test: a group that one administrator proposed and another approved.

    `group` is the id of a contact group and no foreign key: a group may be removed, and what was decided stays.
    """

    DECISIONS = ("", "approved", "rejected", "withdrawn")

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    group = models.CharField(max_length=ID_LENGTH, blank=True)  # empty: no test any more
    group_name = models.CharField(max_length=60, blank=True)
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decision = models.CharField(max_length=10, blank=True, choices=[(one, one) for one in DECISIONS])
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(decision=""), name="one_open_duty_group_proposal"
            )
        ]


class SmsTest(models.Model):
    """One monthly test: sent once to whoever was in the duty group then, or why it could not be sent."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    month = models.PositiveIntegerField()  # 202607
    broadcast = models.CharField(max_length=ID_LENGTH, blank=True)
    group_name = models.CharField(max_length=60)
    count = models.PositiveIntegerField(default=0)
    text = models.TextField(blank=True)
    problem = models.CharField(max_length=300, blank=True)  # why nothing was sent
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "month"], name="one_sms_test_per_month")]
