"""Reading attachments: rows by what they belong to, bytes only when they are still what was kept."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_noop as _

from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.files.models import Attachment
from fenghuo.ground.refusal import Refused


def folder() -> Path:
    """Where the bytes lie."""
    return Path(settings.DATA) / "files"


def of(organisation: Organisation, subject_kind: str, subject: str) -> QuerySet[Attachment]:
    """What is attached to one thing, oldest first."""
    found = Attachment.objects.filter(organisation=organisation, subject_kind=subject_kind, subject=subject)
    return found.select_related("by__person")


def one(organisation: Organisation, id: str) -> Attachment:
    """One attachment of this organisation; another's is missing like one that never was."""
    found = Attachment.objects.filter(organisation=organisation, id=id).first()
    if found is None:
        raise Refused("attachment_unknown", _("There is no such attachment."), kind="missing")
    return found


def content(attachment: Attachment) -> bytes:
    """The bytes. Raises Refused when the disk holds something else than was attached."""
    try:
        data = (folder() / attachment.place).read_bytes()
    except OSError as error:
        raise _spoilt() from error
    if hashlib.sha256(data).hexdigest() != attachment.sha256:
        raise _spoilt()
    return data


def _spoilt() -> Refused:
    reason = _("The file on the disk is no longer what was attached. Restore it from the backup and tell the auditor.")
    return Refused("attachment_spoilt", reason, kind="unavailable")
