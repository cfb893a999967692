"""What the sender reached becomes lines of the journal; audiences that nobody named are forgotten."""

from datetime import timedelta

from django.db import transaction

from fenghuo.delivery.ledger import actions as ledger
from fenghuo.delivery.ledger import queries as frozen
from fenghuo.delivery.ledger.models import Broadcast
from fenghuo.ground.journal import actions as journal
from fenghuo.ground.journal.models import JournalEntry
from fenghuo.warning.alerts.models import Alert, Release, ServiceText

ACT = "delivery."
# Looked up by the index on `act`. A name that is missing here costs a repeated look, never a repeated line: `once` sees to that.
NAMES = ("first_intent", "all_accepted", "all_final", "in_doubt", "recalled", "superseded", "expired")
# Senders of several accounts write at once, so a smaller number may become visible after a larger one.
LATE = 200
ORPHANS_OLDER_THAN = timedelta(days=1)


def record_milestones() -> int:
    """Journal every milestone the ledger knows and the journal does not; returns how many. Safe to repeat after any crash.

    A ledger that was restored numbers anew what the journal already knows; such a milestone is passed over, whatever its number,
    and never stands in the way of those behind it.
    """
    newest = JournalEntry.objects.filter(act__in=[f"{ACT}{name}" for name in NAMES]).order_by("-seq").first()
    after, written = max(0, newest.detail["seq"] - LATE) if newest else 0, 0
    while found := frozen.milestones(after):
        keys = [_key(one) for one in found]
        known = set(JournalEntry.objects.filter(once__in=keys).values_list("once", flat=True))
        for key, one in zip(keys, found, strict=True):
            if key not in known:
                _record(one, key)
                written += 1
        after = found[-1].seq
    return written


def _key(one: frozen.Milestone) -> str:
    return f"{one.broadcast}/{one.name}"


def _record(one: frozen.Milestone, key: str) -> None:
    alert = _alert_of(one.broadcast)
    with transaction.atomic():
        journal.record(
            act=f"{ACT}{one.name}",
            by=None,
            organisation=alert.organisation_id if alert else "",
            subject=alert.id if alert else one.broadcast,
            detail={"seq": one.seq, "broadcast": one.broadcast, "at": one.at.isoformat(), "counts": one.counts},
            once=key,
        )


def sweep_orphans() -> int:
    """Forget audiences that were frozen, never released and are named by no alert; returns how many."""
    return ledger.sweep(keep=_named, older_than=ORPHANS_OLDER_THAN)


def _named(broadcast: str) -> bool:
    keepers = (Alert, Release, ServiceText)
    return any(kept.objects.filter(broadcast=broadcast).exists() for kept in keepers)


def _alert_of(broadcast: str) -> Alert | None:
    """The alert of a broadcast, of its correction, or the one that a text to one of our own people was about."""
    text = ServiceText.objects.filter(broadcast=broadcast).select_related("alert").first()
    if text is not None:
        return text.alert
    parent = Broadcast.objects.filter(id=broadcast).values_list("parent", flat=True).first()
    return Alert.objects.filter(broadcast__in=[broadcast, parent or broadcast]).first()
