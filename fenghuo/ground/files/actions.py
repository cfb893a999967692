"""Attaching. First the bytes are on the disk, then the row says so: a crash between the two leaves a file that nobody names."""

import hashlib
import os
import secrets
from datetime import timedelta
from pathlib import Path

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop as _

from fenghuo.ground import clock
from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.accounts.models import Account, Organisation
from fenghuo.ground.disk import rules as disk
from fenghuo.ground.files import queries
from fenghuo.ground.files.models import Attachment
from fenghuo.ground.files.rules import admit
from fenghuo.ground.journal import actions as journal
from fenghuo.ground.refusal import Refused

MOST_OF_ONE = 50  # attachments of one thing
ORPHAN_AFTER = timedelta(days=1)


def attach(
    *, organisation: Organisation, subject_kind: str, subject: str, purpose: str, name: str, data: bytes, by: Account
) -> Attachment:
    """Keep a file beside the thing it proves. The caller has made sure that the thing is there and is this organisation's.

    Raises Refused: not one's right, not a file that may come in, attached already, or too many.
    """
    rights.require(account=by, act="attach", organisation=organisation)
    disk.require()
    if purpose not in Attachment.PURPOSES:
        raise Refused("purpose_unknown", _("State what the file is."), field="purpose")
    arrived = hashlib.sha256(data).hexdigest()
    _room(organisation, subject_kind, subject, arrived)
    kept = admit(data, name)
    digest = hashlib.sha256(kept.data).hexdigest()
    place = _store(kept.data, digest)
    attachment = Attachment(
        organisation=organisation,
        subject_kind=subject_kind,
        subject=subject,
        purpose=purpose,
        name=kept.name,
        media_type=kept.media_type,
        size=len(kept.data),
        sha256=digest,
        arrived_sha256=arrived,
        place=place,
        by=by,
        at=clock.now(),
    )
    try:
        _keep(attachment)
    except IntegrityError as error:
        (queries.folder() / place).unlink(missing_ok=True)
        raise _already() from error
    return attachment


@transaction.atomic
def _keep(one: Attachment) -> None:
    """The row, and the act in the journal."""
    one.save(force_insert=True)
    detail = {name: getattr(one, name) for name in ("purpose", "name", "sha256", "arrived_sha256")}
    journal.record(
        act="files.attach",
        by=one.by.actor(),
        organisation=one.organisation_id,
        subject=one.subject,
        detail={"attachment": one.id, **detail},
    )


def sweep() -> int:
    """Remove files older than a day that no row names: what a crash left between disk and row. How many."""
    root = queries.folder()
    if not root.is_dir():
        return 0
    old = (clock.now() - ORPHAN_AFTER).timestamp()
    found = [path for path in root.glob("*/*") if path.is_file() and path.stat().st_mtime < old]
    removed = 0
    for start in range(0, len(found), 500):
        part = {f"{path.parent.name}/{path.name}": path for path in found[start : start + 500]}
        known = set(Attachment.objects.filter(place__in=part).values_list("place", flat=True))
        for place in part.keys() - known:
            part[place].unlink(missing_ok=True)
            removed += 1
    return removed


def _room(organisation: Organisation, subject_kind: str, subject: str, arrived: str) -> None:
    there = queries.of(organisation, subject_kind, subject)
    if there.filter(arrived_sha256=arrived).exists():
        raise _already()
    if there.count() >= MOST_OF_ONE:
        reason = _("There are %(most)s attachments already; no more fit here.")
        raise Refused("too_many_attachments", reason, field="file", params={"most": MOST_OF_ONE}, kind="conflict")


def _already() -> Refused:
    return Refused("already_attached", _("This very file is attached already."), field="file", kind="conflict")


def _store(data: bytes, digest: str) -> str:
    """Write, and make sure that it is on the disk, before any row says so. The name cannot be guessed."""
    place = f"{digest[:2]}/{secrets.token_hex(16)}"
    path = queries.folder() / place
    for folder in (path.parent.parent, path.parent):
        folder.mkdir(mode=0o700, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
        _synced(folder)
    return place


def _synced(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
