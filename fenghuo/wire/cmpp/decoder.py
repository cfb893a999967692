"""One frame at a time to a value, for both roles and both versions: any bytes give a PDU or a ProtocolError.

The fast path of a busy line is `framing`; this is for everything else, and it is the definition that one is tested against.
"""

from collections.abc import Callable
from struct import Struct
from typing import Final

from fenghuo.wire.cmpp import layout as at
from fenghuo.wire.cmpp.layout import HEADER, HEADER_SIZE, Layout
from fenghuo.wire.cmpp.octets import text
from fenghuo.wire.cmpp.pdus import (
    ActiveTest,
    ActiveTestResp,
    Cancel,
    CancelResp,
    Connect,
    ConnectResp,
    Deliver,
    DeliverResp,
    Pdu,
    Query,
    QueryResp,
    Submit,
    SubmitResp,
    Terminate,
    TerminateResp,
)
from fenghuo.wire.stream import ProtocolError, length_error

_CONNECT: Final = Struct(">6s16sBI")
_CONNECT_RESP: Final = {30: Struct(">B16sB"), 33: Struct(">I16sB")}
_QUERY: Final = Struct(">8sB10s8s")
_QUERY_RESP: Final = Struct(">8sB10s8I")


def check_header(frame: bytes, layout: Layout) -> tuple[int, int]:
    """Command_Id and Sequence_Id of one whole frame, its length checked against the layout."""
    if len(frame) < HEADER_SIZE:
        raise length_error("frame", len(frame), f">= {HEADER_SIZE}")
    total, command, sequence = HEADER.unpack_from(frame)
    bounds = layout.bounds.get(command)
    if bounds is None:
        raise ProtocolError("command", f"Command_Id {command:#x} is unknown", f"未知的命令字 {command:#x}", at=4)
    if total != len(frame) or not bounds[0] <= total <= bounds[1]:
        raise length_error(at.COMMANDS[command], total, f"{bounds[0]}–{bounds[1]}")
    return command, sequence


def decode(frame: bytes, layout: Layout) -> Pdu:
    """The PDU in exactly one frame, header included. Raises ProtocolError and nothing else."""
    command, sequence = check_header(frame, layout)
    return _DECODERS[command](frame, sequence, layout)


def _connect(frame: bytes, sequence: int, layout: Layout) -> Connect:
    sp_id, authenticator, version, timestamp = _CONNECT.unpack_from(frame, HEADER_SIZE)
    return Connect(sequence, text(sp_id), authenticator, version, timestamp)


def _connect_resp(frame: bytes, sequence: int, layout: Layout) -> ConnectResp:
    shape = _CONNECT_RESP.get(len(frame))
    if shape is None:
        raise length_error("CMPP_CONNECT_RESP", len(frame), "30 / 33")
    status, authenticator, version = shape.unpack_from(frame, HEADER_SIZE)
    return ConnectResp(sequence, status, authenticator, version, 1 if len(frame) == 30 else 4)


def submit_shape(frame: bytes, layout: Layout, offset: int = 0, total: int | None = None) -> tuple[int, int]:
    """DestUsr_tl and Msg_Length of the SUBMIT at `offset`, where they agree with its total length."""
    total = len(frame) - offset if total is None else total
    count = frame[offset + layout.destinations_at - 1]
    if count == 0:
        raise ProtocolError("destinations", "SUBMIT without a number", "SUBMIT 没有号码", at=layout.destinations_at - 1)
    length_at = layout.destinations_at + layout.terminal * count + layout.typed
    content = frame[offset + length_at] if length_at < total else -1
    if content < 0 or layout.submit_size(count, content) != total:
        raise ProtocolError(
            "length",
            f"SUBMIT of {total} bytes cannot hold {count} numbers and Msg_Length {content}",
            f"SUBMIT 共 {total} 字节，与 {count} 个号码、Msg_Length {content} 不符",
            at=min(length_at, total),
        )
    return count, content


def _submit(frame: bytes, sequence: int, layout: Layout) -> Submit:
    count, length = submit_shape(frame, layout)
    fields = list(layout.submit_head.unpack_from(frame, HEADER_SIZE))
    fee_terminal_type = fields.pop(8) if layout.typed else 0
    block_end = layout.destinations_at + layout.terminal * count
    content_at = block_end + layout.typed + 1
    return Submit(
        sequence=sequence,
        destinations=tuple(
            text(frame[k : k + layout.terminal]) for k in range(layout.destinations_at, block_end, layout.terminal)
        ),
        content=frame[content_at : content_at + length],
        msg_id=fields[0],
        pk_total=fields[1],
        pk_number=fields[2],
        registered_delivery=fields[3],
        msg_level=fields[4],
        service_id=text(fields[5]),
        fee_user_type=fields[6],
        fee_terminal=text(fields[7]),
        fee_terminal_type=fee_terminal_type,
        tp_pid=fields[8],
        tp_udhi=fields[9],
        msg_fmt=fields[10],
        sp_id=text(fields[11]),
        fee_type=text(fields[12]),
        fee_code=text(fields[13]),
        valid_time=text(fields[14]),
        at_time=text(fields[15]),
        src_id=text(fields[16]),
        dest_terminal_type=frame[block_end] if layout.typed else 0,
        link_id=text(frame[content_at + length :]),
    )


def deliver_shape(frame: bytes, layout: Layout, offset: int = 0, total: int | None = None) -> tuple[int, int]:
    """Registered_Delivery and Msg_Length of the DELIVER at `offset`, where they agree with its total length.

    Raises ProtocolError: "structure" where it ends within its fixed part, "length" where its content belies its length.
    """
    total = len(frame) - offset if total is None else total
    if total < layout.deliver_size(0):
        least = layout.deliver_size(0)
        raise ProtocolError(
            "structure",
            f"DELIVER of {total} bytes ends within its fixed part, which has {least}",
            f"DELIVER 共 {total} 字节，不足其固定部分的 {least} 字节",
            at=total,
        )
    registered, length = frame[offset + layout.registered_at], frame[offset + layout.registered_at + 1]
    if layout.deliver_size(length) != total:
        raise ProtocolError(
            "length",
            f"DELIVER of {total} bytes cannot hold Msg_Length {length}",
            f"DELIVER 共 {total} 字节，与 Msg_Length {length} 不符",
            at=layout.registered_at + 1,
        )
    return registered, length


def _deliver(frame: bytes, sequence: int, layout: Layout) -> Deliver:
    _, length = deliver_shape(frame, layout)
    fields = list(layout.deliver_head.unpack_from(frame, HEADER_SIZE))
    src_terminal_type = fields.pop(7) if layout.typed else 0
    start = layout.deliver_content_at
    return Deliver(
        sequence=sequence,
        msg_id=fields[0],
        dest_id=text(fields[1]),
        service_id=text(fields[2]),
        tp_pid=fields[3],
        tp_udhi=fields[4],
        msg_fmt=fields[5],
        src_terminal=text(fields[6]),
        src_terminal_type=src_terminal_type,
        registered_delivery=fields[7],
        content=frame[start : start + length],
        link_id=text(frame[start + length :]),
    )


def _submit_resp(frame: bytes, sequence: int, layout: Layout) -> SubmitResp:
    return SubmitResp(sequence, *layout.response.unpack(frame)[3:])


def _deliver_resp(frame: bytes, sequence: int, layout: Layout) -> DeliverResp:
    return DeliverResp(sequence, *layout.response.unpack(frame)[3:])


def _query(frame: bytes, sequence: int, layout: Layout) -> Query:
    time, kind, code, reserve = _QUERY.unpack_from(frame, HEADER_SIZE)
    return Query(sequence, text(time), kind, text(code), text(reserve))


def _query_resp(frame: bytes, sequence: int, layout: Layout) -> QueryResp:
    time, kind, code, *counts = _QUERY_RESP.unpack_from(frame, HEADER_SIZE)
    return QueryResp(sequence, text(time), kind, text(code), *counts)


def _cancel_resp(frame: bytes, sequence: int, layout: Layout) -> CancelResp:
    width = len(frame) - HEADER_SIZE
    if width not in (1, 4):
        raise length_error("CMPP_CANCEL_RESP", len(frame), "13 / 16")
    return CancelResp(sequence, int.from_bytes(frame[HEADER_SIZE:], "big"), width)


_DECODERS: Final[dict[int, Callable[[bytes, int, Layout], Pdu]]] = {
    at.CONNECT: _connect,
    at.CONNECT_RESP: _connect_resp,
    at.TERMINATE: lambda frame, sequence, layout: Terminate(sequence),
    at.TERMINATE_RESP: lambda frame, sequence, layout: TerminateResp(sequence),
    at.ACTIVE_TEST: lambda frame, sequence, layout: ActiveTest(sequence),
    at.ACTIVE_TEST_RESP: lambda frame, sequence, layout: ActiveTestResp(sequence),
    at.SUBMIT: _submit,
    at.SUBMIT_RESP: _submit_resp,
    at.DELIVER: _deliver,
    at.DELIVER_RESP: _deliver_resp,
    at.QUERY: _query,
    at.QUERY_RESP: _query_resp,
    at.CANCEL: lambda frame, sequence, layout: Cancel(sequence, int.from_bytes(frame[HEADER_SIZE:], "big")),
    at.CANCEL_RESP: _cancel_resp,
}
