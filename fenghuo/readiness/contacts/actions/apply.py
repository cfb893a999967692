"""Applying a preview, part by part. Each part is one transaction with its journal row; what was applied never is again."""

from typing import Any

from django.db import transaction
from django.db.models import F

from fenghuo.ground import clock
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import states
from fenghuo.readiness.contacts.actions import keep, known
from fenghuo.readiness.contacts.actions.kept import note
from fenghuo.readiness.contacts.actions.known import Known
from fenghuo.readiness.contacts.models import ContactImport, ContactImportPart
from fenghuo.readiness.contacts.packed import Entry, pack, unpack


def step(parent: ContactImport) -> bool:
    """Apply the next part; False when there is none left, and then the import is done."""
    part = parent.parts.filter(applied=False).first()
    if part is None:
        with transaction.atomic():
            running = ContactImport.objects.filter(pk=parent.pk, state=states.RUNNING)
            if running.update(state=states.DONE, applied_at=clock.now(), file=None, progress=F("total")):
                done: dict[str, Any] = totals(parent)
                note(parent.organisation, parent.by, "contacts.import.finish", parent.id, touched=(), **done)
        return False
    with transaction.atomic():
        # Whoever takes it first, and only once: the row is locked until all of this is kept or none of it.
        if parent.parts.filter(pk=part.pk, applied=False).update(applied=True):
            _apply(parent, part)
    return True


def totals(parent: ContactImport) -> dict[str, int]:
    """What became of all rows so far."""
    found = {"added": 0, "updated": 0, "left": 0}
    for added, updated, left in parent.parts.values_list("added", "updated", "left_count"):
        found = {"added": found["added"] + added, "updated": found["updated"] + updated, "left": found["left"] + left}
    return found


def _apply(parent: ContactImport, part: ContactImportPart) -> None:
    organisation = parent.organisation
    entries = unpack(part.rows)
    wanted: list[Entry] = [one for one in entries if one["k"] != "refused"]
    found = known.known(organisation, [one["p"] for one in wanted])
    left = [
        {"s": one["s"], "r": one["r"], "e": [[who.field, -1, who.code, who.reason, who.params]]}
        for one, who in zip(wanted, found, strict=True)
        if isinstance(who, Refused)
    ]
    fresh = [one["p"] for one, who in zip(wanted, found, strict=True) if who is None]
    kept = [(who, one["p"]) for one, who in zip(wanted, found, strict=True) if isinstance(who, Known)]
    groups, made = keep.groups(organisation, [*fresh, *(person for _who, person in kept)])
    changed = [(who, person, diff) for who, person in kept if (diff := known.changes(who, person, groups))]
    undo = keep.add(organisation, fresh, groups) + keep.change(organisation, changed, groups)
    counts = {"added": len(fresh), "updated": len(changed)}
    ContactImportPart.objects.filter(pk=part.pk).update(
        undo=pack(undo), left=pack(left) if left else None, left_count=len(left), **counts
    )
    groups_made = [*parent.groups_made, *made]
    ContactImport.objects.filter(pk=parent.pk).update(progress=F("progress") + len(entries), groups_made=groups_made)
    parent.groups_made = groups_made
    note(
        organisation,
        parent.by,
        "contacts.load",
        parent.id,
        touched=[one["a"] if "a" in one else one["c"] for one in undo],
        groups_touched=groups.values(),
        rows=len(wanted) - len(left),
        **counts,
    )
