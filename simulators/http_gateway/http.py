"""As much of HTTP/1.1 as a gateway needs, written without the library that our client uses."""

import asyncio
from dataclasses import dataclass

MOST_HEAD = 16_384
MOST_BODY = 4 << 20


@dataclass(frozen=True, slots=True)
class Asked:
    """One request; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Unreadable(Exception):
    """What came is no request."""


async def request(reader: asyncio.StreamReader) -> Asked:
    """The next request. Raises Unreadable, IncompleteReadError at the end."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.LimitOverrunError as long:
        raise Unreadable from long
    first, *lines = head.rstrip("\r\n").split("\r\n")
    words = first.split(" ")
    if len(words) != 3:
        raise Unreadable
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    size = headers.get("content-length", "0")
    if not size.isascii() or not size.isdigit() or int(size) > MOST_BODY:
        raise Unreadable
    return Asked(words[0], words[1], headers, await reader.readexactly(int(size)))


def answer(status: int, body: bytes, *, close: bool = False, kind: str = "application/json", later: str = "") -> bytes:
    """A whole answer; `later` is its Retry-After."""
    end = "Connection: close\r\n" if close else ""
    end += f"Retry-After: {later}\r\n" if later else ""
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{end}\r\n"
    return head.encode() + body
