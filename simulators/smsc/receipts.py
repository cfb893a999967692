"""Reports and messages on their way out of the SMPP door: deliver_sm in the wording of the plan."""

from collections.abc import Callable
from string import Formatter

from fenghuo.wire import cmpp, smpp
from fenghuo.wire.cmpp.layout import HEADER, V30
from fenghuo.wire.smpp import layout as at
from fenghuo.wire.stream import Run, numbers, scatter, transfer
from simulators.smsc.plan import Plan

_STATES = {word.encode(): state for state, word in smpp.STATES.items()}
UNKNOWN = 7
UCS2 = 8
ID, TIME, STAT = 20, 10, 7  # widths of what is put into each receipt


def deliveries(frames: bytes, count: int, plan: Plan) -> bytes:
    """DELIVERs of one mail, `count` of them, as deliver_sm with the same sequence numbers."""
    total, command, _ = HEADER.unpack_from(frames)
    if total * count == len(frames) and frames[V30.registered_at] == 1:
        return _reports(Run(command, total, count, frames), plan)
    return b"".join(_message(frame) for frame in _each(frames))


def _each(frames: bytes) -> list[bytes]:
    found, place = [], 0
    while place < len(frames):
        size = HEADER.unpack_from(frames, place)[0]
        found.append(frames[place : place + size])
        place += size
    return found


def _message(frame: bytes) -> bytes:
    deliver = cmpp.decode(frame, V30)
    assert isinstance(deliver, cmpp.Deliver)
    message = smpp.Message(
        deliver.sequence,
        at.DELIVER_SM,
        deliver.src_terminal,
        deliver.dest_id,
        deliver.content,
        esm_class=at.UDHI if deliver.tp_udhi else 0,
        data_coding=deliver.msg_fmt if deliver.msg_fmt in (0, 8) else 3,
    )
    return smpp.encode(message)


def _reports(run: Run, plan: Plan) -> bytes:
    """All of them from one model, if their numbers are of one length; else one by one."""
    shape = V30.reports[run.stride - V30.deliver_size(0)]
    block = run.column(shape.dest_at, shape.dest_width)
    lengths = {len(block[k : k + shape.dest_width].rstrip(b"\0")) for k in range(0, len(block), shape.dest_width)}
    if len(lengths) > 1:
        return b"".join(_reports(run.part(k, k + 1), plan) for k in range(run.frames))
    width = lengths.pop()
    ids, notation = run.column(shape.msg_id_at, 8), plan.message_ids.split("_to_")[-1]
    texts = ids.hex().upper().encode() if notation == "hex" else b"".join([b"%020d" % one for one in numbers(ids, "Q")])
    stats = run.column(shape.stat_at, STAT)
    known = {
        "id": (texts, 16 if notation == "hex" else ID),
        "stat": (stats, STAT),
        "submitted": (run.column(shape.submit_time_at, TIME), TIME),
        "done": (run.column(shape.done_time_at, TIME), TIME),
    }
    frame, places = _model(plan, run.frame(0), width, known)
    frames = bytearray(frame * run.frames)
    transfer(frames, len(frame), at.SEQUENCE_AT, run, 8, 4)
    shaped = smpp.shape_of(frame, 0, len(frame), at.DELIVER_SM)
    transfer(frames, len(frame), shaped.source[0], run, shape.dest_at, width)
    wide = plan.receipt_coding == UCS2
    for name, place in places:
        column, size = known[name]
        column = column.replace(b"\0", b" ") if name == "stat" else column
        scatter(frames, len(frame), place, _paired(column) if wide else column, size * (1 + wide))
    _parameters(shaped, known, lambda place, column, size: scatter(frames, len(frame), place, column, size))
    return bytes(frames)


def _model(
    plan: Plan, frame: bytes, width: int, known: dict[str, tuple[bytes, int]]
) -> tuple[bytes, list[tuple[str, int]]]:
    """A deliver_sm with room for every value, and where the values of its text lie."""
    deliver = cmpp.decode(frame, V30)
    assert isinstance(deliver, cmpp.Deliver)
    text, places = bytearray(), []
    for literal, name, _, _ in Formatter().parse("" if plan.receipts == "tlv" else plan.receipt_text):
        text += literal.encode("latin-1")
        if name:
            places.append((name, len(text)))
            text += bytes(known[name][1])
    wide = plan.receipt_coding == UCS2
    tlvs = {}
    if plan.receipts != "text":
        tlvs = {at.RECEIPTED_MESSAGE_ID: bytes(known["id"][1]) + b"\0", at.MESSAGE_STATE: b"\0"}
    message = smpp.Message(
        sequence=0,
        command=at.DELIVER_SM,
        source="0" * width,
        destination=deliver.dest_id,
        content=_paired(text) if wide else bytes(text),
        esm_class=at.RECEIPT,
        data_coding=plan.receipt_coding,
        tlvs=tlvs,
    )
    model = smpp.encode(message)
    begin = smpp.shape_of(model, 0, len(model), at.DELIVER_SM).message[0]
    return model, [(name, begin + place * (1 + wide)) for name, place in places]


def _paired(text: bytes | bytearray) -> bytes:
    """Single bytes as UCS-2 has them."""
    pairs = bytearray(2 * len(text))
    pairs[1::2] = text
    return bytes(pairs)


def _parameters(shape: smpp.Shape, known: dict[str, tuple[bytes, int]], put: Callable[[int, bytes, int], None]) -> None:
    """receipted_message_id and message_state, where the receipts have them."""
    own, state = shape.tlv(at.RECEIPTED_MESSAGE_ID), shape.tlv(at.MESSAGE_STATE)
    if not own or not state:
        return
    texts, width = known["id"]
    put(own[0], texts, width)
    stats, size = known["stat"]
    words = [stats[k : k + size].rstrip(b"\0") for k in range(0, len(stats), size)]
    put(state[0], bytes(_STATES.get(word, UNKNOWN) for word in words), 1)
