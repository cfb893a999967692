"""Attachments (附件): scans and other proofs, kept for ever beside what they prove."""

from django.db import models

from fenghuo.ground.accounts.models import Account, Organisation
from fenghuo.ground.ids import ID_LENGTH, new_id

__all__ = ["Attachment"]


class Attachment(models.Model):
    """One file. The row never changes and never goes (triggers.py); the bytes lie under `<data>/files/`, named by `place`.

    `sha256` and `size` are of what is kept. An image is kept redrawn, so `arrived_sha256` is of what was handed in.
    """

    PURPOSES = ("approval_scan", "approval_evidence", "portal_export", "other")

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    subject_kind = models.CharField(max_length=24)  # "alert"
    subject = models.CharField(max_length=ID_LENGTH)
    purpose = models.CharField(max_length=20, choices=[(one, one) for one in PURPOSES])
    name = models.CharField(max_length=100)
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    arrived_sha256 = models.CharField(max_length=64)
    place = models.CharField(max_length=80, unique=True)
    by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["organisation", "subject_kind", "subject"])]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "subject_kind", "subject", "arrived_sha256"], name="attached_once"
            )
        ]

    def __str__(self) -> str:
        return self.name
