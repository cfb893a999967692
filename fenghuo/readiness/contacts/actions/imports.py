"""The verbs of an import: begin, say which column is which, apply, undo, drop. The work itself is done part by part."""

import hashlib
from collections.abc import Mapping
from contextlib import closing
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from fenghuo.ground import clock
from fenghuo.ground.accounts.models import Account, Organisation
from fenghuo.ground.disk import rules as disk
from fenghuo.ground.journal import actions as journal
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import headings, reader, states
from fenghuo.readiness.contacts.actions import apply, plan, undo
from fenghuo.readiness.contacts.actions.kept import require_right
from fenghuo.readiness.contacts.models import ContactImport
from fenghuo.readiness.contacts.rules import UNDO_DAYS, undo_until

PATIENCE = 4.0  # seconds
AT_ONCE = 1024 * 1024  # bytes of a file that is read while its sender waits; a larger one is the worker's
UNUSED = timedelta(days=7)  # a preview that nobody applied is forgotten after these


def begin_import(
    *, organisation: Organisation, name: str, data: bytes, sheet: str = "", by: Account | None
) -> ContactImport:
    """Keep an uploaded file and, when it is small, read it at once. A file that cannot be read raises Refused, field `file`.

    `sheet`: the name of the only sheet that counts; empty for all that are not hidden.
    """
    require_right(organisation, by)
    disk.require()
    if len(data) > reader.MOST_BYTES:
        reason = _("The file is larger than %(most)s MB. Split it into several.")
        raise Refused("file_large", reason, field="file", params={"most": reader.MOST_BYTES // 1024 // 1024})
    if not data:
        raise Refused("file_empty", _("The file is empty."), field="file", kept="nothing")
    name = "".join(one for one in name if one.isprintable())[-200:] or "?"
    now = clock.now()
    digest = hashlib.sha256(data).hexdigest()
    small = len(data) <= AT_ONCE
    with transaction.atomic():
        parent = ContactImport.objects.create(
            organisation=organisation, by=by, file_name=name, only_sheet=sheet[:100], sha256=digest, file=data, created_at=now,
            lease_until=now + plan.LEASE if small else None,
        )  # fmt: skip
        _journal(parent, by, "begin", bytes=len(data), sha256=digest)
    if small:
        _read(parent)
    return parent


def _read(parent: ContactImport) -> None:
    """In the caller's own time; a file that cannot be read leaves nothing behind."""
    _read_for_a_while(parent)
    if parent.state == states.FAILED and parent.reason:
        with transaction.atomic():
            parent.delete()
        raise Refused(field="file", kept="nothing", **parent.reason)


def _read_for_a_while(parent: ContactImport) -> None:
    """To the end; what takes longer than its sender should wait is the worker's."""
    until = clock.monotonic() + PATIENCE
    with closing(plan.steps(parent)) as steps:
        for _pause in steps:
            if clock.monotonic() > until:
                break
        else:
            return
    plan.hand_over(parent)


def map_columns(*, parent: ContactImport, mapping: Mapping[str, str], by: Account | None) -> ContactImport:
    """Say which heading is which field ("" for none); the file is read again."""
    require_right(parent.organisation, by)
    wrong = sorted({field for field in mapping.values() if field and field not in headings.FIELDS})
    if wrong:
        reason = _("Nothing of a person is called %(fields)s.")
        raise Refused("field_unknown", reason, field="mapping", params={"fields": ", ".join(wrong)[:100]})
    merged = {**parent.mapping, **{heading[:60]: field for heading, field in mapping.items()}}
    small = len(parent.file or b"") <= AT_ONCE
    with transaction.atomic():
        lease = clock.now() + plan.LEASE if small else None
        _move(parent, "map", mapping=merged, progress=0, lease_until=lease)
        _journal(parent, by, "map")
    if small:
        _read_for_a_while(parent)
    return parent


def start_import(*, parent: ContactImport, by: Account | None) -> ContactImport:
    """Apply the preview: from here on the worker goes on by itself, and after a crash again."""
    require_right(parent.organisation, by)
    with transaction.atomic():
        _move(parent, "apply", progress=0)
        _journal(parent, by, "apply", rows=parent.total)
    return parent


def undo_import(*, parent: ContactImport, by: Account | None) -> ContactImport:
    """Take an import back, within 30 days; the worker does it."""
    require_right(parent.organisation, by)
    if parent.applied_at and clock.now() > undo_until(parent.applied_at):
        reason = _("An import can be undone for %(days)s days; this one was applied earlier.")
        raise Refused("undo_late", reason, kind="conflict", params={"days": UNDO_DAYS})
    with transaction.atomic():
        _move(parent, "undo", progress=0)
        _journal(parent, by, "undo", rows=parent.total)
    return parent


def drop_import(*, parent: ContactImport, by: Account | None) -> ContactImport:
    """Forget a file that was read but not applied."""
    require_right(parent.organisation, by)
    with transaction.atomic():
        _move(parent, "drop", file=None)
        parent.parts.all().delete()
        _journal(parent, by, "drop")
    return parent


def advance(*, parent: ContactImport) -> bool:
    """Do the next part of whatever this import is at; False when nothing is left to do."""
    if parent.state == states.RUNNING:
        more = apply.step(parent)
    elif parent.state == states.UNDOING:
        more = undo.step(parent)
    else:
        return False
    if not more:
        parent.refresh_from_db()
    return more


def finish(*, parent: ContactImport) -> ContactImport:
    """Everything that is left, in this process: for a command, and for tests."""
    if parent.state == states.READING and plan.claim(parent):
        for _pause in plan.steps(parent):
            pass
    while advance(parent=parent):
        pass
    return parent


def forget_imports() -> int:
    """Rows of imports that can no longer be undone, and previews that nobody applied, are personal data no longer needed."""
    now = clock.now()
    old = ContactImport.objects.filter(applied_at__lt=now - timedelta(days=UNDO_DAYS), parts__isnull=False).distinct()
    forgotten = 0
    for parent in old.exclude(state__in=(states.RUNNING, states.UNDOING)):
        forgotten += parent.parts.exclude(rows=None, undo=None).update(rows=None, undo=None)
    unused = ContactImport.objects.filter(state__in=(states.READ, states.PREVIEWED), created_at__lt=now - UNUSED)
    for parent in unused:
        drop_import(parent=parent, by=None)
        forgotten += 1
    return forgotten


def _move(parent: ContactImport, verb: str, **changed: Any) -> None:
    """The conditional UPDATE: of two who press at once, one wins."""
    transition = states.IMPORT.transition(verb)
    from_here = ContactImport.objects.filter(pk=parent.pk, state__in=transition.sources)
    if not from_here.update(state=transition.target, **changed):
        parent.refresh_from_db()
        reason = _("This import has gone on meanwhile; look at it again.")
        raise Refused("import_state", reason, kind="conflict", params={"state": parent.state})
    parent.refresh_from_db()


def _journal(parent: ContactImport, by: Account | None, verb: str, **detail: Any) -> None:
    journal.record(
        act=f"contacts.import.{verb}", by=by.actor() if by else None, organisation=parent.organisation_id,
        subject=parent.id, detail=detail,
    )  # fmt: skip
