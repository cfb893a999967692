"""A connection's bytes: a socket that never blocks, and one wait for whatever comes first."""

import selectors
import socket

READ_AT_ONCE = 1 << 18
MOST_AT_ONCE = 1 << 20  # bytes taken in one turn, so that commits stay small while a gateway floods


class Pipe:
    """A connected socket. `lost` once the connection has ended; what is written after that goes nowhere."""

    def __init__(self, connected: socket.socket) -> None:
        connected.setblocking(False)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self.lost = False
        self._socket = connected
        self._unsent = bytearray()
        self._selector = selectors.DefaultSelector()
        self._selector.register(connected, selectors.EVENT_READ)

    @classmethod
    def open(cls, host: str, port: int, seconds: float) -> "Pipe":
        """Connect within so many seconds; raises OSError (TimeoutError among it)."""
        return cls(socket.create_connection((host, port), seconds))

    def wait(self, seconds: float) -> None:
        """Until something came, the connection ended, or so long."""
        if not self.lost:
            self._selector.select(max(0.0, seconds))

    def take(self) -> bytes:
        """What came since."""
        parts, total = [], 0
        while not self.lost and total < MOST_AT_ONCE:
            try:
                part = self._socket.recv(READ_AT_ONCE)
            except BlockingIOError:
                break
            except OSError:
                part = b""
            if not part:
                self.lost = True
                break
            parts.append(part)
            total += len(part)
            if len(part) < READ_AT_ONCE:
                break
        return b"".join(parts)

    def write(self, data: bytes) -> None:
        """Hand bytes to the system, in order; what it does not take now is handed on with the next call."""
        if self.lost or not (data or self._unsent):
            return
        self._unsent += data
        try:
            sent = self._socket.send(self._unsent)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.lost = True
            return
        del self._unsent[:sent]
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._unsent else 0)
        if self._selector.get_key(self._socket).events != wanted:
            self._selector.modify(self._socket, wanted)

    def close(self) -> None:
        """End the connection."""
        self._selector.close()
        self._socket.close()
        self.lost = True
