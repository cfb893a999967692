"""One frame at a time to a value, for both roles: any bytes give a PDU or a ProtocolError.

The fast path of a busy line is `framing`; this is for everything else, and it is the definition that one is tested against.
"""

from fenghuo.wire.smpp import layout as at
from fenghuo.wire.smpp.layout import BOUNDS, COMMANDS, HEADER, HEADER_SIZE
from fenghuo.wire.smpp.octets import string_end, text, tlv_values, walk_tlvs
from fenghuo.wire.smpp.pdus import Bare, Bind, BindResp, Message, MessageResp, Opaque, Pdu
from fenghuo.wire.smpp.shapes import Shape, Span, shape_of
from fenghuo.wire.stream import ProtocolError, length_error


def decode(frame: bytes) -> Pdu:
    """The PDU in exactly one frame, header included. Raises ProtocolError and nothing else."""
    if len(frame) < HEADER_SIZE:
        raise length_error("frame", len(frame), f">= {HEADER_SIZE}")
    total, command, status, sequence = HEADER.unpack_from(frame)
    bound = BOUNDS.get(command)
    if bound is None:
        raise ProtocolError("command", f"command_id {command:#x} is unknown", f"未知的命令字 {command:#x}", at=4)
    if total != len(frame) or not bound[0] <= total <= bound[1]:
        raise length_error(COMMANDS[command], total, f"{bound[0]}–{bound[1]}")
    if command in (at.SUBMIT_SM, at.DELIVER_SM, at.DATA_SM):
        return _message(frame, command, status, sequence)
    if command in at.BINDS:
        return _bind(frame, command, sequence)
    if command in at.BIND_RESPS:
        system_id, tlvs = _answer(frame, status, "system_id")
        return BindResp(sequence, command, status, system_id, tlvs)
    if command in (at.SUBMIT_SM_RESP, at.DELIVER_SM_RESP, at.DATA_SM_RESP):
        message_id, tlvs = _answer(frame, status, "message_id")
        return MessageResp(sequence, command, status, message_id, tlvs)
    if command == at.SUBMIT_MULTI:
        raise ProtocolError("unsupported", "submit_multi is not served here", "不支持 submit_multi", at=4)
    if total == HEADER_SIZE:
        return Bare(sequence, command, status)
    return Opaque(sequence, command, status, frame[HEADER_SIZE:])


def _bind(frame: bytes, command: int, sequence: int) -> Bind:
    place, texts = HEADER_SIZE, []
    for field in ("system_id", "password", "system_type"):
        end = string_end(frame, place, len(frame), field)
        texts.append(frame[place:end].decode("latin-1"))
        place = end + 1
    if place + 3 > len(frame):
        raise length_error(COMMANDS[command], len(frame), f">= {place + 4}")
    version, ton, npi = frame[place : place + 3]
    end = string_end(frame, place + 3, len(frame), "address_range")
    address_range = frame[place + 3 : end].decode("latin-1")
    system_id, password, system_type = texts
    return Bind(sequence, command, system_id, password, system_type, version, ton, npi, address_range)


def _answer(frame: bytes, status: int, field: str) -> tuple[str, dict[int, bytes]]:
    """The text of an answer and its optional parameters. A refusal may hold anything, or nothing."""
    if len(frame) == HEADER_SIZE:
        return "", {}
    try:
        end = string_end(frame, HEADER_SIZE, len(frame), field)
        tlvs = tlv_values(frame, walk_tlvs(frame, end + 1, len(frame)))
    except ProtocolError:
        if status == at.OK:
            raise
        return "", {}
    return frame[HEADER_SIZE:end].decode("latin-1"), tlvs


def _message(frame: bytes, command: int, status: int, sequence: int) -> Message:
    shape = shape_of(frame, 0, len(frame), command)
    return message_at(frame, shape, command, status, sequence)


def message_at(frame: bytes, shape: Shape, command: int, status: int, sequence: int) -> Message:
    """The message in a frame whose shape is known."""

    def cut(span: Span) -> bytes:
        return frame[span[0] : span[0] + span[1]]

    source_at, destination_at, esm_at = shape.source[0], shape.destination[0], shape.esm_at
    long_form = command != at.DATA_SM
    return Message(
        sequence=sequence,
        command=command,
        source=text(cut(shape.source)),
        destination=text(cut(shape.destination)),
        content=cut(shape.message),
        service_type=text(cut(shape.service_type)),
        source_ton=frame[source_at - 2],
        source_npi=frame[source_at - 1],
        destination_ton=frame[destination_at - 2],
        destination_npi=frame[destination_at - 1],
        esm_class=frame[esm_at],
        protocol_id=frame[esm_at + 1] if long_form else 0,
        priority=frame[esm_at + 2] if long_form else 0,
        schedule_time=text(cut(shape.schedule)) if long_form else "",
        validity_period=text(cut(shape.validity)) if long_form else "",
        registered_delivery=frame[shape.registered_at],
        replace_if_present=frame[shape.registered_at + 1] if long_form else 0,
        data_coding=frame[shape.coding_at],
        default_message=frame[shape.coding_at + 1] if long_form else 0,
        tlvs=_others(frame, shape),
        status=status,
    )


def _others(frame: bytes, shape: Shape) -> dict[int, bytes]:
    """The optional parameters but for the payload that is the content."""
    carried = shape.tlv(at.MESSAGE_PAYLOAD)
    places = shape.tlvs
    if carried == shape.message and carried is not None:
        places = tuple(one for one in places if one[0] != at.MESSAGE_PAYLOAD)
    return tlv_values(frame, places)
