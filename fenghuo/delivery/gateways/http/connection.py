"""One kept-alive connection of a line: a request on it or none, the bytes that h11 makes of it, and the answer as it comes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import h11

MOST_BODY = 1 << 20  # bytes of an answer; a longer one is not read
_READ = frozenset({b"retry-after", b"date"})


@dataclass(frozen=True)
class Response:
    """A whole answer. `last`: the gateway closes the connection after it. `later` and `date`: its Retry-After and its Date."""

    status: int
    body: bytes
    last: bool
    later: str = ""
    date: str = ""


class Broken(Exception):
    """What came is no answer in HTTP, or too long a one."""


class Connection:
    """See the module. `busy` names whatever the request on it is about; `since` is when it left."""

    def __init__(self) -> None:
        self.busy: Any = None
        self.since = 0.0
        self.used = 0.0
        self._begin()

    def _begin(self) -> None:
        self._h11 = h11.Connection(h11.CLIENT)
        self._out = bytearray()
        self._status = 0
        self._said: dict[str, str] = {}
        self._body = bytearray()

    def ask(self, about: Any, method: str, path: str, headers: list[tuple[str, str]], body: bytes, now: float) -> None:
        """Put a request on it."""
        self.busy, self.since = about, now
        self._out += self._h11.send(h11.Request(method=method, target=path, headers=headers)) or b""
        if body:
            self._out += self._h11.send(h11.Data(data=body)) or b""
        self._out += self._h11.send(h11.EndOfMessage()) or b""

    def outgoing(self) -> bytes:
        """What is to be written; handing it out empties it."""
        data = bytes(self._out)
        self._out.clear()
        return data

    def receive(self, data: bytes, now: float) -> Iterator[Response]:
        """Whole answers to what was asked. Raises Broken."""
        try:
            self._h11.receive_data(data)
            while True:
                event = self._h11.next_event()
                match event:
                    case h11.Response():
                        self._status = event.status_code
                        self._said = {
                            name.decode(): value.decode("latin-1") for name, value in event.headers if name in _READ
                        }
                    case h11.Data():
                        self._body += event.data
                        if len(self._body) > MOST_BODY:
                            raise Broken
                    case h11.EndOfMessage():
                        yield self._ended(now)
                    case h11.InformationalResponse():
                        continue
                    case _:
                        return
        except h11.RemoteProtocolError as wrong:
            raise Broken from wrong

    def _ended(self, now: float) -> Response:
        last = self._h11.our_state is not h11.DONE
        said = self._said.get
        found = Response(self._status, bytes(self._body), last, said("retry-after", ""), said("date", ""))
        self._body.clear()
        self.busy, self.used = None, now
        if not found.last:
            self._h11.start_next_cycle()
        return found

    def end(self) -> Any:
        """The connection is gone; what the request on it was about. It may be used anew."""
        about, self.busy = self.busy, None
        self._begin()
        return about
