"""Runs of equal frames, and their fields as columns, without a Python step per frame.

A gateway answers a thousand receipts with a thousand frames of the same length, command and shape. A slice that takes every
`stride`-th byte is one C loop, so a field of all of them is had for a few nanoseconds each.
"""

from array import array
from collections.abc import Iterable
from functools import lru_cache
from sys import byteorder
from typing import Final, NamedTuple

TOP: Final = 0xFFFF_FFFF


class Run(NamedTuple):
    """`frames` consecutive frames of one command, each `stride` bytes long, one behind the other in `data`.

    Frames of one run also agree in the bytes that decide where their fields lie (for CMPP: Registered_Delivery and Msg_Length
    of a DELIVER, DestUsr_tl and Msg_Length of a SUBMIT), so that every field lies at the same offset in all of them. The
    sequence number lies at `sequence_at`.
    """

    command: int
    stride: int
    frames: int
    data: bytes
    sequence_at: int = 8

    def sequences(self) -> "array[int]":
        """The sequence number of each frame."""
        return numbers(self.column(self.sequence_at, 4), "I")

    def column(self, at: int, width: int) -> bytes:
        """The bytes [at, at+width) of every frame, packed: `frames * width` bytes."""
        return gather(self.data, self.stride, at, width)

    def frame(self, index: int) -> bytes:
        """One whole frame."""
        start = index * self.stride
        return self.data[start : start + self.stride]

    def part(self, start: int, stop: int) -> "Run":
        """The frames [start, stop) as a run of their own."""
        data = self.data[start * self.stride : stop * self.stride]
        return Run(self.command, self.stride, stop - start, data, self.sequence_at)


def gather(data: bytes, stride: int, at: int, width: int) -> bytes:
    """Packs the field [at, at+width) of each `stride`-byte record in `data` into one block."""
    block = bytearray(len(data) // stride * width)
    for k in range(width):
        block[k::width] = data[at + k :: stride]
    return bytes(block)


def scatter(into: bytearray, stride: int, at: int, packed_: bytes, width: int) -> None:
    """The reverse of `gather`: writes a packed column to the field [at, at+width) of each record of `into`."""
    for k in range(width):
        into[at + k :: stride] = packed_[k::width]


def transfer(into: bytearray, into_stride: int, into_at: int, run: Run, at: int, width: int) -> None:
    """Copies the field [at, at+width) of each frame of `run` to the records of `into`, in the same order."""
    data, stride = run.data, run.stride
    for k in range(width):
        into[into_at + k :: into_stride] = data[at + k :: stride]


def numbers(column: bytes, code: str) -> "array[int]":
    """A packed column of big-endian unsigned numbers; `code` is array's: I 4 bytes, Q 8, H 2, B 1."""
    values: array[int] = array(code)
    values.frombytes(column)
    if byteorder == "little":
        values.byteswap()
    return values


def packed(values: Iterable[int], code: str) -> bytes:
    """The reverse of `numbers`."""
    column: array[int] = array(code, values)
    if byteorder == "little":
        column.byteswap()
    return column.tobytes()


def sequence_column(first: int, count: int, lowest: int = 0, highest: int = TOP) -> bytes:
    """`count` sequence numbers from `first` in steps of one, wrapping after `highest` to `lowest`, packed."""
    if first + count <= highest + 1:
        return packed(range(first, first + count), "I")
    span = highest + 1 - lowest
    return packed((lowest + (first - lowest + k) % span for k in range(count)), "I")


def repeats(
    buffer: bytes,
    start: int,
    stride: int,
    same: tuple[int, ...],
    filled: tuple[tuple[int, int], ...] = (),
    stops: bytes = b"\0",
) -> int:
    """How many frames follow each other from `start` with the same length and command, and the same bytes at `same`.

    The spans `filled`, (offset, width), hold no byte of `stops` in any of them: texts that end where the first one's end. At
    least 1: the caller has seen a whole frame there. Equal lengths make the stride certain by induction, so no header is visited
    twice. The search widens as it succeeds, so a hostile mixture costs no more than one look per frame.
    """
    most = (len(buffer) - start) // stride
    if most < 2 or buffer[start + stride : start + stride + 8] != buffer[start : start + 8]:
        return 1
    offsets = (3, 7, 4, 2, *same, 0, 1, 5, 6)  # the most telling bytes first
    model = bytes([buffer[start + offset] for offset in offsets])
    found, look = 1, 128
    while found < most:
        size = min(look, most - found)
        at = start + found * stride
        agreeing = _agreeing(buffer, at, stride, size, offsets, model)
        if agreeing and filled:
            agreeing = _filled(buffer, at, stride, agreeing, filled, stops)
        found += agreeing
        if agreeing < size:
            break
        look *= 8
    return found


def _agreeing(buffer: bytes, at: int, stride: int, size: int, offsets: tuple[int, ...], model: bytes) -> int:
    end = at + size * stride
    columns = [buffer[at + offset : end : stride] for offset in offsets]
    if b"".join(columns) == _repeated(model, size):  # as it is with nearly all: one look instead of one for each byte
        return size
    for column, wanted in zip(columns, model, strict=True):
        alike = bytes((wanted,)) * size
        if column[:size] != alike:
            size -= len(column[:size].lstrip(alike[:1]))
            if not size:
                break
    return size


@lru_cache(maxsize=64)
def _repeated(model: bytes, size: int) -> bytes:
    """Each byte so many times, one after the other."""
    return b"".join([bytes((byte,)) * size for byte in model])


def _filled(buffer: bytes, at: int, stride: int, size: int, filled: tuple[tuple[int, int], ...], stops: bytes) -> int:
    end = at + size * stride
    columns = [buffer[at + k : end : stride] for start, width in filled for k in range(start, start + width)]
    everything = b"".join(columns)
    if not any(stop in everything for stop in stops):
        return size
    table = _zeroing(stops)
    for column in columns:
        stop = column[:size].translate(table).find(0)
        size = size if stop < 0 else stop
    return size


@lru_cache(maxsize=8)
def _zeroing(stops: bytes) -> bytes:
    """A translation that makes zero of these bytes and of no others."""
    return bytes(0 if byte in stops else 1 for byte in range(256))
