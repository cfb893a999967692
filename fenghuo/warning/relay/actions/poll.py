"""Watching feeds: an Atom feed that leads to CAP or national XML, read again and again, each document taken in once."""

from datetime import timedelta

import structlog
from django.conf import settings
from django.db import transaction
from lxml import etree

from fenghuo.ground import clock
from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.areas import queries as areas
from fenghuo.ground.refusal import Refused
from fenghuo.warning.relay import rules
from fenghuo.warning.relay.actions.receive import take_in
from fenghuo.warning.relay.fetch import Unreachable, fetch, same_site
from fenghuo.warning.relay.models import FeedState
from fenghuo.warning.relay.values import FeedSource
from fenghuo.wire.cap import CapError
from fenghuo.wire.cap.atom import ATOM, CAP_TYPE, XML_TYPE
from fenghuo.wire.cap.guard import open_tree

log = structlog.get_logger("fenghuo.relay")

MOST_ENTRIES = 100  # of one reading; the rest waits for the next
MOST_SEEN = 2000


def poll_feeds() -> None:
    """Read every feed that is due. What is wrong with one is written beside it and keeps no other from being read."""
    for source in settings.FENGHUO.feed:
        state, _made = FeedState.objects.get_or_create(name=source.name)
        if state.polled_at is None or clock.now() - state.polled_at >= timedelta(seconds=source.seconds):
            poll(source, state)


def poll(source: FeedSource, state: FeedState) -> None:
    """Read one feed and what is new in it. The network is never waited for inside a transaction."""
    state.polled_at, state.error = clock.now(), ""
    try:
        answer = fetch(source.url, private_hosts=source.private_hosts, etag=state.etag)
        new = [one for one in _links(answer.body) if one not in state.seen][:MOST_ENTRIES] if answer.body else []
        for link in reversed(new):  # the oldest first
            _take(source, link)
            state.seen = [*state.seen, link][-MOST_SEEN:]
        state.good_at, state.etag = state.polled_at, answer.etag
    except (Unreachable, CapError) as error:
        state.error = str(error)[:300]
        log.warning("feed_not_read", feed=source.name, reason=state.error)
    with transaction.atomic():
        state.save()


def _links(feed: bytes) -> list[str]:
    """Where the entries' documents are: CAP first, national XML where there is no CAP."""
    root = open_tree(feed)
    found = []
    for entry in root.iterfind(f"{{{ATOM}}}entry"):
        links = {one.get("type"): one for one in reversed(entry.findall(f"{{{ATOM}}}link")) if _leads(one)}
        chosen = links.get(CAP_TYPE, links.get(XML_TYPE))
        if chosen is not None:
            found.append(str(chosen.get("href")))
    return found


def _leads(link: etree._Element) -> bool:
    return link.get("rel", "alternate") in ("alternate", "enclosure") and bool(link.get("href"))


def _take(source: FeedSource, link: str) -> None:
    document = fetch(same_site(source.url, link), private_hosts=source.private_hosts).body
    for organisation in _for_whom(source, document):
        try:
            take_in(organisation=organisation, raw=document, source=source.name, by=None, only_trusted=source.trusted)
        except Refused as refused:
            log.warning("arrival_not_kept", feed=source.name, reason=refused.code)


def _for_whom(source: FeedSource, document: bytes) -> list[Organisation]:
    """The organisations named for this feed; of a feed for all, those whose area the warning touches."""
    everyone = Organisation.objects.order_by("area_id", "id")
    if source.organisations:
        return list(everyone.filter(area_id__in=source.organisations))
    try:
        told = rules.read(document)[1]
    except CapError:
        return list(everyone)[:1]
    codes = [rules.division(code) for code in told.areas]
    return [
        one
        for one in everyone
        if not codes or any(areas.inside(one.area_id, c) or areas.inside(c, one.area_id) for c in codes)
    ]
