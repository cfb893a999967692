"""Who lives."""

from datetime import timedelta

from django.db.models import Max

from fenghuo.ground import clock
from fenghuo.ground.pulse.models import Pulse


def age(process: str) -> timedelta | None:
    """How long ago any host's `process` was last alive; None when it never was. Never negative, whatever the clock did."""
    latest = Pulse.objects.filter(process=process).aggregate(latest=Max("at"))["latest"]
    return None if latest is None else max(timedelta(0), clock.now() - latest)
