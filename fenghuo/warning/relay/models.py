"""Arrivals (来件): what came from above, byte for byte, what was judged of it, and what people did with it."""

from django.db import models

from fenghuo.ground.accounts.models import Account, Organisation, Person
from fenghuo.ground.ids import ID_LENGTH, new_id
from fenghuo.warning.alerts.models import Alert

__all__ = ["Arrival", "FeedState"]


class Arrival(models.Model):
    """One warning as it reached one organisation. Its bytes never change; a secret's are not kept at all.

    `refusal`: why it may not be relayed ({"code", "zh", "en"}), kept and listed all the same; such an arrival never rings.
    """

    HOWS = ("cap", "national", "paste", "phone", "fax")

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    how = models.CharField(max_length=12, choices=[(one, one) for one in HOWS])
    source = models.CharField(max_length=80)  # "page", "api", or the name of the feed
    raw = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    sender = models.CharField(max_length=200, blank=True)
    identifier = models.CharField(max_length=200, blank=True)
    sent = models.DateTimeField(null=True)
    msg_type = models.CharField(max_length=12, blank=True)
    status = models.CharField(max_length=12, blank=True)
    answers = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="answered_by")
    verdict = models.CharField(max_length=12, blank=True)  # of the signature; "" where there can be none
    signer = models.CharField(max_length=200, blank=True)
    told = models.JSONField(default=dict)  # what it says: see rules.reading.Told
    refusal = models.JSONField(null=True)
    silent = models.BooleanField(default=False)  # a test: listed, never rung
    received_at = models.DateTimeField()
    received_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    seen_at = models.DateTimeField(null=True)
    seen_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    reported_at = models.DateTimeField(null=True)
    reported_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    report = models.JSONField(default=dict)  # {"to", "how"}
    handled_at = models.DateTimeField(null=True)
    handled_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    alert = models.ForeignKey(Alert, null=True, on_delete=models.PROTECT, related_name="arrivals")
    dismissed = models.TextField(blank=True)  # the reason

    class Meta:
        ordering = ["-received_at", "-id"]
        indexes = [models.Index(fields=["organisation", "identifier"])]
        constraints = [
            # The same bytes about the same message arrive once (X16).
            models.UniqueConstraint(
                fields=["organisation", "sender", "identifier", "sent", "sha256"],
                condition=~models.Q(identifier=""),
                name="one_arrival_per_message",
            ),
        ]

    def __str__(self) -> str:
        return str(self.told.get("headline") or self.identifier or self.id)


class FeedState(models.Model):
    """How far a feed was read, by its name in the settings."""

    name = models.CharField(primary_key=True, max_length=80)
    etag = models.CharField(max_length=200, blank=True)
    seen = models.JSONField(default=list)  # addresses of the documents already taken in
    polled_at = models.DateTimeField(null=True)
    good_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
