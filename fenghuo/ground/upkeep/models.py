"""What an installation does for its own safety: when it was last done, and what was found."""

from django.db import models

__all__ = ["Chore"]


class Chore(models.Model):
    """A backup, an integrity check, a signed head, a restore drill: one row each, written again and again.

    `begun_at` with `host` is a lease: on many hosts one does it. Not an act of a person; what people must find again later is in
    the journal as well.
    """

    BACKUP, INTEGRITY, HEAD, DRILL = "backup", "integrity", "journal_head", "restore_drill"
    NAMES = (BACKUP, INTEGRITY, HEAD, DRILL)

    name = models.CharField(primary_key=True, max_length=16, choices=[(one, one) for one in NAMES])
    begun_at = models.DateTimeField(null=True)  # someone is at it; empty when they have ended
    host = models.CharField(max_length=120, blank=True, default="")
    tried_at = models.DateTimeField(null=True)  # when it last ended, well or not
    done_at = models.DateTimeField(null=True)  # when it last ended well
    ok = models.BooleanField(default=True)  # how it last ended
    reason = models.CharField(max_length=400, blank=True, default="")  # why not
    detail = models.JSONField(default=dict)  # figures of the last good one
