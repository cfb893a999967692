"""Many frames in one buffer, from a template: what a busy line sends.

A frame costs a slice or two, not a value, a dictionary and forty fields. `encoder` is the definition; tests hold both
together byte by byte.
"""

from dataclasses import replace
from typing import Final

from fenghuo.wire.cmpp.encoder import encode
from fenghuo.wire.cmpp.layout import (
    DELIVER_RESP,
    HEADER,
    HEADER_SIZE,
    MAX_CONTENT,
    MAX_DESTINATIONS,
    SUBMIT,
    SUBMIT_RESP,
    Layout,
)
from fenghuo.wire.cmpp.octets import ranged
from fenghuo.wire.cmpp.pdus import Submit
from fenghuo.wire.stream import ProtocolError, Run, scatter, sequence_column, transfer

_PLACEHOLDER: Final = ("0",)


class SubmitTemplate:
    """One content and its envelope, ready to be addressed to any numbers.

    `model` is a Submit whose destinations and sequence do not matter. One template is one segment.
    """

    def __init__(self, model: Submit, layout: Layout) -> None:
        if len(model.content) > MAX_CONTENT:
            raise ProtocolError(
                "content",
                f"content of {len(model.content)} bytes is longer than {MAX_CONTENT}",
                f"内容 {len(model.content)} 字节，超过 {MAX_CONTENT}",
            )
        frame = encode(replace(model, sequence=0, destinations=_PLACEHOLDER), layout)
        self.layout = layout
        self._head = frame[HEADER_SIZE : layout.destinations_at - 1]
        self._tail = frame[layout.destinations_at + layout.terminal :]
        self._fixed = layout.destinations_at + len(self._tail)

    def size(self, destinations: int) -> int:
        """Bytes of a frame to that many numbers."""
        return self._fixed + destinations * self.layout.terminal

    def encode(self, first_sequence: int, numbers: bytes, batch: int) -> bytes:
        """SUBMITs to a packed block of numbers (`layout.terminal` bytes each, see `destinations`), `batch` to a frame.

        The last frame takes what is left. Sequence_Ids step by one from `first_sequence` and wrap. Frames: ceil(n / batch).
        """
        width = self.layout.terminal
        if not 1 <= batch <= MAX_DESTINATIONS or len(numbers) % width or not numbers:
            raise ProtocolError(
                "destinations",
                f"{len(numbers)} bytes of numbers, {batch} to a frame: want blocks of {width} bytes, 1–{MAX_DESTINATIONS}",
                f"号码块 {len(numbers)} 字节、每包 {batch} 个：每个号码应为 {width} 字节，每包 1–{MAX_DESTINATIONS} 个",
            )
        ranged(first_sequence, 0xFFFF_FFFF, "Sequence_Id")
        count = len(numbers) // width
        if batch == 1 and count > 3:
            return self._singles(first_sequence, numbers, count)
        return self._multiples(first_sequence, numbers, batch * width)

    def _multiples(self, sequence: int, numbers: bytes, step: int) -> bytes:
        width, head, tail = self.layout.terminal, self._head, self._tail
        parts: list[bytes] = []
        for start in range(0, len(numbers), step):
            block = numbers[start : start + step]
            opening = HEADER.pack(self._fixed + len(block), SUBMIT, sequence) + head + bytes((len(block) // width,))
            parts += (opening, block, tail)
            sequence = sequence + 1 & 0xFFFF_FFFF
        return b"".join(parts)

    def _singles(self, sequence: int, numbers: bytes, count: int) -> bytes:
        width, stride = self.layout.terminal, self.size(1)
        model = HEADER.pack(stride, SUBMIT, 0) + self._head + b"\x01" + bytes(width) + self._tail
        frames = bytearray(model * count)
        scatter(frames, stride, 8, sequence_column(sequence, count), 4)
        scatter(frames, stride, self.layout.destinations_at, numbers, width)
        return bytes(frames)


def encode_segments(templates: tuple[SubmitTemplate, ...], first_sequence: int, numbers: bytes, batch: int) -> bytes:
    """A long message: for every batch of numbers all its segments, so that nobody is left with half a message.

    The frame of segment s (from 0) of batch b has the Sequence_Id `first_sequence + b * len(templates) + s`, wrapping.
    """
    if len(templates) == 1:
        return templates[0].encode(first_sequence, numbers, batch)
    step = templates[0].layout.terminal * batch
    frames = []
    for start in range(0, max(len(numbers), 1), max(step, 1)):
        block = numbers[start : start + step]
        for template in templates:
            frames.append(template.encode(first_sequence, block, batch))
            first_sequence = first_sequence + 1 & 0xFFFF_FFFF
    return b"".join(frames)


def encode_deliver_resps(run: Run, layout: Layout, result: int = 0) -> bytes:
    """The answers to a run of DELIVERs, one `result` for all; of a Msg_Id cut short as much as there is."""
    frames = _responses(run, layout, DELIVER_RESP, result)
    transfer(frames, layout.response_size, 12, run, 12, min(8, run.stride - 12))
    return bytes(frames)


def encode_submit_resps(run: Run, layout: Layout, msg_ids: bytes, result: int = 0) -> bytes:
    """The answers to a run of SUBMITs: `msg_ids` is a packed column of 8 bytes each, one `result` for all."""
    frames = _responses(run, layout, SUBMIT_RESP, result)
    scatter(frames, layout.response_size, 12, msg_ids, 8)
    return bytes(frames)


def _responses(run: Run, layout: Layout, command: int, result: int) -> bytearray:
    ranged(result, (1 << 8 * layout.result) - 1, "Result")
    frames = bytearray(layout.response.pack(layout.response_size, command, 0, 0, result) * run.frames)
    transfer(frames, layout.response_size, 8, run, 8, 4)
    return frames
