"""What anyone may read: releases, never alerts. A release is a snapshot, so a public page is one indexed read."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_noop as _

from fenghuo.ground import clock
from fenghuo.ground.refusal import Refused
from fenghuo.warning.alerts.models import Release
from fenghuo.warning.alerts.queries.desk import Page

CURRENT, RECALLED, EXPIRED = "current", "recalled", "expired"


@dataclass(frozen=True)
class PublicAlert:
    """One alert as the public sees it, with what became of it."""

    code: str
    state: str
    release: Release
    recall: Release | None
    correction: Release | None


def _published() -> QuerySet[Release]:
    return Release.objects.filter(public=True)


def _standing() -> QuerySet[Release]:
    recalled = Release.objects.filter(alert=OuterRef("alert"), kind="recall")
    return _published().filter(kind="release", expires_at__gt=clock.now()).exclude(Exists(recalled))


def current() -> list[Release]:
    """Releases in force, newest first."""
    return list(_standing())


def past(page: int = 1, size: int = 50) -> Page:
    """Releases that are recalled or over, newest first; each says which by `recalled`."""
    page = max(page, 1)
    recalled = Exists(Release.objects.filter(alert=OuterRef("alert"), kind="recall"))
    found = _published().filter(kind="release").exclude(pk__in=_standing().values("pk")).annotate(recalled=recalled)
    return Page(list(found[(page - 1) * size : page * size]), found.count(), page, size)


def by_code(code: str) -> PublicAlert:
    """The alert of a public page. Missing before its release and for what was never public."""
    kinds = {one.kind: one for one in _published().filter(code=code.strip().lower())}
    release = kinds.get("release")
    if release is None:
        raise Refused("code_unknown", _("There is no publication with this code."), kind="missing")
    recall = kinds.get("recall")
    state = RECALLED if recall else CURRENT if release.expires_at > clock.now() else EXPIRED
    return PublicAlert(release.code, state, release, recall, kinds.get("correct"))


def cap(identifier: str) -> Release:
    """The release whose CAP message has this identifier."""
    found = _published().filter(cap_identifier=identifier, waiting=False).first()
    if found is None:
        raise Refused("cap_unknown", _("There is no message with this identifier."), kind="missing")
    return found


def feed(limit: int = 50) -> list[Release]:
    """Everything published, newest first: releases, recalls and corrections; not what waits for the signing key."""
    return list(_published().filter(waiting=False)[:limit])


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
