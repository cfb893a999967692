"""The Atom 1.0 feed of warnings (RFC 4287): one entry per CAP message, valid also when there is none."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlsplit

from lxml import etree

from fenghuo.wire.cap.errors import CapError
from fenghuo.wire.cap.guard import BAD_CHARACTER
from fenghuo.wire.cap.times import whole_second, write_time

ATOM = "http://www.w3.org/2005/Atom"
FEED_TYPE = "application/atom+xml"
CAP_TYPE = "application/cap+xml"
XML_TYPE = "application/xml"

_AUTHORITY = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Entry:
    """One warning. `id` never changes, not when the host does (see `tag_uri`); `updated` moves with every real change.

    `cap_url` leads to the CAP XML, `page_url` to the page for people, `signature_url` to the detached signature of the CAP XML,
    `national_url` to the same message as national warning XML; `categories` are terms such as Met or Red.
    """

    id: str
    title: str
    updated: datetime
    cap_url: str
    page_url: str | None = None
    published: datetime | None = None
    summary: str | None = None
    categories: tuple[str, ...] = ()
    signature_url: str | None = None
    national_url: str | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """The feed. `updated` is when it last changed (for an empty feed: when the last warning left it, or it began)."""

    id: str
    title: str
    updated: datetime
    author: str
    self_url: str
    page_url: str | None = None
    subtitle: str | None = None
    entries: tuple[Entry, ...] = ()
    language: str = "zh-CN"


def tag_uri(authority: str, year: int, name: str) -> str:
    """A stable id for a feed or an entry, `tag:authority,year:name` (RFC 4151).

    `authority` is a domain name the issuer held on 1 January of `year`; `name` is the issuer's own, a CAP identifier say.
    """
    if not _AUTHORITY.fullmatch(authority) or not 1990 <= year <= 9999 or not name:
        zh, en = "标识应由域名、年份和名称组成", "a tag needs a domain name in lower case, a year and a name"
        raise CapError("atom_id", zh, en)
    return f"tag:{authority},{year:04d}:{quote(name, safe=':@!$&()*+,;=/?-._~')}"


def build_feed(feed: Feed) -> bytes:
    """The feed as UTF-8 XML, newest entry first, the same bytes for the same feed.

    The feed's updated time is the latest of its own and its entries'. CapError `atom_id` for an id that is no absolute IRI
    or stands twice, `atom_url` for a link that is not http(s), `atom_text` for an empty title or author, `character`, `time`.
    """
    root = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM})
    root.set("{http://www.w3.org/XML/1998/namespace}lang", _text(feed.language, "feed"))
    latest = max(
        whole_second(moment, "updated") for moment in (feed.updated, *(entry.updated for entry in feed.entries))
    )
    _head(root, feed.id, feed.title, latest, "feed")
    if feed.subtitle:
        _add(root, "subtitle", feed.subtitle, "feed")
    _add(etree.SubElement(root, f"{{{ATOM}}}author"), "name", _required(feed.author, "feed/author"), "feed/author")
    _link(root, "self", FEED_TYPE, feed.self_url, "feed")
    if feed.page_url:
        _link(root, "alternate", "text/html", feed.page_url, "feed")
    _refuse_twins(entry.id for entry in feed.entries)
    for entry in sorted(feed.entries, key=lambda entry: (-entry.updated.timestamp(), entry.id)):
        _entry(root, entry)
    etree.indent(root, "  ")
    data: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return data + b"\n"


def _entry(root: etree._Element, entry: Entry) -> None:
    path = f"entry {entry.id}"
    element = etree.SubElement(root, f"{{{ATOM}}}entry")
    _head(element, entry.id, entry.title, entry.updated, path)
    if entry.published is not None:
        _add(element, "published", write_time(entry.published, path=path), path)
    for term in dict.fromkeys(entry.categories):
        etree.SubElement(element, f"{{{ATOM}}}category").set("term", _text(term, path))
    _link(element, "alternate", CAP_TYPE, entry.cap_url, path)
    if entry.page_url:
        _link(element, "alternate", "text/html", entry.page_url, path)
    if entry.national_url:
        _link(element, "alternate", XML_TYPE, entry.national_url, path)
    if entry.signature_url:
        _link(element, "related", XML_TYPE, entry.signature_url, path)
    if entry.summary:
        _add(element, "summary", entry.summary, path)


def _head(parent: etree._Element, identity: str, title: str, updated: datetime, path: str) -> None:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+", _text(identity, path)):
        raise CapError(
            "atom_id", f"“{identity[:80]}”不是绝对标识", f"{identity[:80]!r} is not an absolute IRI", path=path
        )
    _add(parent, "id", identity, path)
    _add(parent, "title", _required(title, path), path)
    _add(parent, "updated", write_time(updated, path=path), path)


def _link(parent: etree._Element, rel: str, media: str, url: str, path: str) -> None:
    _text(url, path)
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"[\s<>\"]", url)
    except ValueError:
        good = False
    if not good:
        raise CapError(
            "atom_url", f"“{url[:80]}”不是完整的网址", f"{url[:80]!r} is not a complete http(s) address", path=path
        )
    etree.SubElement(parent, f"{{{ATOM}}}link", {"rel": rel, "type": media, "href": url})


def _add(parent: etree._Element, tag: str, text: str, path: str) -> None:
    etree.SubElement(parent, f"{{{ATOM}}}{tag}").text = _text(text, path)


def _required(text: str, path: str) -> str:
    if not text.strip():
        raise CapError("atom_text", "标题和作者不能为空", "a title and an author must not be empty", path=path)
    return text


def _text(text: str, path: str) -> str:
    bad = BAD_CHARACTER.search(text)
    if bad:
        code = f"U+{ord(bad[0]):04X}"
        raise CapError(
            "character", f"含有 XML 不允许的字符 {code}", f"contains {code}, which XML does not allow", path=path
        )
    return text


def _refuse_twins(identities: Iterable[str]) -> None:
    seen: set[str] = set()
    for identity in identities:
        if identity in seen:
            raise CapError(
                "atom_id", f"标识 {identity[:80]} 出现两次", f"the id {identity[:80]} stands twice", path="feed"
            )
        seen.add(identity)
