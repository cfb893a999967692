"""The worker's wake-up for contacts: imports that are unfinished go on, a little at a time, so that nothing else waits."""

from collections.abc import Iterator

from django.db import IntegrityError

from fenghuo.ground import clock
from fenghuo.readiness.contacts import states
from fenghuo.readiness.contacts.actions import forget_imports, imports, plan
from fenghuo.readiness.contacts.models import ContactImport

SLICE = 0.5  # seconds of one wake-up
_EVERY = 3600.0
_BUSY = (states.READING, states.RUNNING, states.UNDOING)
_swept: float | None = None
_reading: Iterator[None] | None = None


def tick() -> bool:
    """Go on with the oldest unfinished import for at most half a second. True when there is more to do right away."""
    _forget()
    end = clock.monotonic() + SLICE
    while clock.monotonic() < end:
        if not _step():
            return False
    return True


def _step() -> bool:
    global _reading
    if _reading is not None:
        if next(_reading, 1) == 1:
            _reading = None
        return True
    for parent in _unfinished():
        if parent.state != states.READING:
            try:
                imports.advance(parent=parent)
            except IntegrityError:  # somebody took one of its numbers at the same moment; read again who has it
                return False
            return True
        if plan.claim(parent):
            _reading = plan.steps(ContactImport.objects.get(pk=parent.pk))
            return True
    return False


def _unfinished() -> list[ContactImport]:
    found = ContactImport.objects.filter(state__in=_BUSY).order_by("created_at").defer("file", "sheets")
    return list(found.select_related("organisation", "by__person__organisation__area")[:20])


def _forget() -> None:
    global _swept
    if _swept is None or clock.monotonic() - _swept >= _EVERY:
        forget_imports()
        _swept = clock.monotonic()
