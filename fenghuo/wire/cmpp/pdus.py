"""Every PDU as a value. Texts are octet strings without their padding; contents are raw bytes.

Source: QB-GF-028-2003 chapter 8.4. A field's meaning is said once, where it first appears.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Connect:
    """SP → ISMG. `authenticator` is 16 bytes; `timestamp` is MMDDHHMMSS as a number (leading zero lost)."""

    sequence: int
    sp_id: str
    authenticator: bytes
    version: int
    timestamp: int


@dataclass(frozen=True, slots=True)
class ConnectResp:
    """`status` 0 accepted, 1 structure, 2 source address, 3 authentication, 4 version too high, 5 and above other.

    `width` is that of Status on the wire: 1 from a gateway that speaks 2.0, 4 from one that speaks 3.0.
    """

    sequence: int
    status: int
    authenticator: bytes
    version: int
    width: int = 4


@dataclass(frozen=True, slots=True)
class Terminate:
    """Either side: no more requests, close after the answer."""

    sequence: int


@dataclass(frozen=True, slots=True)
class TerminateResp:
    """The answer to TERMINATE."""

    sequence: int


@dataclass(frozen=True, slots=True)
class ActiveTest:
    """Either side: are you there?"""

    sequence: int


@dataclass(frozen=True, slots=True)
class ActiveTestResp:
    """The answer to ACTIVE_TEST."""

    sequence: int


@dataclass(frozen=True, slots=True)
class Submit:
    """SP → ISMG, one content to up to 99 numbers.

    `content` is at most 140 bytes (255 decode), UDH included when `tp_udhi` is 1. `msg_fmt` 8 is UCS-2. `fee_user_type` 2
    charges the SP. `valid_time` and `at_time` are `YYMMDDhhmmsstnnp` or empty. `link_id` is the 2.0 Reserve too.
    """

    sequence: int
    destinations: tuple[str, ...]
    content: bytes
    sp_id: str
    src_id: str
    msg_id: int = 0
    pk_total: int = 1
    pk_number: int = 1
    registered_delivery: int = 1
    msg_level: int = 0
    service_id: str = ""
    fee_user_type: int = 2
    fee_terminal: str = ""
    fee_terminal_type: int = 0
    tp_pid: int = 0
    tp_udhi: int = 0
    msg_fmt: int = 8
    fee_type: str = "01"
    fee_code: str = "000000"
    valid_time: str = ""
    at_time: str = ""
    dest_terminal_type: int = 0
    link_id: str = ""


@dataclass(frozen=True, slots=True)
class SubmitResp:
    """`msg_id` is the first of a range of as many ids as the SUBMIT had numbers; `result` 0 accepted, 8 flow control."""

    sequence: int
    msg_id: int
    result: int


@dataclass(frozen=True, slots=True)
class Deliver:
    """ISMG → SP: a phone's message (`registered_delivery` 0) or a status report (1)."""

    sequence: int
    msg_id: int
    dest_id: str
    src_terminal: str
    content: bytes
    service_id: str = ""
    tp_pid: int = 0
    tp_udhi: int = 0
    msg_fmt: int = 8
    src_terminal_type: int = 0
    registered_delivery: int = 0
    link_id: str = ""


@dataclass(frozen=True, slots=True)
class DeliverResp:
    """`msg_id` repeats the DELIVER's; `result` 0 taken, anything else asks for it again or refuses it."""

    sequence: int
    msg_id: int
    result: int


@dataclass(frozen=True, slots=True)
class Query:
    """Totals of a day: `time` YYYYMMDD, `query_type` 0 all or 1 by the service in `query_code`."""

    sequence: int
    time: str
    query_type: int = 0
    query_code: str = ""
    reserve: str = ""


@dataclass(frozen=True, slots=True)
class QueryResp:
    """Counts of a day: messages and users received from the SP, accepted, waiting, failed; then the other direction."""

    sequence: int
    time: str
    query_type: int
    query_code: str
    mt_messages: int
    mt_users: int
    mt_success: int
    mt_waiting: int
    mt_failed: int
    mo_success: int
    mo_waiting: int
    mo_failed: int


@dataclass(frozen=True, slots=True)
class Cancel:
    """Takes back a message that the gateway has not sent on yet."""

    sequence: int
    msg_id: int


@dataclass(frozen=True, slots=True)
class CancelResp:
    """`success_id` 0 done, 1 failed; `width` is that of Success_Id on the wire."""

    sequence: int
    success_id: int
    width: int = 4


Pdu = (
    Connect
    | ConnectResp
    | Terminate
    | TerminateResp
    | ActiveTest
    | ActiveTestResp
    | Submit
    | SubmitResp
    | Deliver
    | DeliverResp
    | Query
    | QueryResp
    | Cancel
    | CancelResp
)
