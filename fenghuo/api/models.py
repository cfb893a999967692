"""What the door for machines remembers: which call already had its answer."""

from django.db import models

from fenghuo.ground.accounts.models import Account
from fenghuo.ground.ids import ID_LENGTH, new_id

__all__ = ["Call"]


class Call(models.Model):
    """One `Idempotency-Key` of one account: a retry after a lost answer gets the first answer and does nothing twice.

    `status` is null while the first call is still at work. `fingerprint` is a keyed hash of method, path and body: the body
    itself, which may hold a one-time code, is not kept.
    """

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    started_at = models.DateTimeField(db_index=True)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "key"], name="one_answer_per_key")]
