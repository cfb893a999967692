"""One value at a time to a frame, for both roles and both versions.

The fast path of a busy line is `batch`; this is for everything else, and it is the definition that one is tested against.
"""

from fenghuo.wire.cmpp import layout as at
from fenghuo.wire.cmpp.layout import HEADER, HEADER_SIZE, Layout
from fenghuo.wire.cmpp.octets import exactly, octets, ranged
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


def encode(pdu: Pdu, layout: Layout) -> bytes:
    """The whole frame of `pdu`. Raises ProtocolError for a value its field cannot carry."""
    command, body = _body(pdu, layout)
    return HEADER.pack(HEADER_SIZE + len(body), command, ranged(pdu.sequence, 0xFFFF_FFFF, "Sequence_Id")) + body


def _body(pdu: Pdu, layout: Layout) -> tuple[int, bytes]:
    match pdu:
        case Submit():
            return at.SUBMIT, _submit_body(pdu, layout)
        case Deliver():
            return at.DELIVER, _deliver_body(pdu, layout)
        case SubmitResp() | DeliverResp():
            command = at.SUBMIT_RESP if isinstance(pdu, SubmitResp) else at.DELIVER_RESP
            return command, _number(pdu.msg_id, 8, "Msg_Id") + _number(pdu.result, layout.result, "Result")
        case ActiveTestResp():
            return at.ACTIVE_TEST_RESP, b"\0"
        case ActiveTest():
            return at.ACTIVE_TEST, b""
        case Terminate():
            return at.TERMINATE, b""
        case TerminateResp():
            return at.TERMINATE_RESP, b""
        case Connect() | ConnectResp():
            return _login_body(pdu)
        case _:
            return _service_body(pdu)


def _number(value: int, width: int, field: str) -> bytes:
    return ranged(value, (1 << 8 * width) - 1, field).to_bytes(width, "big")


def _login_body(pdu: Connect | ConnectResp) -> tuple[int, bytes]:
    digest = exactly(pdu.authenticator, 16, "Authenticator")
    version = _number(pdu.version, 1, "Version")
    if isinstance(pdu, Connect):
        stamp = _number(pdu.timestamp, 4, "Timestamp")
        return at.CONNECT, octets(pdu.sp_id, 6, "Source_Addr") + digest + version + stamp
    if pdu.width not in (1, 4):
        raise length_error("Status", pdu.width, "1 / 4")
    return at.CONNECT_RESP, _number(pdu.status, pdu.width, "Status") + digest + version


def _service_body(pdu: Query | QueryResp | Cancel | CancelResp) -> tuple[int, bytes]:
    if isinstance(pdu, Cancel):
        return at.CANCEL, _number(pdu.msg_id, 8, "Msg_Id")
    if isinstance(pdu, CancelResp):
        if pdu.width not in (1, 4):
            raise length_error("Success_Id", pdu.width, "1 / 4")
        return at.CANCEL_RESP, _number(pdu.success_id, pdu.width, "Success_Id")
    head = octets(pdu.time, 8, "Time") + _number(pdu.query_type, 1, "Query_Type")
    head += octets(pdu.query_code, 10, "Query_Code")
    if isinstance(pdu, Query):
        return at.QUERY, head + octets(pdu.reserve, 8, "Reserve")
    outward = (pdu.mt_messages, pdu.mt_users, pdu.mt_success, pdu.mt_waiting, pdu.mt_failed)
    counts = (*outward, pdu.mo_success, pdu.mo_waiting, pdu.mo_failed)
    return at.QUERY_RESP, head + b"".join(_number(count, 4, "count") for count in counts)


def _submit_body(pdu: Submit, layout: Layout) -> bytes:
    count = ranged(len(pdu.destinations), 255, "DestUsr_tl")
    if count == 0:
        raise ProtocolError("destinations", "SUBMIT without a number", "SUBMIT 没有号码")
    fields = [
        ranged(pdu.msg_id, (1 << 64) - 1, "Msg_Id"),
        ranged(pdu.pk_total, 255, "Pk_total"),
        ranged(pdu.pk_number, 255, "Pk_number"),
        ranged(pdu.registered_delivery, 255, "Registered_Delivery"),
        ranged(pdu.msg_level, 255, "Msg_level"),
        octets(pdu.service_id, 10, "Service_Id"),
        ranged(pdu.fee_user_type, 255, "Fee_UserType"),
        octets(pdu.fee_terminal, layout.terminal, "Fee_terminal_Id"),
        *_typed(pdu.fee_terminal_type, layout, "Fee_terminal_type"),
        ranged(pdu.tp_pid, 255, "TP_pId"),
        ranged(pdu.tp_udhi, 255, "TP_udhi"),
        ranged(pdu.msg_fmt, 255, "Msg_Fmt"),
        octets(pdu.sp_id, 6, "Msg_src"),
        octets(pdu.fee_type, 2, "FeeType"),
        octets(pdu.fee_code, 6, "FeeCode"),
        octets(pdu.valid_time, 17, "ValId_Time"),
        octets(pdu.at_time, 17, "At_Time"),
        octets(pdu.src_id, 21, "Src_Id"),
        count,
    ]
    tail = bytes(_typed(pdu.dest_terminal_type, layout, "Dest_terminal_type"))
    tail += _number(len(pdu.content), 1, "Msg_Length") + pdu.content + octets(pdu.link_id, layout.reserve, "LinkID")
    numbers = b"".join(octets(number, layout.terminal, "Dest_terminal_Id") for number in pdu.destinations)
    return layout.submit_head.pack(*fields) + numbers + tail


def _deliver_body(pdu: Deliver, layout: Layout) -> bytes:
    fields = [
        ranged(pdu.msg_id, (1 << 64) - 1, "Msg_Id"),
        octets(pdu.dest_id, 21, "Dest_Id"),
        octets(pdu.service_id, 10, "Service_Id"),
        ranged(pdu.tp_pid, 255, "TP_pid"),
        ranged(pdu.tp_udhi, 255, "TP_udhi"),
        ranged(pdu.msg_fmt, 255, "Msg_Fmt"),
        octets(pdu.src_terminal, layout.terminal, "Src_terminal_Id"),
        *_typed(pdu.src_terminal_type, layout, "Src_terminal_type"),
        ranged(pdu.registered_delivery, 255, "Registered_Delivery"),
        ranged(len(pdu.content), 255, "Msg_Length"),
    ]
    return layout.deliver_head.pack(*fields) + pdu.content + octets(pdu.link_id, layout.reserve, "LinkID")


def _typed(value: int, layout: Layout, field: str) -> tuple[int, ...]:
    """The type byte beside a terminal number, which only 3.0 has."""
    return (ranged(value, 255, field),) if layout.typed else ()
