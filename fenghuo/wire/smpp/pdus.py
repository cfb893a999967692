"""Every PDU as a value. Texts are C-octet strings without their end; contents are raw bytes.

Source: SMPP 3.4 (Issue 1.2), chapter 4. A field's meaning is said once, where it first appears.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

Tlvs = Mapping[int, bytes]


@dataclass(frozen=True, slots=True)
class Bind:
    """ESME → SMSC. `command` says whether it will transmit, receive or both (`layout.BINDS`)."""

    sequence: int
    command: int
    system_id: str
    password: str
    system_type: str = ""
    interface_version: int = 0x34
    addr_ton: int = 0
    addr_npi: int = 0
    address_range: str = ""

    def __repr__(self) -> str:
        return f"Bind(command={self.command}, system_id={self.system_id!r})"  # the password stays out of logs


@dataclass(frozen=True, slots=True)
class BindResp:
    """`status` 0 accepted; `command` is that of the answer. A refusal need not have a body."""

    sequence: int
    command: int
    status: int
    system_id: str = ""
    tlvs: Tlvs = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bare:
    """A PDU that is all header: unbind, enquire_link, their answers, generic_nack."""

    sequence: int
    command: int
    status: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """submit_sm, deliver_sm and data_sm: `content` is short_message, or the message_payload where there is one.

    `esm_class` 0x40: content begins with a user data header; 0x04: a receipt. `data_coding` 8 is UCS-2.
    `registered_delivery` 1 asks for a receipt. Times are `YYMMDDhhmmsstnnp` or empty. data_sm has no protocol_id, priority,
    times, replace flag, sm_default_msg_id; its content is always a message_payload.
    """

    sequence: int
    command: int
    source: str
    destination: str
    content: bytes
    service_type: str = ""
    source_ton: int = 0
    source_npi: int = 0
    destination_ton: int = 0
    destination_npi: int = 0
    esm_class: int = 0
    protocol_id: int = 0
    priority: int = 0
    schedule_time: str = ""
    validity_period: str = ""
    registered_delivery: int = 0
    replace_if_present: int = 0
    data_coding: int = 8
    default_message: int = 0
    tlvs: Tlvs = field(default_factory=dict)
    status: int = 0


@dataclass(frozen=True, slots=True)
class MessageResp:
    """The answer to submit_sm, deliver_sm and data_sm. `message_id` is a text of the SMSC's; a refusal need not have one."""

    sequence: int
    command: int
    status: int = 0
    message_id: str = ""
    tlvs: Tlvs = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Opaque:
    """A PDU of the specification that nobody here serves (query_sm, cancel_sm, outbind, alert_notification, …)."""

    sequence: int
    command: int
    status: int
    body: bytes


Pdu = Bind | BindResp | Bare | Message | MessageResp | Opaque
