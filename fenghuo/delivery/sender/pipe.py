"""The bytes of a line: its connections, none of which ever blocks, behind one wait for whatever comes first."""

import errno
import selectors
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fenghuo.delivery.gateways.line import Line
from fenghuo.delivery.sender import secrecy
from fenghuo.delivery.sender.secrecy import Tls
from fenghuo.ground import clock

READ_AT_ONCE = 1 << 18
MOST_AT_ONCE = 1 << 20  # bytes taken in one turn, so that commits stay small while a gateway floods
UNDER_WAY = (0, errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EINTR)
CUT_OFF = (errno.ETIMEDOUT, errno.EHOSTUNREACH, errno.ENETUNREACH)
READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class Unreachable(Exception):
    """No connection came about; `code` is for the desk: connect_refused, tls_untrusted …"""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Where:
    """One address of a gateway, and how the connection is protected."""

    family: int
    address: Any
    tls: Tls | None
    unheard: float = 9.0  # seconds that bytes may go unconfirmed by the system at the other end


class Pipe:
    """One connection, from its first attempt on. `lost` once it has ended; what is written after that goes nowhere.

    `left`: whether any byte was handed to the system. `error`: why it never came about. `cut_off`: the network swallowed it.
    """

    def __init__(self, where: Where, selector: selectors.BaseSelector, number: int) -> None:
        self.lost = self.open = self.left = self.cut_off = False
        self.error = ""
        self._where = where
        self._selector = selector
        self._number = number
        self._unsent = bytearray()
        self.connected = self._closed = self._watched = False
        try:
            self._socket: Any = socket.socket(where.family, socket.SOCK_STREAM)
        except OSError:  # no such family on this machine, or no file descriptor left
            self.error, self.lost, self._closed = "connect_failed", True, True
            return
        self._begin()

    def _begin(self) -> None:
        where = self._where
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        # The system's own patience, a quarter of an hour for bytes and hours for silence, is longer than a warning may wait.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(where.unheard * 1000))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, max(1, round(where.unheard / 3)))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, max(1, round(where.unheard / 6)))
        self._register(WRITE)
        wrong = self._socket.connect_ex(where.address)
        if wrong not in UNDER_WAY:
            self._fail(OSError(wrong, ""))

    def step(self) -> None:
        """Something happened while it is not open yet: the connection or its handshake goes on."""
        try:
            if not self.connected:
                wrong = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if wrong:
                    raise OSError(wrong, "")
                self.connected = True
                self._wrap()
            if self._where.tls:
                self._socket.do_handshake()
        except ssl.SSLWantReadError:
            self._watch(READ)
        except ssl.SSLWantWriteError:
            self._watch(WRITE)
        except OSError as wrong:
            self._fail(wrong)
        else:
            self.open = True
            self._watch(READ)
            self.write(b"")

    def _wrap(self) -> None:
        if self._where.tls:
            self._unregister()
            tls = self._where.tls
            self._socket = tls.context.wrap_socket(
                self._socket, server_hostname=tls.name, do_handshake_on_connect=False
            )
            self._register(READ)

    def _register(self, wanted: int) -> None:
        self._selector.register(self._socket, wanted, self._number)
        self._watched = True

    def _unregister(self) -> None:
        if self._watched:
            self._watched = False
            self._selector.unregister(self._socket)

    def _fail(self, wrong: OSError) -> None:
        self.error = secrecy.why(wrong) if isinstance(wrong, ssl.SSLError) or self.connected else _unconnected(wrong)
        self.lost = True

    def _watch(self, wanted: int) -> None:
        if self._selector.get_key(self._socket).events != wanted:
            self._selector.modify(self._socket, wanted, self._number)

    def take(self) -> bytes:
        """What came since."""
        parts, total = [], 0
        while self.open and not self.lost and total < MOST_AT_ONCE:
            try:
                part = self._socket.recv(READ_AT_ONCE)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                break
            except OSError as wrong:
                self.cut_off = wrong.errno in CUT_OFF
                part = b""
            if not part:
                self.lost = True
                break
            parts.append(part)
            total += len(part)
            if len(part) < READ_AT_ONCE and not self._where.tls:
                break
        return b"".join(parts)

    @property
    def holds(self) -> bool:
        """Whether decrypted bytes lie ready that no wait would notice."""
        return bool(self._where.tls and self.open and not self.lost and self._socket.pending())

    def write(self, data: bytes) -> None:
        """Hand bytes to the system, in order; what it does not take now is handed on with the next call."""
        if self.lost or not (data or self._unsent):
            return
        self._unsent += data
        if not self.open:
            return
        try:
            while self._unsent:
                sent = self._socket.send(self._unsent)
                self.left = True
                del self._unsent[:sent]
                if not self._where.tls:
                    break
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass  # the rest goes with the next call: the wait below watches for it
        except OSError as wrong:
            self.lost, self.cut_off = True, wrong.errno in CUT_OFF
            return
        self._watch(READ | (WRITE if self._unsent else 0))

    def close(self) -> None:
        """End the connection."""
        if not self._closed:
            self._closed = self.lost = True
            self._unregister()
            self._socket.close()


class Pipes:
    """The connections of one line, by number. One that is lost is opened anew when the line, still alive, writes to it again."""

    def __init__(self, where: Where, count: int) -> None:
        self._where = where
        self.cut_off = False  # a connection ended because the network swallowed it
        self._selector = selectors.DefaultSelector()
        self._pipes: list[Pipe | None] = [Pipe(where, self._selector, number) for number in range(count)]

    @classmethod
    def open(
        cls, host: str, port: int, seconds: float, *, count: int = 1, tls: Tls | None = None, unheard: float = 9.0
    ) -> "Pipes":
        """All connections, within so many seconds; raises Unreachable."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as wrong:
            raise Unreachable("connect_unknown") from wrong
        until, last = clock.monotonic() + seconds, Unreachable("connect_timeout")
        for family, _, _, _, address in found:
            pipes = cls(Where(family, address, tls, unheard), count)
            try:
                pipes._await(until)
            except Unreachable as wrong:
                pipes.close()
                last = wrong
            else:
                return pipes
        raise last

    def _await(self, until: float) -> None:
        while coming := [pipe for pipe in self._pipes if pipe and not pipe.open]:
            wrong = next((pipe for pipe in coming if pipe.lost), None)
            if wrong:
                raise Unreachable(wrong.error or "lost")
            left = until - clock.monotonic()
            if left <= 0:
                raise Unreachable("tls_timeout" if coming[0].connected else "connect_timeout")
            self.wait(left)

    def wait(self, seconds: float) -> None:
        """Until something came, a connection ended, or so long."""
        for pipe in self._pipes:
            if pipe and (pipe.lost or pipe.holds):
                return
        for key, _ in self._selector.select(max(0.0, seconds)):
            happened = self._pipes[key.data]
            if happened and not happened.open and not happened.lost:
                happened.step()

    def take(self) -> Iterator[tuple[int, bytes]]:
        """What came since, by connection."""
        for number, pipe in enumerate(self._pipes):
            data = pipe.take() if pipe else b""
            if data:
                yield number, data

    def lost(self) -> Iterator[tuple[int, bool, str]]:
        """The connections that ended since: which, whether anything was ever written to it, why it did not come about."""
        for number, pipe in enumerate(self._pipes):
            if pipe and pipe.lost:
                pipe.close()
                self._pipes[number] = None
                self.cut_off = self.cut_off or pipe.cut_off
                yield number, pipe.left, pipe.error

    def write(self, line: Line) -> None:
        """Hand on what the line has to say, and end the connections that it is done with."""
        for number in line.finished():
            if ended := self._pipes[number]:
                ended.close()
                self._pipes[number] = None
        for number in range(len(self._pipes)):
            data, pipe = line.outgoing(number), self._pipes[number]
            if pipe is None and data:
                pipe = self._pipes[number] = Pipe(self._where, self._selector, number)
            if pipe:
                pipe.write(data)

    def close(self) -> None:
        """End every connection."""
        for pipe in self._pipes:
            if pipe:
                pipe.close()
        self._selector.close()


def _unconnected(wrong: OSError) -> str:
    return "connect_timeout" if wrong.errno == errno.ETIMEDOUT else "connect_refused"
