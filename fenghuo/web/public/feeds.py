"""The Atom feed and the CAP documents it leads to."""

from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, pgettext

from fenghuo.ground.journal import queries as journal
from fenghuo.ground.refusal import Refused
from fenghuo.warning.alerts import queries
from fenghuo.warning.alerts.models import Release
from fenghuo.web import words
from fenghuo.web.public.answer import conditional, public
from fenghuo.web.public.show import card
from fenghuo.wire import national_xml
from fenghuo.wire.cap.atom import CAP_TYPE, FEED_TYPE, XML_TYPE, Entry, Feed, build_feed, tag_uri

LIMIT = 50
BEGAN = 2026  # the year in which these tags were first written


@public
def atom(request: HttpRequest) -> HttpResponse:
    """Alerts, recalls and corrections, newest first; valid also when there are none."""
    base = settings.FENGHUO.public_url.rstrip("/")
    authority = (urlsplit(base).hostname or "localhost").lower()
    changed = queries.last_change() or _began()
    feed = Feed(
        id=tag_uri(authority, BEGAN, "alerts"),
        title=_title(),
        updated=changed,
        author=gettext("Fenghuo"),
        self_url=base + reverse("public-atom"),
        page_url=base + reverse("public-current"),
        entries=tuple(_entry(one, base, authority) for one in queries.feed(limit=LIMIT)),
    )
    return conditional(request, HttpResponse(build_feed(feed), content_type=f"{FEED_TYPE}; charset=utf-8"), changed)


@public
def cap(request: HttpRequest, identifier: str) -> HttpResponse:
    """The CAP 1.2 document exactly as it was released."""
    try:
        release = queries.cap(identifier)
    except Refused as refused:
        raise Http404 from refused
    return conditional(request, HttpResponse(bytes(release.cap), content_type=f"{CAP_TYPE}; charset=utf-8"), release.at)


@public
def cap_signature(request: HttpRequest, identifier: str) -> HttpResponse:
    """The detached signature over the exact bytes of the CAP document; not for what was released before releases were signed."""
    return _file(request, identifier, "cap_signature")


@public
def national(request: HttpRequest, identifier: str) -> HttpResponse:
    """The same message as national warning XML, under the file name its rule asks for."""
    answer = _file(request, identifier, "national")
    if answer.status_code == HTTPStatus.OK:
        name = national_xml.file_name(national_xml.parse(answer.content))
        answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return answer


@public
def national_signature(request: HttpRequest, identifier: str) -> HttpResponse:
    """The detached signature over the exact bytes of the national XML."""
    return _file(request, identifier, "national_signature")


def _file(request: HttpRequest, identifier: str, column: str) -> HttpResponse:
    try:
        release = queries.cap(identifier)
    except Refused as refused:
        raise Http404 from refused
    data = bytes(getattr(release, column))
    if not data:
        raise Http404
    return conditional(request, HttpResponse(data, content_type=f"{XML_TYPE}; charset=utf-8"), release.at)


def _url(base: str, name: str, release: Release) -> str:
    return base + reverse(name, args=[release.cap_identifier])


def _began() -> datetime:
    """When a feed that never carried anything began: the first entry of the journal."""
    first = journal.entries().values_list("at", flat=True).first()
    return first or datetime(BEGAN, 1, 1, tzinfo=UTC)


def _title() -> str:
    title = gettext("Alerts in force and recalled")
    return f"{pgettext('mode', 'EXERCISE')} · {title}" if settings.FENGHUO.mode == "exercise" else title


def _summary(release: Release, web: dict[str, str]) -> str:
    """What is said now; never again the words that were taken back."""
    if release.kind == "release":
        return web["body"]
    own = str(release.snapshot["web"])
    return own if release.kind == "correct" else f"{gettext('This alert has been recalled. Do not act on it.')} {own}"


def _entry(release: Release, base: str, authority: str) -> Entry:
    shown = card(release)
    web, document = shown["web"], shown["document"]
    title = {"recall": shown["recall_title"], "correct": shown["correction_title"]}.get(release.kind, web["headline"])
    return Entry(
        id=tag_uri(authority, BEGAN, release.cap_identifier),
        title=title or words.kind(document["kind"]),
        updated=release.at,
        published=release.at,
        cap_url=_url(base, "public-cap", release),
        page_url=base + shown["url"],
        signature_url=_url(base, "public-cap-signature", release) if release.cap_signature else None,
        national_url=_url(base, "public-national", release) if release.national else None,
        summary=_summary(release, web),
        categories=tuple(
            one for one in (document.get("event"), words.LEVEL_TONES.get(document.get("level") or 0)) if one
        ),
    )
