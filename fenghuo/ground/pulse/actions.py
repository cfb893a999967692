"""A process says that it lives."""

from fenghuo.ground import clock
from fenghuo.ground.pulse.models import Pulse


def beat(*, process: str, host: str) -> None:
    """`process` ("worker") on `host` is alive now. One small durable write: call it every few seconds, not more often."""
    Pulse.objects.update_or_create(process=process, host=host[:120], defaults={"at": clock.now()})
