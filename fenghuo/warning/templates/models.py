"""Templates (模板): what a message of one kind, event and level says, with blanks; and every version its words ever had."""

from django.db import models
from django.db.models import F, Q

from fenghuo.ground.accounts.models import Organisation, Person
from fenghuo.ground.ids import ID_LENGTH, new_id
from fenghuo.warning.templates import states

__all__ = ["Template", "TemplateVersion"]


class Template(models.Model):
    """What a template is for. Without organisation it ships with the program; an organisation's own of the same key goes first."""

    KINDS = ("warning", "notice", "meeting", "tip", "handling")
    RELATIONS = ("", "update", "raise", "lower", "lift")

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT)
    key = models.CharField(max_length=60)  # "rainstorm.red"; an organisation's own invention: its id
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=12, choices=[(one, one) for one in KINDS])
    category = models.CharField(max_length=12, blank=True)
    event = models.CharField(max_length=5, blank=True)  # GB/T 35561 code
    level = models.PositiveSmallIntegerField(null=True)  # 1 red … 4 blue; null: any, or what is not a warning
    relation = models.CharField(max_length=8, blank=True, choices=[(one, one) for one in RELATIONS])
    life_safety = models.BooleanField(default=False)  # once approved here, an urgent release may use it
    note = models.CharField(max_length=300, blank=True)  # for whoever chooses it; never sent

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "key"], name="one_template_per_key"),
            models.UniqueConstraint(
                fields=["key"], condition=Q(organisation=None), name="one_shipped_template_per_key"
            ),
            models.CheckConstraint(
                condition=Q(life_safety=False) | Q(level__in=(1, 2)), name="life_safety_is_level_one_or_two"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TemplateVersion(models.Model):
    """The words of a template at one time. They never change (a trigger); only the state moves, by the people it names."""

    WORDS = ("headline", "body", "caution", "measures", "correction")

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    template = models.ForeignKey(Template, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    headline = models.CharField(max_length=120)
    body = models.TextField()
    caution = models.TextField(blank=True)
    measures = models.TextField(blank=True)
    correction = models.TextField(blank=True)
    hours = models.PositiveSmallIntegerField()  # how long a message of this kind usually holds
    state = models.CharField(max_length=10, default=states.DRAFT, choices=[(one, one) for one in states.GRAPH.states])
    based_on = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    author_person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")  # null: shipped
    approver_person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()  # when it was written
    decided_at = models.DateTimeField(null=True)  # when it was approved or retired
    reason = models.TextField(blank=True)  # why it was written so
    end_reason = models.TextField(blank=True)  # why it was declined, withdrawn or taken out of use

    class Meta:
        ordering = ["template_id", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["template", "number"], name="one_version_per_number"),
            models.UniqueConstraint(
                fields=["template"], condition=Q(state=states.APPROVED), name="one_approved_version"
            ),
            models.CheckConstraint(
                condition=~Q(approver_person=F("author_person")), name="template_approver_is_not_author"
            ),
            models.CheckConstraint(
                condition=~Q(state=states.APPROVED) | Q(author_person=None) | Q(approver_person__isnull=False),
                name="approved_template_has_approver",
            ),
            models.CheckConstraint(condition=Q(hours__gte=1) & Q(hours__lte=720), name="template_hours"),
        ]

    def __str__(self) -> str:
        return f"{self.template_id} {self.number}"
