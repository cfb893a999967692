"""How far an alert has come: one line for its release and, after a recall, one for its correction, a broadcast of its own."""

from typing import Any

from django.utils.translation import gettext

from fenghuo.delivery.ledger import queries as ledger
from fenghuo.delivery.ledger.queries import Progress
from fenghuo.web import delivery_words


def lanes(broadcast: str, *, recalled: bool, corrected: bool) -> list[dict[str, Any]]:
    """The lines of one alert, from its broadcast's id."""
    correction = ledger.correction_of(broadcast) if corrected else None
    found = ledger.progress([one for one in (broadcast, correction) if one])
    own = found.get(broadcast)
    if own is None:
        return []
    lines = [delivery_words.lane("release", own, stopped=recalled)]
    if corrected:
        lines.append(correction_lane(own, found.get(correction or "")))
    return lines


def correction_lane(release: Progress, found: Progress | None) -> dict[str, Any]:
    """The correction's own line. Until the sender has written its audience: to whom it will go, and that it waits."""
    if found is not None and found.count:
        return delivery_words.lane("correct", found, stopped=False)
    reached = release.reached
    line = delivery_words.lane("correct", Progress(count=reached, unsent=reached), stopped=False)
    if found is not None and not reached:
        return line | {"sentence": gettext("Nobody had been reached: there is nobody to correct it with.")}
    return line | {"sentence": gettext("Waiting to be sent."), "moving": True}
