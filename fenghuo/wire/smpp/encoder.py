"""One value at a time to a frame, for both roles.

The fast path of a busy line is `batch`; this is for everything else, and it is the definition that one is tested against.
"""

from fenghuo.wire.smpp.layout import (
    BIND_RESPS,
    BINDS,
    DATA_SM,
    DATA_SM_RESP,
    DELIVER_SM,
    DELIVER_SM_RESP,
    ENQUIRE_LINK,
    ENQUIRE_LINK_RESP,
    GENERIC_NACK,
    HEADER,
    HEADER_SIZE,
    MAX_PASSWORD,
    MAX_SHORT,
    MESSAGE_PAYLOAD,
    OK,
    SUBMIT_SM,
    SUBMIT_SM_RESP,
    UNBIND,
    UNBIND_RESP,
)
from fenghuo.wire.smpp.octets import c_octets, encode_tlvs, ranged
from fenghuo.wire.smpp.pdus import Bare, Bind, BindResp, Message, MessageResp, Opaque, Pdu
from fenghuo.wire.stream import ProtocolError

_KINDS = {
    Bind: BINDS,
    BindResp: BIND_RESPS,
    Bare: (GENERIC_NACK, UNBIND, UNBIND_RESP, ENQUIRE_LINK, ENQUIRE_LINK_RESP),
    Message: (SUBMIT_SM, DELIVER_SM, DATA_SM),
    MessageResp: (SUBMIT_SM_RESP, DELIVER_SM_RESP, DATA_SM_RESP),
}


def encode(pdu: Pdu) -> bytes:
    """The whole frame of `pdu`. Raises ProtocolError for a value its field cannot carry."""
    allowed = _KINDS.get(type(pdu))
    if allowed and pdu.command not in allowed:
        raise ProtocolError(
            "command",
            f"{type(pdu).__name__} is no command {pdu.command:#x}",
            f"{type(pdu).__name__} 没有命令 {pdu.command:#x}",
        )
    body = _body(pdu)
    status = ranged(OK if isinstance(pdu, Bind) else pdu.status, 0xFFFF_FFFF, "command_status")
    sequence = ranged(pdu.sequence, 0xFFFF_FFFF, "sequence_number")
    command = ranged(pdu.command, 0xFFFF_FFFF, "command_id")
    return HEADER.pack(HEADER_SIZE + len(body), command, status, sequence) + body


def _body(pdu: Pdu) -> bytes:
    match pdu:
        case Bind():
            texts = (
                (pdu.system_id, 16, "system_id"),
                (pdu.password, MAX_PASSWORD + 1, "password"),
                (pdu.system_type, 13, "system_type"),
            )
            version = bytes((_octet(pdu.interface_version, "interface_version"),))
            address = bytes((_octet(pdu.addr_ton, "addr_ton"), _octet(pdu.addr_npi, "addr_npi")))
            opening = b"".join(c_octets(*one) for one in texts)
            return opening + version + address + c_octets(pdu.address_range, 41, "address_range")
        case BindResp():
            return c_octets(pdu.system_id, 16, "system_id") + encode_tlvs(pdu.tlvs)
        case MessageResp():
            return c_octets(pdu.message_id, 65, "message_id") + encode_tlvs(pdu.tlvs)
        case Message():
            return _message_body(pdu)
        case Opaque():
            return pdu.body
        case Bare():
            return b""


def _octet(value: int, field: str) -> int:
    return ranged(value, 0xFF, field)


def _message_body(pdu: Message) -> bytes:
    head = c_octets(pdu.service_type, 6, "service_type")
    head += bytes((_octet(pdu.source_ton, "source_addr_ton"), _octet(pdu.source_npi, "source_addr_npi")))
    head += c_octets(pdu.source, 65 if pdu.command == DATA_SM else 21, "source_addr")
    head += bytes((_octet(pdu.destination_ton, "dest_addr_ton"), _octet(pdu.destination_npi, "dest_addr_npi")))
    head += c_octets(pdu.destination, 65 if pdu.command == DATA_SM else 21, "destination_addr")
    head += bytes((_octet(pdu.esm_class, "esm_class"),))
    flags = bytes((_octet(pdu.registered_delivery, "registered_delivery"),))
    coding = bytes((_octet(pdu.data_coding, "data_coding"),))
    if pdu.command == DATA_SM:
        return head + flags + coding + encode_tlvs({MESSAGE_PAYLOAD: pdu.content, **pdu.tlvs})
    short = len(pdu.content) <= MAX_SHORT
    head += bytes((_octet(pdu.protocol_id, "protocol_id"), _octet(pdu.priority, "priority_flag")))
    head += c_octets(pdu.schedule_time, 17, "schedule_delivery_time")
    head += c_octets(pdu.validity_period, 17, "validity_period")
    head += flags + bytes((_octet(pdu.replace_if_present, "replace_if_present_flag"),)) + coding
    head += bytes((_octet(pdu.default_message, "sm_default_msg_id"), len(pdu.content) if short else 0))
    if short:
        return head + pdu.content + encode_tlvs(pdu.tlvs)
    return head + encode_tlvs({MESSAGE_PAYLOAD: pdu.content, **pdu.tlvs})
