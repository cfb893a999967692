"""A hand-written SMPP gateway that misbehaves as a test says: no code of ours decides what it answers."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from tests.delivery.hostile import Last, listening

NACK, SUBMIT, DELIVER, UNBIND, BIND, BEAT = 0x8000_0000, 4, 5, 6, 9, 0x15
ANSWER = 0x8000_0000
HEADER = struct.Struct(">IIII")


def pdu(command: int, sequence: int, body: bytes = b"", status: int = 0) -> bytes:
    """A whole frame."""
    return HEADER.pack(16 + len(body), command, status, sequence) + body


def let_in(sequence: int, status: int = 0) -> bytes:
    """The answer to a bind."""
    return pdu(ANSWER | BIND, sequence, b"smsc\0", status)


def answered(sequence: int, id: int = 0, status: int = 0) -> bytes:
    """The answer to a submit."""
    return pdu(ANSWER | SUBMIT, sequence, b"%d\0" % (id or sequence + 70_000), status)


def beaten(sequence: int) -> bytes:
    """The answer to a heartbeat."""
    return pdu(ANSWER | BEAT, sequence)


def delivered(sequence: int, text: bytes = b"ok", esm_class: int = 0, source: bytes = b"10012300000") -> bytes:
    """A deliver_sm from a phone, or a receipt."""
    head = b"\0\1\1" + source + b"\0\0\0" + b"12379\0" + bytes((esm_class, 0, 0)) + b"\0\0" + bytes((0, 0, 0, 0))
    return pdu(DELIVER, sequence, head + bytes((len(text),)) + text)


def number_of(body: bytes) -> int:
    """Whom a submit_sm (without its header) is for."""
    source = body.index(b"\0", body.index(b"\0") + 3) + 3  # behind service_type, two bytes and source_addr
    return int(body[source : body.index(b"\0", source)][-11:])


@dataclass
class Seen:
    """What the gateway was told."""

    port: int = 0
    binds: int = 0
    submits: list[int] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)  # status of whatever answered a deliver_sm
    beats: int = 0  # that were answered


Answering = Callable[[int, int, bytes, Seen], bytes | None]


@contextmanager
def hostile(answer: Answering) -> Iterator[Seen]:
    """`answer(command, sequence, body, seen)` gives the bytes to send, `Last` before it hangs up, None to do so at once."""
    seen = Seen()
    with listening(partial(_converse, answer=answer, seen=seen)) as seen.port:
        yield seen


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
        while len(held) >= 16 and len(held) >= HEADER.unpack_from(held)[0]:
            total, command, status, sequence = HEADER.unpack_from(held)
            body, held = held[16:total], held[total:]
            _note(seen, command, status, body)
            said = answer(command, sequence, body, seen)
            if said is None or not _written(connection, said, over) or isinstance(said, Last):
                return


def _written(connection: socket.socket, data: bytes, over: threading.Event) -> bool:
    left = memoryview(data)
    while left and not over.is_set():
        try:
            left = left[connection.send(left) :]
        except TimeoutError:
            continue
        except OSError:
            return False
    return not over.is_set()


def _note(seen: Seen, command: int, status: int, body: bytes) -> None:
    if command == BIND:
        seen.binds += 1
    elif command == SUBMIT:
        seen.submits.append(number_of(body))
    elif command == ANSWER | DELIVER:
        seen.answers.append(status)
    elif command == ANSWER | BEAT:
        seen.beats += 1
