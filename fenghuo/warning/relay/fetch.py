"""Reading an address outside: http(s) only, no redirect, resolved once and pinned, private addresses refused (X8)."""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

from fenghuo.ground import clock
from fenghuo.warning.relay.values import public_address

TIMEOUT = 10.0  # seconds for the whole answer
MOST_BYTES = 1024 * 1024
PORTS = {"http": 80, "https": 443}


class Unreachable(Exception):
    """Why nothing was read: a sentence for the list of feeds."""


@dataclass(frozen=True)
class Answer:
    """What came: `status` 200 or 304, the bytes, and the mark by which an unchanged document is recognised."""

    status: int
    body: bytes
    etag: str


class _Pinned(http.client.HTTPConnection):
    """A connection to the address that was checked, whatever the name says by now."""

    def __init__(self, host: str, port: int, address: str, context: ssl.SSLContext | None) -> None:
        super().__init__(host, port, timeout=TIMEOUT)
        self._address, self._context = address, context

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), timeout=TIMEOUT)
        self.sock = self._context.wrap_socket(plain, server_hostname=self.host) if self._context else plain


def fetch(url: str, *, private_hosts: Collection[str] = (), etag: str = "") -> Answer:
    """The document at an address. Raises Unreachable with the reason."""
    parts = _checked(url)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    address = _resolved(host, port, private=host in private_hosts)
    context = ssl.create_default_context() if parts.scheme == "https" else None
    connection = _Pinned(host, port, address, context)
    try:
        path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        headers = {
            "Accept": "application/atom+xml, application/cap+xml, application/xml",
            "Accept-Encoding": "identity",
        }
        connection.request("GET", path, headers={**headers, **({"If-None-Match": etag} if etag else {})})
        answer = connection.getresponse()
        if answer.status == http.client.NOT_MODIFIED:
            return Answer(answer.status, b"", etag)
        if answer.status != http.client.OK:
            raise Unreachable(f"HTTP {answer.status}")
        return Answer(answer.status, _body(answer), (answer.getheader("ETag") or "")[:200])
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unreachable(f"{type(error).__name__}: {error}"[:200]) from error
    finally:
        connection.close()


def same_site(url: str, link: str) -> str:
    """A link of a feed as a whole address, when it leads to the feed's own host and port; Unreachable otherwise."""
    whole = urljoin(url, link)
    if (_checked(whole).scheme, urlsplit(whole).netloc) != (_checked(url).scheme, urlsplit(url).netloc):
        raise Unreachable(f"leads to another site: {whole[:120]}")
    return whole


def _checked(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS[parts.scheme]
    except (ValueError, KeyError) as error:
        raise Unreachable("not an http(s) address") from error
    if not parts.hostname or parts.username is not None or port < 1 or any(not "!" <= one <= "~" for one in url):
        raise Unreachable("not an http(s) address")
    return parts


def _resolved(host: str, port: int, *, private: bool) -> str:
    """One address of a host, all of which must be open to the world unless the operator named the host."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"{host[:80]} cannot be resolved") from error
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    for address in addresses:
        known = ipaddress.ip_address(address.partition("%")[0])
        if (
            known.is_link_local
            or known.is_multicast
            or known.is_unspecified
            or not (private or public_address(address))
        ):
            raise Unreachable(
                f"{host[:80]} leads to the private address {address}; name it in private_hosts to allow that"
            )
    if not addresses:
        raise Unreachable(f"{host[:80]} has no address")
    return addresses[0]


def _body(answer: http.client.HTTPResponse) -> bytes:
    """The body, within its limits of size and time: a server that drips bytes is left."""
    ends, parts, size = clock.monotonic() + TIMEOUT, [], 0
    while chunk := answer.read1(65536):
        size += len(chunk)
        if size > MOST_BYTES:
            raise Unreachable("larger than 1 MiB")
        if clock.monotonic() > ends:
            raise Unreachable("too slow")
        parts.append(chunk)
    return b"".join(parts)
