"""A feed is read like a stranger's letter: only from where the operator said, only what is new, never further than its own site."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from fenghuo.warning.relay import actions, queries
from fenghuo.warning.relay.fetch import Unreachable, fetch, same_site
from fenghuo.warning.relay.models import FeedState
from fenghuo.warning.relay.values import FeedSource, public_address
from fenghuo.wire.cap.atom import Entry, Feed, build_feed
from tests.warning.alerts.makers import Town
from tests.warning.relay.messages import county, moment, signed, xml

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


class Site:
    """A county's web site on the loopback; `pages` by path, `asked` is what was asked of it."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[str] = []
        self.etags: list[str | None] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                site.etags.append(self.headers.get("If-None-Match"))
                status, headers, body = site.pages.get(self.path, (404, {}, b""))
                if headers.get("ETag") and headers["ETag"] == self.headers.get("If-None-Match"):
                    status, body = 304, b""
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *values: object) -> None:
                """Silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def feed(self, *documents: bytes, etag: str = "") -> None:
        entries = []
        for number, document in enumerate(documents):
            self.pages[f"/cap/{number}.xml"] = (200, {}, document)
            entries.append(
                Entry(f"tag:a,2026:{number}", "预警", moment(minutes=number), f"{self.address}/cap/{number}.xml")
            )
        body = build_feed(Feed("tag:a,2026:f", "预警", moment(), "甲", f"{self.address}/feed", entries=tuple(entries)))
        self.pages["/feed"] = (200, {"ETag": etag} if etag else {}, body)


@pytest.fixture
def site() -> Iterator[Site]:
    found = Site()
    yield found
    found.server.shutdown()
    found.server.server_close()


def polled(site: Site, **options: object) -> FeedState:
    given = {"name": "county", "url": f"{site.address}/feed", "private_hosts": ["127.0.0.1"], **options}
    source = FeedSource.model_validate(given)
    state, _made = FeedState.objects.get_or_create(name="county")
    actions.poll(source, state)
    return state


def test_what_is_new_is_taken_in_once(town: Town, trusted: None, site: Site):
    site.feed(signed(), etag='"1"')
    assert polled(site).error == ""
    found = queries.listing(town.organisation).rows
    assert [(one.source, one.verdict, one.refusal) for one in found] == [("county", "valid", None)]
    assert polled(site).error == ""
    assert site.etags[-1] == '"1"'
    site.feed(signed(), signed(county(identifier="b")), etag='"2"')
    polled(site)
    assert queries.listing(town.organisation).total == 2
    assert site.asked.count("/cap/0.xml") == 1


def test_an_unsigned_warning_of_a_trusted_feed_is_refused_and_kept(town: Town, trusted: None, site: Site):
    site.feed(xml())
    polled(site)
    refusal = queries.refusal_of(queries.listing(town.organisation).rows[0])
    assert refusal is not None
    assert refusal.code == "signature_unsigned"
    assert queries.ringing(town.organisation) == []
    site.feed(xml(), xml(county(identifier="b")))
    polled(site, trusted=False)
    assert len(queries.ringing(town.organisation)) == 1


def test_a_warning_for_elsewhere_rings_nowhere(town: Town, trusted: None, site: Site):
    site.feed(signed(county(("130000000000",))))
    polled(site)
    assert queries.listing(town.organisation).total == 0
    assert polled(site, organisations=["120119111"]).error == ""


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ((302, {"Location": "http://169.254.169.254/"}, b""), "HTTP 302"),
        ((500, {}, b""), "HTTP 500"),
        ((200, {}, b"<!DOCTYPE a><feed/>"), "doctype"),
        ((200, {}, b"x" * 1_100_000), "1 MiB"),
        ((200, {}, b"hello"), "xml"),
    ],
)
def test_a_bad_answer_is_written_beside_the_feed(
    town: Town, site: Site, page: tuple[int, dict[str, str], bytes], reason: str
):
    site.pages["/feed"] = page
    assert reason in polled(site).error
    assert site.asked == ["/feed"]


def test_an_entry_that_leads_elsewhere_is_not_followed(town: Town, site: Site):
    with canary() as other:
        for link in (f"{other.address}/x", "http://169.254.169.254/latest", "file:///etc/hostname", "//evil.example/x"):
            with pytest.raises(Unreachable):
                same_site(f"{site.address}/feed", link)
        body = build_feed(
            Feed("tag:a,2026:f", "预警", moment(), "甲", f"{site.address}/feed",
                 entries=(Entry("tag:a,2026:1", "预警", moment(), f"{other.address}/x"),))
        )  # fmt: skip
        site.pages["/feed"] = (200, {}, body)
        assert "another site" in polled(site).error
        assert other.asked == []


@contextmanager
def canary() -> Iterator[Site]:
    found = Site()
    try:
        yield found
    finally:
        found.server.shutdown()
        found.server.server_close()


FORMS = [
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "localhost", "LOCALHOST",
    "localhost.", "0", "0.0.0.0", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]",
    "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "169.254.169.254",
    "[fe80::1]", "[fc00::1]", "[fd00:ec2::254]", "224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1",
    "ip6-localhost", "127.0.0.1.", "127.000.000.001", "１２７.0.0.1", "127。0。0。1", "a@127.0.0.1", "user:pass@127.0.0.1", "",
]  # fmt: skip


@pytest.mark.parametrize("host", FORMS)
def test_no_form_of_a_private_address_is_connected_to(site: Site, host: str):
    port = site.server.server_port
    with pytest.raises(Unreachable):
        fetch(f"http://{host}:{port}/feed")
    for scheme in ("ftp", "file", "gopher", "javascript", "HTTP+unix", ""):
        with pytest.raises(Unreachable):
            fetch(f"{scheme}://{host}:{port}/feed")
    assert site.asked == []


def test_link_local_is_refused_even_where_the_host_is_named():
    with pytest.raises(Unreachable, match="private"):
        fetch("http://169.254.169.254/", private_hosts=["169.254.169.254"])


def test_public_addresses_are_told_from_others():
    assert public_address("114.114.114.114")
    assert public_address("2400:3200::1")
    for one in ("::ffff:10.0.0.1", "2002:0a00:0001::1", "127.0.0.1", "::1", "fe80::1%eth0", "64:ff9b::7f00:1"):
        assert not public_address(one)
