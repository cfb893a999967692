"""From chunks of a byte stream, cut anywhere, to runs of whole frames."""

from fenghuo.wire.smpp.layout import (
    BOUNDS,
    COMMANDS,
    DATA_SM,
    DELIVER_SM,
    HEADER,
    HEADER_SIZE,
    SEQUENCE_AT,
    SUBMIT_SM,
    UNKNOWN_BOUNDS,
)
from fenghuo.wire.smpp.shapes import shape_of
from fenghuo.wire.stream import ProtocolError, Run, length_error, repeats

_SHAPED = frozenset((SUBMIT_SM, DELIVER_SM, DATA_SM))


class Framer:
    """Feed it what the socket gave; it hands back runs and keeps the rest.

    A frame of a command nobody knows is a run like any other: its length is believed. A length that its command cannot have
    sets `fault`: the frames before it are still handed back, because a response that arrived is a fact, and nothing after it
    is looked at. No more than one frame is ever held back, and none is waited for that could not be one.

    Frames of submit_sm, deliver_sm and data_sm in one run have the same shape, esm_class and data_coding.
    """

    def __init__(self) -> None:
        self.fault: ProtocolError | None = None
        self.fault_sequence = 0
        self._rest = bytearray()
        self._wanted = HEADER_SIZE

    @property
    def pending(self) -> int:
        """Bytes of an unfinished frame."""
        return len(self._rest)

    def feed(self, data: bytes) -> list[Run]:
        """The whole frames in `data` and what was left of the chunks before it, as runs in the order of arrival."""
        if self.fault:
            return []
        if self._rest:
            if len(self._rest) + len(data) < self._wanted:
                self._rest += data
                return []
            data = b"".join((self._rest, data))
            self._rest.clear()
        runs, end = self._cut(data)
        if end < len(data) and not self.fault:
            self._rest += memoryview(data)[end:]
        return runs

    def _cut(self, data: bytes) -> tuple[list[Run], int]:
        runs: list[Run] = []
        at, size = 0, len(data)
        self._wanted = HEADER_SIZE
        while size - at >= HEADER_SIZE:
            total, command, _, sequence = HEADER.unpack_from(data, at)
            low, high = BOUNDS.get(command, UNKNOWN_BOUNDS)
            if not low <= total <= high:
                name = COMMANDS.get(command, f"command_id {command:#x}")
                self.fault, self.fault_sequence = length_error(name, total, f"{low}–{high}"), sequence
                break
            if size - at < total:
                self._wanted = total
                break
            frames = self._alike(data, at, total, command)
            end = at + frames * total
            runs.append(Run(command, total, frames, data[at:end], SEQUENCE_AT))
            at = end
        return runs, at

    @staticmethod
    def _alike(data: bytes, at: int, total: int, command: int) -> int:
        if len(data) - at < 2 * total or command not in _SHAPED:
            return repeats(data, at, total, ())
        if data[at + total : at + total + 8] != data[at : at + 8]:
            return 1
        try:
            shape = shape_of(data, at, total, command)
        except ProtocolError:
            return 1  # whoever reads it will be told why
        return repeats(data, at, total, shape.same, shape.filled)
