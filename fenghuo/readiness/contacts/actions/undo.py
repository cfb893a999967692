"""Taking an import back, part by part and last first: exactly what it changed, unless somebody has changed it since."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import F

from fenghuo.ground import clock
from fenghuo.ground.accounts.models import Organisation
from fenghuo.readiness.contacts import states
from fenghuo.readiness.contacts.actions import known
from fenghuo.readiness.contacts.actions.kept import note
from fenghuo.readiness.contacts.actions.known import Known
from fenghuo.readiness.contacts.models import (
    Contact,
    ContactImport,
    ContactImportPart,
    ContactNumber,
    Group,
    GroupMember,
)
from fenghuo.readiness.contacts.packed import pack, unpack


def step(parent: ContactImport) -> bool:
    """Undo the next part; False when there is none left, and then the import is undone."""
    part = parent.parts.filter(applied=True, undone=False).last()
    if part is None:
        _finish(parent)
        return False
    with transaction.atomic():
        if parent.parts.filter(pk=part.pk, undone=False).update(undone=True):
            _undo(parent, part)
    return True


def _finish(parent: ContactImport) -> None:
    with transaction.atomic():
        undoing = ContactImport.objects.filter(pk=parent.pk, state=states.UNDOING)
        if not undoing.update(state=states.UNDONE, undone_at=clock.now(), progress=F("total")):
            return
        kept = sum(parent.parts.values_list("left_count", flat=True))
        # A group that the import made and nobody has used since goes too.
        made = Group.objects.filter(organisation=parent.organisation, id__in=parent.groups_made, checked_at=None)
        gone = made.filter(members=None, rules=None, owner=None, owner_post="")
        ids = list(gone.values_list("id", flat=True))
        Group.objects.filter(id__in=ids).delete()
        act = "contacts.import.restore"
        note(parent.organisation, parent.by, act, parent.id, touched=(), groups_touched=ids, left=kept, groups=len(ids))


def _undo(parent: ContactImport, part: ContactImportPart) -> None:
    organisation = parent.organisation
    entries = unpack(part.undo)
    now = known.by_id(organisation, [one.get("a", one.get("c")) for one in entries])
    left: list[list[Any]] = []
    gone = []
    for one in entries:
        if "a" in one and one["a"] in now:
            if now[one["a"]].state() == one["p"]:
                gone.append(one["a"])
            else:
                left.append([one["a"], "", one["p"]["name"]])
    _remove(organisation, gone)
    changed = [(now[one["c"]], one) for one in entries if "c" in one and one["c"] in now]
    _restore(organisation, changed, left)
    ContactImportPart.objects.filter(pk=part.pk).update(left=pack(left) if left else None, left_count=len(left))
    ContactImport.objects.filter(pk=parent.pk).update(progress=F("progress") + len(unpack(part.rows)))
    note(
        organisation,
        parent.by,
        "contacts.unload",
        parent.id,
        touched=list(now),
        groups_touched=sorted({group for one in now.values() for group in one.groups}),
        removed=len(gone),
        restored=len(changed),
        left=len(left),
    )


def _remove(organisation: Organisation, ids: Iterable[int]) -> None:
    for some in known.chunks(ids):
        GroupMember.objects.filter(contact_id__in=some).delete()
        ContactNumber.objects.filter(contact_id__in=some).delete()
        Contact.objects.filter(organisation=organisation, id__in=some).delete()


def _restore(organisation: Organisation, changed: list[tuple[Known, dict[str, Any]]], left: list[list[Any]]) -> None:
    """Each field goes back unless it has changed since; what stays as it is, is listed."""
    contacts = []
    numbers: list[int] = []
    for who, one in changed:
        values = dict(who.values)
        for name, before, after in one["d"]:
            if values[name] == after:
                values[name] = before
            else:
                left.append([who.id, name, who.values["name"]])
        if values != who.values:
            plain = {name: values[name] for name in known.PLAIN}
            contacts.append(
                Contact(id=who.id, organisation=organisation, name=who.values["name"], area_id=values["area"], **plain)
            )
        numbers += [address for address in one["n"] if address in who.numbers]
        if one["g"]:
            GroupMember.objects.filter(contact_id=who.id, group_id__in=one["g"]).delete()
    Contact.objects.bulk_update(contacts, ["area", *known.PLAIN], batch_size=100)
    for some in known.chunks(numbers):
        ContactNumber.objects.filter(organisation=organisation, address__in=some).delete()
