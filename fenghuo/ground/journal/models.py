"""The journal (审计日志): append-only, hash-chained. Triggers refuse UPDATE and DELETE; the chain finds what triggers cannot."""

from django.db import models

__all__ = ["JournalEntry", "SignedHead"]


class JournalEntry(models.Model):
    """One act. `actor` is a frozen fact (person, account, posts, network), never a foreign key upward."""

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    organisation = models.CharField(max_length=26, blank=True, db_index=True)
    actor = models.JSONField()
    act = models.CharField(max_length=64, db_index=True)
    subject = models.CharField(max_length=80, blank=True, db_index=True)
    detail = models.JSONField(default=dict)
    once = models.CharField(max_length=80, null=True, unique=True)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["seq"]


class SignedHead(models.Model):
    """The head of the chain as it stood at some hour, signed with the installation's key. Append-only like the chain itself.

    Whoever cuts off the tail of the journal must also forge, or cut, this list, its copy in the data folder and the printed log.
    """

    seq = models.BigIntegerField(primary_key=True)
    hash = models.CharField(max_length=64)
    at = models.DateTimeField()
    key = models.CharField(max_length=64)  # SHA-256 of the certificate that proves the signature
    signature = models.TextField()  # base64, over `chain.statement`

    class Meta:
        ordering = ["seq"]
