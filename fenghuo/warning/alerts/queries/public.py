"""What anyone may read: releases, never alerts. A release is a snapshot, so a public page is one indexed read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils.translation import gettext_noop as _

from fenghuo.ground import clock
from fenghuo.ground.paging import Page
from fenghuo.ground.refusal import Refused
from fenghuo.warning.alerts.models import Alert, Release

CURRENT, RECALLED, UPDATED, LIFTED, EXPIRED = "current", "recalled", "updated", "lifted", "expired"


@dataclass(frozen=True)
class PublicAlert:
    """One alert as the public sees it, with what became of it; `newer`: what took its place, which may itself be over by now."""

    code: str
    state: str
    release: Release
    recall: Release | None
    correction: Release | None
    newer: Release | None = None


def _published() -> QuerySet[Release]:
    return Release.objects.filter(public=True)


def _standing() -> QuerySet[Release]:
    recalled = Release.objects.filter(alert=OuterRef("alert"), kind="recall")
    standing = _published().filter(kind="release", expires_at__gt=clock.now(), alert__superseded_by=None)
    return standing.exclude(Exists(recalled))


def current() -> list[Release]:
    """Releases in force, newest first."""
    return list(_standing())


def past(page: int = 1, size: int = 50) -> Page[Any]:
    """Releases that are recalled, replaced or over, newest first; each says which by `recalled` and `replaced_by` (a relation)."""
    page = max(page, 1)
    recalled = Exists(Release.objects.filter(alert=OuterRef("alert"), kind="recall"))
    found = (
        _published()
        .filter(kind="release")
        .exclude(pk__in=_standing().values("pk"))
        .annotate(recalled=recalled, replaced_by=F("alert__superseded_by__relation"))
    )
    return Page(list(found[(page - 1) * size : page * size]), found.count(), page, size)


def by_code(code: str) -> PublicAlert:
    """The alert of a public page. Missing before its release and for what was never public."""
    kinds = {one.kind: one for one in _published().filter(code=code.strip().lower()).select_related("alert")}
    release = kinds.get("release")
    if release is None:
        raise Refused("code_unknown", _("There is no publication with this code."), kind="missing")
    recall = kinds.get("recall")
    newer = (
        _published().filter(alert__in=Alert.objects.filter(pk=release.alert.superseded_by_id), kind="release").first()
    )
    if recall:
        state = RECALLED
    elif newer:
        state = LIFTED if newer.snapshot["document"]["relation"] == "lift" else UPDATED
    else:
        state = CURRENT if release.expires_at > clock.now() else EXPIRED
    return PublicAlert(release.code, state, release, recall, kinds.get("correct"), newer)


def cap(identifier: str) -> Release:
    """The release whose CAP message has this identifier."""
    found = _published().filter(cap_identifier=identifier, waiting=False).first()
    if found is None:
        raise Refused("cap_unknown", _("There is no message with this identifier."), kind="missing")
    return found


def feed(limit: int = 50) -> list[Release]:
    """What stands, newest first: releases, recalls and corrections; of a chain the newest alert alone, which refers to the others.

    Not what waits for the signing key.
    """
    return list(_published().filter(waiting=False).exclude(kind="release", alert__superseded_by__isnull=False)[:limit])


def last_change() -> datetime | None:
    """When the public pages last changed by a release or an expiry; None while nothing was ever published."""
    newest = _published().values_list("at", flat=True).first()
    over = (
        _published()
        .filter(expires_at__lte=clock.now())
        .order_by("-expires_at")
        .values_list("expires_at", flat=True)
        .first()
    )
    return max((one for one in (newest, over) if one), default=None)
