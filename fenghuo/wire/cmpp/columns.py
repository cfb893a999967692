"""Runs of equal frames, and their fields as columns, without a Python step per frame.

A gateway answers a thousand receipts with a thousand frames of the same length, command and shape. A slice that takes every
`stride`-th byte is one C loop, so a field of all of them is had for a few nanoseconds each.
"""

from array import array
from collections.abc import Iterable
from sys import byteorder
from typing import NamedTuple

from fenghuo.wire.cmpp.errors import ProtocolError


class Run(NamedTuple):
    """`frames` consecutive frames of one command, each `stride` bytes long, one behind the other in `data`.

    Frames of one run also agree in the bytes that decide where their fields lie (Registered_Delivery and Msg_Length of a
    DELIVER, DestUsr_tl and Msg_Length of a SUBMIT), so that every field lies at the same offset in all of them.
    """

    command: int
    stride: int
    frames: int
    data: bytes

    def sequences(self) -> "array[int]":
        """Sequence_Id of each frame."""
        return numbers(self.column(8, 4), "I")

    def column(self, at: int, width: int) -> bytes:
        """The bytes [at, at+width) of every frame, packed: `frames * width` bytes."""
        return gather(self.data, self.stride, at, width)

    def frame(self, index: int) -> bytes:
        """One whole frame."""
        start = index * self.stride
        return self.data[start : start + self.stride]

    def part(self, start: int, stop: int) -> "Run":
        """The frames [start, stop) as a run of their own."""
        return Run(self.command, self.stride, stop - start, self.data[start * self.stride : stop * self.stride])


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


def sequence_column(first: int, count: int) -> bytes:
    """`count` Sequence_Ids from `first` in steps of one, wrapping after 0xFFFFFFFF to 0, packed."""
    if first + count <= 0x1_0000_0000:
        return packed(range(first, first + count), "I")
    return packed(((first + k) & 0xFFFF_FFFF for k in range(count)), "I")


def repeats(buffer: bytes, start: int, stride: int, extra: tuple[int, ...]) -> int:
    """How many frames follow each other from `start` with the same length and command, and the same bytes at `extra`.

    At least 1: the caller has seen a whole frame there. Equal lengths make the stride certain by induction, so no header is
    visited twice. The search widens as it succeeds, so a hostile mixture costs no more than one look per frame.
    """
    most = (len(buffer) - start) // stride
    if most < 2 or buffer[start + stride : start + stride + 8] != buffer[start : start + 8]:
        return 1
    found, look = 1, 16
    while found < most:
        size = min(look, most - found)
        same = _agreeing(buffer, start, start + found * stride, stride, size, extra)
        found += same
        if same < size:
            break
        look *= 8
    return found


def _agreeing(buffer: bytes, model: int, at: int, stride: int, size: int, extra: tuple[int, ...]) -> int:
    end = at + size * stride
    same = size
    for offset in (3, 7, 4, 2, *extra, 0, 1, 5, 6):  # the most telling bytes first
        column = buffer[at + offset : end : stride]
        same = min(same, size - len(column.lstrip(buffer[model + offset : model + offset + 1])))
    return same


def destinations(terminals: Iterable[str], width: int) -> bytes:
    """Terminal numbers as one packed block of `width` bytes each, zero-padded: what the batch encoder takes."""
    block = bytearray()
    for terminal in terminals:
        raw = terminal.encode("ascii", "replace")
        if not 0 < len(raw) <= width or not terminal.isascii():
            raise ProtocolError(
                "terminal",
                f"terminal number {terminal!r} is not 1 to {width} ASCII characters",
                f"号码 {terminal!r} 不是 1 至 {width} 个 ASCII 字符",
            )
        block += raw.ljust(width, b"\0")
    return bytes(block)
