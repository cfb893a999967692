"""A hand-written CMPP gateway that misbehaves as a test says: no code of ours decides what it answers."""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

CONNECT, TERMINATE, SUBMIT, DELIVER, BEAT = 1, 2, 4, 5, 8
HEADER = struct.Struct(">III")
ANSWER = 0x8000_0000
V30, V20 = 0x30, 0x20


def frame(command: int, sequence: int, body: bytes = b"") -> bytes:
    """A whole frame."""
    return HEADER.pack(12 + len(body), command, sequence) + body


def let_in(sequence: int, status: int = 0, version: int = V30) -> bytes:
    """The answer to a login."""
    return frame(ANSWER | CONNECT, sequence, struct.pack(f">{_result(version)}16sB", status, b"", version))


def beaten(sequence: int) -> bytes:
    """The answer to a heartbeat."""
    return frame(ANSWER | BEAT, sequence, b"\0")


def answered(sequence: int, result: int = 0, id: int = 0, version: int = V30) -> bytes:
    """The answer to a submit."""
    named = id or 0x5000_0000_0000_0000 + sequence * 100
    return frame(ANSWER | SUBMIT, sequence, struct.pack(f">Q{_result(version)}", named, result))


def delivered(sequence: int, text: bytes = b"ok", claims: int | None = None, version: int = V30) -> bytes:
    """A DELIVER from a phone, whose Msg_Length says `claims`."""
    return _deliver(sequence, 77, b"10012300000", 0, text, claims, version)


def reported(sequence: int, id: int, number: int | bytes, version: int = V30, source: bytes | None = None) -> bytes:
    """A DELIVER that says that a message to `number`, however it is written, has arrived; it comes from there or from `source`."""
    width = 32 if version == V30 else 21
    written = number if isinstance(number, bytes) else b"%d" % number
    said = struct.pack(f">Q7s10s10s{width}sI", id, b"DELIVRD", b"2611220800", b"2611220801", written, 1)
    return _deliver(sequence, id, written if source is None else source, 1, said, None, version)


def _deliver(sequence: int, id: int, by: bytes, kind: int, text: bytes, claims: int | None, version: int) -> bytes:
    head = struct.pack(">Q21s10sBBB", id, b"12379", b"", 0, 0, 0)
    source = struct.pack(">32sB", by, 0) if version == V30 else struct.pack(">21s", by)
    tail = struct.pack(">BB", kind, len(text) if claims is None else claims)
    return frame(DELIVER, sequence, head + source + tail + text + bytes(20 if version == V30 else 8))


def _result(version: int) -> str:
    return "I" if version == V30 else "B"


def numbers_of(body: bytes, version: int = V30) -> list[int]:
    """Whom a SUBMIT (without its header) is for."""
    width, typed = (32, 1) if version == V30 else (21, 0)
    at = 8 + 1 + 1 + 1 + 1 + 10 + 1 + width + typed + 1 + 1 + 1 + 6 + 2 + 6 + 17 + 17 + 21  # DestUsr_tl
    return [int(body[at + 1 + width * k : at + 1 + width * (k + 1)].rstrip(b"\0")) for k in range(body[at])]


class Last(bytes):
    """Sent, and then the gateway hangs up."""


@dataclass
class Seen:
    """What the gateway was told."""

    port: int = 0
    version: int = V30
    logins: list[float] = field(default_factory=list)
    submits: list[list[int]] = field(default_factory=list)
    beats: int = 0
    answers: list[bytes] = field(default_factory=list)  # whatever answered a DELIVER
    at: list[float] = field(default_factory=list)  # of each submit


Answering = Callable[[int, int, bytes, Seen], bytes | None]


@contextmanager
def hostile(answer: Answering, version: int = V30) -> Iterator[Seen]:
    """`answer(command, sequence, body, seen)` gives the bytes to send, `Last` before it hangs up, None to do so at once."""
    seen = Seen(version=version)
    with listening(partial(_converse, answer=answer, seen=seen)) as seen.port:
        yield seen


@contextmanager
def listening(converse: Callable[..., None]) -> Iterator[int]:
    """A port on which `converse(connection, over=event)` is held with one caller after another."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)

        def serve() -> None:
            while not over.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                with connection:
                    converse(connection, over=over)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield int(server.getsockname()[1])
        finally:
            over.set()
            thread.join(30)


def _converse(connection: socket.socket, answer: Answering, seen: Seen, over: threading.Event) -> None:
    connection.settimeout(0.1)
    held = b""
    while not over.is_set():
        try:
            data = connection.recv(1 << 16)
        except TimeoutError:
            continue
        except OSError:
            return
        if not data:
            return
        held += data
        while len(held) >= 12 and len(held) >= HEADER.unpack_from(held)[0]:
            total, command, sequence = HEADER.unpack_from(held)
            body, held = held[12:total], held[total:]
            _note(seen, command, body)
            said = answer(command, sequence, body, seen)
            if said is None:
                return
            try:
                connection.sendall(said)
            except OSError:
                return
            if isinstance(said, Last):
                return


def _note(seen: Seen, command: int, body: bytes) -> None:
    if command == CONNECT:
        seen.logins.append(time.monotonic())
    elif command == SUBMIT:
        seen.submits.append(numbers_of(body, seen.version))
        seen.at.append(time.monotonic())
    elif command == BEAT:
        seen.beats += 1
    elif command == ANSWER | DELIVER:
        seen.answers.append(body)


def mute(command: int, sequence: int, body: bytes, seen: Seen) -> bytes:
    """Answers the login, and nothing else ever."""
    return let_in(sequence) if command == CONNECT else b""
