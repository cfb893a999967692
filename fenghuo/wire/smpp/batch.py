"""Many frames in one buffer, from a template: what a busy line sends.

A frame costs a slice or two, not a value, a dictionary and twenty fields. `encoder` is the definition; tests hold both
together byte by byte.
"""

from dataclasses import replace

from fenghuo.wire.smpp.encoder import encode
from fenghuo.wire.smpp.layout import (
    DELIVER_SM_RESP,
    FIRST_SEQUENCE,
    HEADER,
    HEADER_SIZE,
    LAST_SEQUENCE,
    OK,
    RESPONSE,
    SEQUENCE_AT,
    SUBMIT_SM_RESP,
)
from fenghuo.wire.smpp.octets import ranged
from fenghuo.wire.smpp.pdus import Message
from fenghuo.wire.smpp.shapes import shape_of
from fenghuo.wire.stream import ProtocolError, Run, scatter, sequence_column, transfer

MAX_DIGITS = 20  # destination_addr without its zero byte


class SubmitTemplate:
    """One content and its envelope, ready to be addressed to any numbers.

    `model` is a submit_sm whose destination and sequence do not matter. One template is one segment.
    """

    def __init__(self, model: Message) -> None:
        frame = encode(replace(model, sequence=0, destination=""))
        at = shape_of(frame, 0, len(frame), model.command).destination[0]
        self.command = model.command
        self._head = frame[SEQUENCE_AT + 4 : at]
        self._tail = frame[at:]
        self._destination_at = at

    def size(self, width: int) -> int:
        """Bytes of a frame to a number of so many characters."""
        return self._destination_at + width + len(self._tail)

    def encode(self, first_sequence: int, numbers: bytes, width: int) -> bytes:
        """One frame to each of a packed block of numbers, every one of `width` characters.

        Sequence numbers step by one from `first_sequence` and wrap after 0x7FFFFFFF to 1.
        """
        if not 1 <= width <= MAX_DIGITS or not numbers or len(numbers) % width:
            raise ProtocolError(
                "destinations",
                f"{len(numbers)} bytes of numbers of {width} characters: want whole ones of 1–{MAX_DIGITS}",
                f"号码块 {len(numbers)} 字节、每个 {width} 字符：应为整数个 1–{MAX_DIGITS} 字符的号码",
            )
        if 0 in numbers:
            raise ProtocolError("destinations", "a number holds a zero byte", "号码含零字节")
        ranged(first_sequence, LAST_SEQUENCE, "sequence_number")
        count, stride = len(numbers) // width, self.size(width)
        model = HEADER.pack(stride, self.command, OK, first_sequence) + self._head
        if count == 1:
            return model + numbers + self._tail
        frames = bytearray((model + bytes(width) + self._tail) * count)
        column = sequence_column(first_sequence, count, FIRST_SEQUENCE, LAST_SEQUENCE)
        scatter(frames, stride, SEQUENCE_AT, column, 4)
        scatter(frames, stride, self._destination_at, numbers, width)
        return bytes(frames)


def encode_segments(templates: tuple[SubmitTemplate, ...], first_sequence: int, numbers: bytes, width: int) -> bytes:
    """A long message: for every number all its segments in turn, so that nobody is left with half a message.

    The frame of segment s (from 0) of number n has the sequence number `first_sequence + n * len(templates) + s`, wrapping.
    """
    if len(templates) == 1:
        return templates[0].encode(first_sequence, numbers, width)
    frames, span = [], LAST_SEQUENCE + 1 - FIRST_SEQUENCE
    sequence = first_sequence
    for start in range(0, len(numbers), width):
        number = numbers[start : start + width]
        for template in templates:
            frames.append(template.encode(sequence, number, width))
            sequence = FIRST_SEQUENCE + (sequence - FIRST_SEQUENCE + 1) % span
    return b"".join(frames)


def encode_resps(run: Run, status: int = OK) -> bytes:
    """The answers to a run of deliver_sm or data_sm, one `status` for all; message_id is empty, as the specification wants."""
    return _responses(run, run.command | RESPONSE, status, b"\0")


def encode_deliver_resps(run: Run, status: int = OK) -> bytes:
    """The answers to a run of deliver_sm, whatever it was read as."""
    return _responses(run, DELIVER_SM_RESP, status, b"\0")


def encode_submit_resps(
    run: Run, message_ids: bytes, width: int, status: int = OK, command: int = SUBMIT_SM_RESP
) -> bytes:
    """The answers to a run of submits: `message_ids` is a packed column of texts, `width` characters each."""
    frames = bytearray(_responses(run, command, status, bytes(width + 1)))
    if width:
        scatter(frames, HEADER_SIZE + width + 1, HEADER_SIZE, message_ids, width)
    return bytes(frames)


def encode_nacks(run: Run, status: int) -> bytes:
    """generic_nack to each frame of a run."""
    return _responses(run, RESPONSE, status, b"")


def _responses(run: Run, command: int, status: int, body: bytes) -> bytes:
    stride = HEADER_SIZE + len(body)
    ranged(status, 0xFFFF_FFFF, "command_status")
    frames = bytearray((HEADER.pack(stride, command, status, 0) + body) * run.frames)
    transfer(frames, stride, SEQUENCE_AT, run, SEQUENCE_AT, 4)
    return bytes(frames)
