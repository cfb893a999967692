"""Contacts (通讯录): people, their numbers, and groups with static members and rules."""

from django.db import models

from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.areas.models import Area
from fenghuo.ground.ids import ID_LENGTH, new_id

__all__ = ["Contact", "ContactNumber", "Group", "GroupMember", "GroupRule", "Roster"]


class Roster(models.Model):
    """One per organisation. `revision` rises with every change of its contacts, so a signer learns cheaply whether any changed."""

    organisation = models.OneToOneField(Organisation, primary_key=True, on_delete=models.PROTECT)
    revision = models.BigIntegerField(default=0)


class Contact(models.Model):
    """Someone who receives warnings. `risk` 0 is told last; higher is told earlier. `tags` is stored as ",a,b," or empty."""

    id = models.BigAutoField(primary_key=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    area = models.ForeignKey(Area, on_delete=models.PROTECT)
    name = models.CharField(max_length=60)
    position = models.CharField(max_length=60, blank=True)
    tags = models.CharField(max_length=200, blank=True)
    risk = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["organisation", "area"]), models.Index(fields=["organisation", "position"])]


class ContactNumber(models.Model):
    """A normalised mainland mobile number (11 digits as an integer); one number belongs to one contact per organisation."""

    id = models.BigAutoField(primary_key=True)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="numbers")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    address = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "address"], name="one_owner_per_number")]


class Group(models.Model):
    """A named audience part; its members are the static ones and those its rules select."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    name = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="one_group_per_name")]


class GroupMember(models.Model):
    """A static member."""

    id = models.BigAutoField(primary_key=True)
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="members")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "contact"], name="one_membership")]


class GroupRule(models.Model):
    """Selects contacts by area subtree, position and tag; an empty field does not restrict, all empty is refused."""

    id = models.BigAutoField(primary_key=True)
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="rules")
    area = models.ForeignKey(Area, null=True, on_delete=models.PROTECT)
    position = models.CharField(max_length=60, blank=True)
    tag = models.CharField(max_length=60, blank=True)

    class Meta:
        # A rule that restricts nothing would select everyone.
        constraints = [
            models.CheckConstraint(
                condition=models.Q(area__isnull=False) | ~models.Q(position="") | ~models.Q(tag=""),
                name="rule_restricts",
            )
        ]
