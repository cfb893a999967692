"""Which background processes are alive: one row per process and host, written again and again."""

from django.db import models

__all__ = ["Pulse"]


class Pulse(models.Model):
    """`process` on `host` was alive at `at`. Not an act of a person, so not in the journal."""

    id = models.BigAutoField(primary_key=True)
    process = models.CharField(max_length=16)
    host = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["process", "host"], name="one_pulse_per_process_and_host")]
