"""What became of a message: receipts in the text of a deliver_sm (appendix B, as vendors vary it) and in optional parameters.

Optional parameters take precedence. The text names its values; their order, case, spelling and separators differ. A receipt is
only what the SMSC itself marks as one (esm_class, or receipted_message_id): a phone may write "id:1 stat:DELIVRD" too.
"""

from dataclasses import dataclass
from typing import Final

from fenghuo.wire.smpp.layout import (
    INTERMEDIATE,
    KIND,
    MESSAGE_STATE,
    NETWORK_ERROR_CODE,
    RECEIPT,
    RECEIPTED_MESSAGE_ID,
)
from fenghuo.wire.smpp.pdus import Message
from fenghuo.wire.smpp.receipt_text import STOPS, Named, Written, named, narrowed
from fenghuo.wire.smpp.shapes import Shape, Span
from fenghuo.wire.stream import ProtocolError, Run, repeats

DELIVERED: Final = "DELIVRD"
UNDER_WAY: Final = frozenset(("ENROUTE", "ACCEPTD", "SCHEDULED", "BUFFERD"))  # not at its end
STATES: Final[dict[int, str]] = {  # message_state; 0 and 9 are of SMPP 5.0
    0: "SCHEDULED",
    1: "ENROUTE",
    2: DELIVERED,
    3: "EXPIRED",
    4: "DELETED",
    5: "UNDELIV",
    6: "ACCEPTD",
    7: "UNKNOWN",
    8: "REJECTD",
    9: "SKIPPED",
}


@dataclass(frozen=True, slots=True)
class Receipt:
    """`id` is the submit_sm_resp's, in whatever notation; `stat` the gateway's word as it came, empty where it gave none.

    `error` is the network's or the vendor's code as written ("" where there is none or it is all zeros), `done` YYMMDDhhmm or
    YYMMDDhhmmss in the gateway's local time, unchecked. `destination` is the number that the message was for.
    """

    id: str
    stat: str
    error: str
    done: str
    destination: str

    @classmethod
    def decode(cls, message: Message) -> "Receipt":
        """From a deliver_sm or data_sm that is one. Raises ProtocolError where it names no message or no outcome."""
        text = named(message.content, message.esm_class, message.data_coding)
        told = {name: text.value(name) for name in text.places}
        tlvs = message.tlvs
        if RECEIPTED_MESSAGE_ID in tlvs:
            told["id"] = tlvs[RECEIPTED_MESSAGE_ID].split(b"\0", 1)[0].decode("latin-1")
        if len(tlvs.get(MESSAGE_STATE, b"")) == 1:
            told["stat"] = STATES.get(tlvs[MESSAGE_STATE][0], "UNKNOWN")
        error = told.get("err", "")
        if len(tlvs.get(NETWORK_ERROR_CODE, b"")) == 3:
            error = str(int.from_bytes(tlvs[NETWORK_ERROR_CODE][1:], "big"))
        if not told.get("id") or not told.get("stat"):
            raise _nameless()
        done = told.get("done", "")
        return cls(told["id"], told["stat"], error if error.strip("0") else "", done, message.source)


@dataclass(frozen=True, slots=True)
class ReportLayout:
    """Places of a receipt's values in each frame of a run: (offset, width), width 0 where it is not said.

    `destination` is where the specification puts the number that the message was for (source_addr), `sender` the other
    address: some gateways leave both as the submit had them. `state_at` is message_state, one byte, 0 where there is none; it
    outranks `stat`. `network_at` is network_error_code, three bytes, 0 where there is none; it outranks `error`.
    `intermediate`: the message is not at its end, whatever it says.
    """

    id: Span
    stat: Span
    error: Span
    done: Span
    submitted: Span
    destination: Span
    sender: Span
    state_at: int
    network_at: int
    intermediate: bool


def is_receipt(esm_class: int, shape: Shape) -> bool:
    """Whether the SMSC says that this deliver_sm reports what became of a message."""
    return esm_class & KIND in (RECEIPT, INTERMEDIATE) or shape.tlv(RECEIPTED_MESSAGE_ID) is not None


def report_runs(run: Run, shape: Shape) -> list[tuple[Run, ReportLayout | ProtocolError]]:
    """The receipts of a run of one shape, in parts whose values lie at the same places.

    A text of two bytes to a character is narrowed: its part bears the values as single bytes. What cannot be read is as it came.
    """
    parts: list[tuple[Run, ReportLayout | ProtocolError]] = []
    readings: dict[
        tuple[Written, int], Run
    ] = {}  # of all frames together: whatever their mixture, it is done a few times
    start = 0
    while start < run.frames:
        text, read = _text(run, start, shape), run
        try:
            layout, same, filled = _layout(run.data, start * run.stride, shape, text)
        except ProtocolError as wrong:
            parts.append((run.part(start, start + 1), wrong))
            start += 1
            continue
        if text.written != "single":
            way = (text.written, text.before & 1)
            read = readings.get(way) or narrowed(run, shape.message, way[1], text.written)
            readings[way] = read
        frames = repeats(read.data, start * run.stride, run.stride, same, filled, STOPS)
        whole = start == 0 and frames == run.frames
        parts.append((read if whole else read.part(start, start + frames), layout))
        start += frames
    return parts


def _text(run: Run, index: int, shape: Shape) -> Named:
    frame, (at, width) = index * run.stride, shape.message
    content = run.data[frame + at : frame + at + width]
    return named(content, run.data[frame + shape.esm_at], run.data[frame + shape.coding_at])


def _layout(
    data: bytes, start: int, shape: Shape, text: Named
) -> tuple[ReportLayout, tuple[int, ...], tuple[Span, ...]]:
    """Places of the values in the frame at `start`, which bytes must be the same, and which spans words of the same length."""
    at = shape.message[0]
    spans = {name: (at + begin, size) for name, (begin, size) in text.places.items() if size}
    own = shape.tlv(RECEIPTED_MESSAGE_ID)
    if own:
        raw = data[start + own[0] : start + own[0] + own[1]]
        spans["id"] = (own[0], len(raw.split(b"\0", 1)[0]))
    state = _one(shape, MESSAGE_STATE, 1)
    if not spans.get("id", (0, 0))[1] or not (state or "stat" in spans):
        raise _nameless()
    nothing = (0, 0)
    layout = ReportLayout(
        id=spans["id"],
        stat=spans.get("stat", nothing),
        error=spans.get("err", nothing),
        done=spans.get("done", nothing),
        submitted=spans.get("submitted", nothing),
        destination=shape.source,
        sender=shape.destination,
        state_at=state,
        network_at=_one(shape, NETWORK_ERROR_CODE, 3),
        intermediate=data[start + shape.esm_at] & KIND == INTERMEDIATE,
    )
    values = tuple(span for span in spans.values() if span[1])
    inside = {k for begin, size in values for k in range(begin, begin + size)}
    same = [k for k in range(at + text.begin, at + text.end) if k not in inside]
    if text.before:
        same.append(at)  # how long the header is
    if own:
        same += range(own[0] + spans["id"][1], own[0] + own[1])  # the zero byte that ends it
    return layout, tuple(same), values


def _one(shape: Shape, tag: int, width: int) -> int:
    found = shape.tlv(tag)
    return found[0] if found and found[1] == width else 0


def _nameless() -> ProtocolError:
    return ProtocolError("receipt", "a receipt that names no message or no outcome", "回执没有消息编号或没有状态")
