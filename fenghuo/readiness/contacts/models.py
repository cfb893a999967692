"""Contacts (通讯录): people, their numbers, and groups with static members and rules."""

from django.db import models

from fenghuo.ground.accounts.models import Account, Organisation, Person
from fenghuo.ground.areas.models import Area
from fenghuo.ground.ids import ID_LENGTH, new_id
from fenghuo.readiness.contacts import states

__all__ = [
    "Contact",
    "ContactExport",
    "ContactImport",
    "ContactImportPart",
    "ContactNumber",
    "Group",
    "GroupMember",
    "GroupRule",
    "Roster",
    "RosterChange",
]


class Roster(models.Model):
    """One per organisation. `revision` rises with every change of its contacts, so a signer learns cheaply whether any changed.

    `stamp` is new with every change: a restored database that reaches an old number again is not mistaken for the one before.
    """

    organisation = models.OneToOneField(Organisation, primary_key=True, on_delete=models.PROTECT)
    revision = models.BigIntegerField(default=0)
    stamp = models.CharField(max_length=ID_LENGTH, blank=True, default="")


class RosterChange(models.Model):
    """What one revision touched, so that a process follows a single edit without reading everybody again; the last ones are kept.

    `people` are packed 64-bit contact ids, None when they are too many or unknown: everything is read again. `groups` are ids.
    """

    id = models.BigAutoField(primary_key=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    revision = models.BigIntegerField()
    before = models.CharField(max_length=ID_LENGTH, blank=True)  # the stamp that this change took the place of
    people = models.BinaryField(null=True)
    groups = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "revision"], name="one_change_per_revision")]


class Contact(models.Model):
    """Someone who receives warnings. `risk` 0 is told last; higher is told earlier. `tags` is stored as ",a,b," or empty.

    `latitude` and `longitude` are where the person lives, WGS-84, in whole millionths of a degree (0.1 m): exact in every database
    and language, so that inside and outside of a drawn line never depend on rounding. `landlines` receive no SMS and so are no
    `ContactNumber`: "022-29840001;400-123-4567". `checked_at` is when somebody last found all of it right.
    """

    id = models.BigAutoField(primary_key=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    area = models.ForeignKey(Area, on_delete=models.PROTECT)
    name = models.CharField(max_length=60)
    position = models.CharField(max_length=60, blank=True)
    tags = models.CharField(max_length=200, blank=True)
    risk = models.PositiveSmallIntegerField(default=0)
    latitude = models.IntegerField(null=True)
    longitude = models.IntegerField(null=True)
    landlines = models.CharField(max_length=120, blank=True, default="")
    checked_at = models.DateTimeField(null=True)
    checked_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "area", "name", "id"], name="contact_in_listing_order"),
            models.Index(fields=["organisation", "position"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(latitude__isnull=True, longitude__isnull=True)
                | models.Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__gte=-90_000_000,
                    latitude__lte=90_000_000,
                    longitude__gte=-180_000_000,
                    longitude__lte=180_000_000,
                ),
                name="contact_lies_on_earth",
            )
        ]


class ContactNumber(models.Model):
    """A normalised mainland mobile number (11 digits as an integer); one number belongs to one contact per organisation."""

    id = models.BigAutoField(primary_key=True)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="numbers")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    address = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "address"], name="one_owner_per_number")]


class Group(models.Model):
    """A named audience part; its members are the static ones and those its rules select.

    Its owner, a person or a post, answers for it being right and says so by checking it.
    """

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    name = models.CharField(max_length=60)
    owner = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    owner_post = models.CharField(max_length=24, blank=True, default="")
    checked_at = models.DateTimeField(null=True)
    checked_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

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


class ContactImport(models.Model):
    """A list of people on its way in: read, looked at, applied batch by batch, and undone while it can be.

    `file` is what was uploaded, kept until it is applied; `mapping` what a person said of its columns (field by heading).
    `sheets` are [{"name", "hidden", "rows", "headings", "columns", "samples"}]. `total` and `progress` count rows.
    """

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")  # null: a command
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    file = models.BinaryField(null=True)
    state = models.CharField(
        max_length=10, default=states.IMPORT.initial, choices=[(one, one) for one in states.IMPORT.states]
    )
    only_sheet = models.CharField(max_length=100, blank=True, default="")
    mapping = models.JSONField(default=dict)
    sheets = models.JSONField(default=list)
    total = models.IntegerField(default=0)
    progress = models.IntegerField(default=0)
    reason = models.JSONField(null=True)  # why it failed: {"code", "reason", "params"}
    groups_made = models.JSONField(default=list)  # ids of groups that this import had to make
    created_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)  # a process reads the file until then

    class Meta:
        indexes = [models.Index(fields=["organisation", "created_at"]), models.Index(fields=["state"])]


class ContactImportPart(models.Model):
    """Some of its rows, packed, with what becomes of each. Applied and undone whole, in one transaction, never twice.

    `undo` is what applying changed; `left` the rows that could not be applied after all, and what undoing had to leave alone.
    """

    id = models.BigAutoField(primary_key=True)
    parent = models.ForeignKey(ContactImport, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    rows = models.BinaryField(null=True)
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    applied = models.BooleanField(default=False)
    undone = models.BooleanField(default=False)
    added = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    undo = models.BinaryField(null=True)
    left = models.BinaryField(null=True)
    left_count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["parent", "number"], name="one_part_per_number")]


class ContactExport(models.Model):
    """A list of people on its way out: asked for by one person, agreed to by another, fetched once."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    format = models.CharField(max_length=4, choices=[("xlsx", "xlsx"), ("csv", "csv")])
    purpose = models.CharField(max_length=200)
    wanted = models.JSONField(default=dict)  # the filter: {"text", "area", "group"}
    count = models.PositiveIntegerField()  # people when it was asked for
    state = models.CharField(
        max_length=10, default=states.EXPORT.initial, choices=[(one, one) for one in states.EXPORT.states]
    )
    asked_at = models.DateTimeField()
    second = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    fetched_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["organisation", "asked_at"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(second__isnull=True) | ~models.Q(second=models.F("by")),
                name="export_takes_two",
            )
        ]
