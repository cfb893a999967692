"""The feed keeps every MUST of RFC 4287 §4.1, with many warnings and with none."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fenghuo.wire.cap import CapError
from fenghuo.wire.cap.atom import Entry, Feed, build_feed, tag_uri
from tests.wire.cap.alerts import SENT, TEXT

A = "{http://www.w3.org/2005/Atom}"
VECTORS = Path(__file__).parents[2] / "vectors" / "cap"
FEED = Feed(
    id=tag_uri("xiacang.example", 2024, "alerts"),
    title="下仓镇预警信息",
    updated=SENT,
    author="蓟州区下仓镇人民政府",
    self_url="https://xiacang.example/feeds/alerts.atom",
    page_url="https://xiacang.example/",
)
RAIN = Entry(
    id=tag_uri("xiacang.example", 2024, "12011911100000_20240719043000_1"),
    title="下仓镇人民政府发布暴雨橙色预警",
    updated=SENT,
    published=SENT,
    cap_url="https://xiacang.example/feeds/cap/12011911100000_20240719043000_1.xml",
    page_url="https://xiacang.example/v/7K2M",
    summary="预计未来 6 小时降雨量将达 50 毫米以上。",
    categories=("Met", "Orange"),
)
ENTRIES = st.builds(
    Entry,
    id=st.integers(0, 10**9).map(lambda n: tag_uri("a.example", 2024, str(n))),
    title=TEXT.map(lambda text: text + "警"),
    updated=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    cap_url=st.just("https://a.example/cap/x.xml"),
    page_url=st.sampled_from([None, "http://a.example/预警?a=1&b=2"]),
    published=st.none() | st.just(SENT),
    summary=st.none() | TEXT,
    categories=st.lists(TEXT, max_size=3).map(tuple),
)


def _check_person_and_links(element: ElementTree.Element) -> None:
    links = [(link.get("rel"), link.get("type"), link.get("hreflang")) for link in element.findall(f"{A}link")]
    assert len(links) == len(set(links))
    for link in element.findall(f"{A}link"):
        assert urlsplit(link.attrib["href"]).scheme in ("http", "https")
    for tag in ("id", "title", "updated"):
        assert len(element.findall(f"{A}{tag}")) == 1
    assert urlsplit(element.findtext(f"{A}id")).scheme
    stamp = element.findtext(f"{A}updated") or ""
    assert datetime.fromisoformat(stamp).utcoffset() is not None
    assert stamp.endswith("+08:00")
    assert "." not in stamp


def check_rfc_4287(data: bytes) -> ElementTree.Element:
    """The MUSTs of §4.1.1 and §4.1.2 that can be seen in a document."""
    feed = ElementTree.fromstring(data)
    assert feed.tag == f"{A}feed"
    _check_person_and_links(feed)
    assert feed.findtext(f"{A}author/{A}name")
    assert [link.get("rel") for link in feed.findall(f"{A}link")].count("self") == 1
    entries = feed.findall(f"{A}entry")
    assert list(feed)[len(feed) - len(entries) :] == entries
    for entry in entries:
        _check_person_and_links(entry)
        assert [link.get("rel") for link in entry.findall(f"{A}link")].count("alternate") >= 1
        assert all(category.get("term") is not None for category in entry.findall(f"{A}category"))
    identities = [entry.findtext(f"{A}id") for entry in entries]
    assert len(identities) == len(set(identities))
    return feed


def test_the_golden_feed_has_these_very_bytes():
    data = build_feed(replace(FEED, entries=(RAIN,)))
    assert data == (VECTORS / "alerts.atom").read_bytes()
    check_rfc_4287(data)


def test_a_feed_without_warnings_is_valid_and_keeps_its_time():
    feed = check_rfc_4287(build_feed(FEED))
    assert feed.findall(f"{A}entry") == []
    assert feed.findtext(f"{A}updated") == "2024-07-19T04:30:00+08:00"


@settings(max_examples=150, deadline=None)
@given(st.lists(ENTRIES, max_size=6, unique_by=lambda entry: entry.id))
def test_every_feed_is_valid_newest_first_and_as_new_as_its_newest(entries: list[Entry]):
    data = build_feed(replace(FEED, entries=tuple(entries)))
    feed = check_rfc_4287(data)
    stamps = [datetime.fromisoformat(entry.findtext(f"{A}updated") or "") for entry in feed.findall(f"{A}entry")]
    assert stamps == sorted(stamps, reverse=True)
    assert datetime.fromisoformat(feed.findtext(f"{A}updated") or "") == max([SENT, *stamps])
    titles = {entry.findtext(f"{A}id"): entry.findtext(f"{A}title") for entry in feed.findall(f"{A}entry")}
    assert titles == {entry.id: entry.title for entry in entries}
    assert build_feed(replace(FEED, entries=tuple(reversed(entries)))) == data


def test_an_entry_leads_to_the_cap_file_and_to_the_page():
    feed = ElementTree.fromstring(build_feed(replace(FEED, entries=(RAIN,))))
    links = {link.get("type"): link.get("href") for link in feed.findall(f"{A}entry/{A}link")}
    assert links == {"application/cap+xml": RAIN.cap_url, "text/html": RAIN.page_url}


@pytest.mark.parametrize(
    ("feed", "code"),
    [
        (replace(FEED, entries=(RAIN, replace(RAIN, updated=SENT + timedelta(hours=1)))), "atom_id"),
        (replace(FEED, id="alerts"), "atom_id"),
        (replace(FEED, id="urn:a b"), "atom_id"),
        (replace(FEED, self_url="/feeds/alerts.atom"), "atom_url"),
        (replace(FEED, page_url="javascript:alert(1)"), "atom_url"),
        (replace(FEED, entries=(replace(RAIN, cap_url="ftp://a/x"),)), "atom_url"),
        (replace(FEED, entries=(replace(RAIN, page_url="https://"),)), "atom_url"),
        (replace(FEED, entries=(replace(RAIN, page_url="https://["),)), "atom_url"),
        (replace(FEED, title=" "), "atom_text"),
        (replace(FEED, author=""), "atom_text"),
        (replace(FEED, title="a\x00b"), "character"),
        (replace(FEED, entries=(replace(RAIN, categories=("\ud800",)),)), "character"),
        (replace(FEED, entries=(replace(RAIN, cap_url="https://a/\x01"),)), "character"),
        (replace(FEED, updated=datetime(2024, 7, 19)), "time"),  # noqa: DTZ001
        (replace(FEED, entries=(RAIN, replace(RAIN, id="urn:x:y", updated=datetime(2024, 7, 19)))), "time"),  # noqa: DTZ001
    ],
)
def test_what_would_make_the_feed_invalid_is_refused(feed: Feed, code: str):
    with pytest.raises(CapError) as refused:
        build_feed(feed)
    assert refused.value.code == code
    assert refused.value.zh
    assert refused.value.en


def test_an_id_depends_on_the_name_alone():
    assert tag_uri("xiacang.example", 2024, "a_1") == "tag:xiacang.example,2024:a_1"
    assert tag_uri("xiacang.example", 2024, "预警 1") == "tag:xiacang.example,2024:%E9%A2%84%E8%AD%A6%201"
    for authority, year, name in (
        ("", 2024, "a"),
        ("A.example", 2024, "a"),
        ("a.example", 24, "a"),
        ("a.example", 2024, ""),
    ):
        with pytest.raises(CapError):
            tag_uri(authority, year, name)
