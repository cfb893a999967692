"""Numbers of SMPP 3.4 (Issue 1.2): commands, statuses, optional parameters, and how long each PDU may be.

All offsets count from the first byte of the frame, header included. All numbers are big-endian; a C-octet string ends with a
zero byte, so where a field lies depends on the texts before it: see `shapes`.
"""

from struct import Struct
from typing import Final

HEADER: Final = Struct(">IIII")  # command_length (header included), command_id, command_status, sequence_number
HEADER_SIZE: Final = 16
STATUS_AT: Final = 8
SEQUENCE_AT: Final = 12

FIRST_SEQUENCE: Final = 1
LAST_SEQUENCE: Final = 0x7FFF_FFFF  # the next one is FIRST_SEQUENCE

RESPONSE: Final = 0x8000_0000
GENERIC_NACK: Final = 0x8000_0000
BIND_RECEIVER: Final = 0x1
BIND_TRANSMITTER: Final = 0x2
QUERY_SM: Final = 0x3
SUBMIT_SM: Final = 0x4
DELIVER_SM: Final = 0x5
UNBIND: Final = 0x6
REPLACE_SM: Final = 0x7
CANCEL_SM: Final = 0x8
BIND_TRANSCEIVER: Final = 0x9
OUTBIND: Final = 0xB
ENQUIRE_LINK: Final = 0x15
SUBMIT_MULTI: Final = 0x21
ALERT_NOTIFICATION: Final = 0x102
DATA_SM: Final = 0x103
SUBMIT_SM_RESP: Final = RESPONSE | SUBMIT_SM
DELIVER_SM_RESP: Final = RESPONSE | DELIVER_SM
UNBIND_RESP: Final = RESPONSE | UNBIND
ENQUIRE_LINK_RESP: Final = RESPONSE | ENQUIRE_LINK
DATA_SM_RESP: Final = RESPONSE | DATA_SM
BINDS: Final = (BIND_RECEIVER, BIND_TRANSMITTER, BIND_TRANSCEIVER)
BIND_RESPS: Final = tuple(RESPONSE | bind for bind in BINDS)

_REQUESTS: Final = {
    BIND_RECEIVER: "bind_receiver",
    BIND_TRANSMITTER: "bind_transmitter",
    QUERY_SM: "query_sm",
    SUBMIT_SM: "submit_sm",
    DELIVER_SM: "deliver_sm",
    UNBIND: "unbind",
    REPLACE_SM: "replace_sm",
    CANCEL_SM: "cancel_sm",
    BIND_TRANSCEIVER: "bind_transceiver",
    ENQUIRE_LINK: "enquire_link",
    SUBMIT_MULTI: "submit_multi",
    DATA_SM: "data_sm",
}
COMMANDS: Final[dict[int, str]] = {
    **_REQUESTS,
    OUTBIND: "outbind",
    ALERT_NOTIFICATION: "alert_notification",
    GENERIC_NACK: "generic_nack",
    **{RESPONSE | command: f"{name}_resp" for command, name in _REQUESTS.items()},
}

# command_status (chapter 5.1.3): what we say ourselves
OK: Final = 0x00
INVALID_LENGTH: Final = 0x02
INVALID_COMMAND: Final = 0x03
WRONG_BIND_STATE: Final = 0x04
ALREADY_BOUND: Final = 0x05
SYSTEM_ERROR: Final = 0x08
INVALID_DESTINATION: Final = 0x0B
BIND_FAILED: Final = 0x0D
INVALID_PASSWORD: Final = 0x0E
INVALID_SYSTEM_ID: Final = 0x0F
QUEUE_FULL: Final = 0x14
THROTTLED: Final = 0x58

# Optional parameters (chapter 5.3.2)
TLV_HEADER: Final = Struct(">HH")
RECEIPTED_MESSAGE_ID: Final = 0x001E
SC_INTERFACE_VERSION: Final = 0x0210
SAR_MSG_REF_NUM: Final = 0x020C
SAR_TOTAL_SEGMENTS: Final = 0x020E
SAR_SEGMENT_SEQNUM: Final = 0x020F
NETWORK_ERROR_CODE: Final = 0x0423
MESSAGE_PAYLOAD: Final = 0x0424
MESSAGE_STATE: Final = 0x0427

# esm_class (chapter 5.2.12)
UDHI: Final = 0x40
KIND: Final = 0x3C
RECEIPT: Final = 0x04
INTERMEDIATE: Final = 0x20

VERSION: Final = 0x34
MAX_CONTENT: Final = 140  # of UCS-2, as GSM carries it; sm_length itself goes to 254
MAX_SHORT: Final = 254
MAX_PASSWORD: Final = 64  # the specification says 8; gateways that gave out longer ones expect them

_SPARE: Final = 1024  # optional parameters of a PDU that carries no message
_LONGEST: Final = HEADER_SIZE + 512 + 4 + 0xFFFF + _SPARE  # with a message_payload of 64 KiB
BOUNDS: Final[dict[int, tuple[int, int]]] = {
    **dict.fromkeys(COMMANDS, (HEADER_SIZE, _LONGEST)),
    **dict.fromkeys((GENERIC_NACK, UNBIND, UNBIND_RESP, ENQUIRE_LINK, ENQUIRE_LINK_RESP), (HEADER_SIZE, HEADER_SIZE)),
    **dict.fromkeys(BINDS, (HEADER_SIZE + 7, HEADER_SIZE + 16 + MAX_PASSWORD + 1 + 13 + 3 + 41)),
    # A refusal may leave its body out; texts longer than the specification's have been seen.
    **dict.fromkeys(BIND_RESPS, (HEADER_SIZE, HEADER_SIZE + _SPARE)),
    **dict.fromkeys((SUBMIT_SM_RESP, DELIVER_SM_RESP, DATA_SM_RESP), (HEADER_SIZE, HEADER_SIZE + _SPARE)),
    # However short: its sequence tells what to answer, and whoever reads it says what is missing.
    **dict.fromkeys((SUBMIT_SM, DELIVER_SM, DATA_SM), (HEADER_SIZE, _LONGEST)),
}
UNKNOWN_BOUNDS: Final = (HEADER_SIZE, _LONGEST)  # a command nobody knows is skipped whole, if it can be a frame at all
MAX_FRAME: Final = _LONGEST
