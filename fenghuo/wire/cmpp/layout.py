"""Where every field of every PDU lies: one table per version of the protocol.

Sources: QB-GF-028-2003 (CMPP 3.0.0) chapters 7 and 8; the widths of 2.0 as public gateways and clients agree on them. All
offsets count from the first byte of the frame, header included, so that upper code can lay an array type over a run of
frames. All numbers are big-endian. An octet string is left-justified and padded with zero bytes on the right.
"""

from dataclasses import dataclass
from struct import Struct
from typing import Final

HEADER: Final = Struct(">III")  # Total_Length (header included), Command_Id, Sequence_Id
HEADER_SIZE: Final = 12

RESPONSE: Final = 0x8000_0000
CONNECT: Final = 0x1
TERMINATE: Final = 0x2
SUBMIT: Final = 0x4
DELIVER: Final = 0x5
QUERY: Final = 0x6
CANCEL: Final = 0x7
ACTIVE_TEST: Final = 0x8
CONNECT_RESP: Final = RESPONSE | CONNECT
TERMINATE_RESP: Final = RESPONSE | TERMINATE
SUBMIT_RESP: Final = RESPONSE | SUBMIT
DELIVER_RESP: Final = RESPONSE | DELIVER
QUERY_RESP: Final = RESPONSE | QUERY
CANCEL_RESP: Final = RESPONSE | CANCEL
ACTIVE_TEST_RESP: Final = RESPONSE | ACTIVE_TEST

COMMANDS: Final[dict[int, str]] = {
    CONNECT: "CMPP_CONNECT",
    TERMINATE: "CMPP_TERMINATE",
    SUBMIT: "CMPP_SUBMIT",
    DELIVER: "CMPP_DELIVER",
    QUERY: "CMPP_QUERY",
    CANCEL: "CMPP_CANCEL",
    ACTIVE_TEST: "CMPP_ACTIVE_TEST",
    CONNECT_RESP: "CMPP_CONNECT_RESP",
    TERMINATE_RESP: "CMPP_TERMINATE_RESP",
    SUBMIT_RESP: "CMPP_SUBMIT_RESP",
    DELIVER_RESP: "CMPP_DELIVER_RESP",
    QUERY_RESP: "CMPP_QUERY_RESP",
    CANCEL_RESP: "CMPP_CANCEL_RESP",
    ACTIVE_TEST_RESP: "CMPP_ACTIVE_TEST_RESP",
}

MAX_DESTINATIONS: Final = 99  # the specification says "fewer than 100 users"
MAX_CONTENT: Final = 140  # Msg_Length of anything but plain ASCII


@dataclass(frozen=True, slots=True)
class ReportLayout:
    """Offsets inside a DELIVER that carries a status report. `stat` is 7 bytes, both times 10 (YYMMDDhhmm), ids 8.

    `source` is Src_terminal_Id, which the specification wants to be the same number as the report's own, `dest`.

    The report's own body decides `dest_width`: 21 in a body of 60 bytes, 32 in one of 71, whatever the version of the
    connection, because vendors mix them.
    """

    stride: int
    body: int
    sequence_at: int
    deliver_id_at: int
    msg_id_at: int
    stat_at: int
    submit_time_at: int
    done_time_at: int
    dest_at: int
    dest_width: int
    smsc_sequence_at: int
    source_at: int
    source_width: int


@dataclass(frozen=True, slots=True)
class Layout:
    """One version's widths and offsets. `typed` versions carry one byte of terminal type beside each terminal number."""

    version: int
    name: str
    terminal: int
    result: int
    reserve: int
    typed: bool
    submit_head: Struct
    deliver_head: Struct
    response: Struct
    destinations_at: int
    deliver_content_at: int
    bounds: dict[int, tuple[int, int]]
    reports: dict[int, ReportLayout]

    @property
    def registered_at(self) -> int:
        """Offset of DELIVER's Registered_Delivery: 1 for a status report, 0 for a message from a phone."""
        return self.deliver_content_at - 2

    @property
    def response_size(self) -> int:
        """Total length of SUBMIT_RESP and of DELIVER_RESP: sequence at 8, Msg_Id at 12, Result at 20."""
        return self.response.size

    def submit_size(self, destinations: int, content: int) -> int:
        """Total length of a SUBMIT with that many numbers and bytes of content."""
        return self.destinations_at + self.terminal * destinations + self.typed + 1 + content + self.reserve

    def deliver_size(self, content: int) -> int:
        """Total length of a DELIVER with that many bytes of content."""
        return self.deliver_content_at + content + self.reserve


def _reports(content_at: int, reserve: int, terminal: int, typed: bool) -> dict[int, ReportLayout]:
    return {
        body: ReportLayout(
            stride=content_at + body + reserve,
            body=body,
            sequence_at=8,
            deliver_id_at=12,
            msg_id_at=content_at,
            stat_at=content_at + 8,
            submit_time_at=content_at + 15,
            done_time_at=content_at + 25,
            dest_at=content_at + 35,
            dest_width=width,
            smsc_sequence_at=content_at + 35 + width,
            source_at=content_at - 2 - typed - terminal,
            source_width=terminal,
        )
        for body, width in ((60, 21), (71, 32))
    }


def _layout(version: int, name: str, *, terminal: int, result: int, reserve: int, typed: bool) -> Layout:
    kind = "B" if typed else ""
    # Msg_Id, Pk_total, Pk_number, Registered_Delivery, Msg_level, Service_Id, Fee_UserType, Fee_terminal_Id, [type], TP_pId,
    # TP_udhi, Msg_Fmt, Msg_src, FeeType, FeeCode, ValId_Time, At_Time, Src_Id, DestUsr_tl
    submit = Struct(f">QBBBB10sB{terminal}s{kind}BBB6s2s6s17s17s21sB")
    # Msg_Id, Dest_Id, Service_Id, TP_pid, TP_udhi, Msg_Fmt, Src_terminal_Id, [type], Registered_Delivery, Msg_Length
    deliver = Struct(f">Q21s10sBBB{terminal}s{kind}BB")
    response = Struct(">IIIQI" if result == 4 else ">IIIQB")
    destinations_at = HEADER_SIZE + submit.size
    content_at = HEADER_SIZE + deliver.size
    rest = int(typed) + 1 + reserve
    bounds = {
        CONNECT: (39, 39),
        CONNECT_RESP: (30, 33),  # a gateway of another version answers in its own layout
        TERMINATE: (12, 12),
        TERMINATE_RESP: (12, 12),
        ACTIVE_TEST: (12, 12),
        ACTIVE_TEST_RESP: (12, 13),  # some gateways leave the reserved byte out
        SUBMIT: (destinations_at + terminal + rest, destinations_at + 255 * terminal + rest + 255),
        SUBMIT_RESP: (response.size, response.size),
        # Any length that a frame can have: one that its content belies is answered with an error, and the line goes on.
        DELIVER: (HEADER_SIZE, destinations_at + 255 * terminal + rest + 255),
        DELIVER_RESP: (response.size, response.size),
        QUERY: (39, 39),
        QUERY_RESP: (63, 63),
        CANCEL: (20, 20),
        CANCEL_RESP: (13, 16),  # both widths of Success_Id are in the field, whatever the version
    }
    return Layout(
        version=version,
        name=name,
        terminal=terminal,
        result=result,
        reserve=reserve,
        typed=typed,
        submit_head=submit,
        deliver_head=deliver,
        response=response,
        destinations_at=destinations_at,
        deliver_content_at=content_at,
        bounds=bounds,
        reports=_reports(content_at, reserve, terminal, typed),
    )


V30: Final = _layout(0x30, "CMPP 3.0", terminal=32, result=4, reserve=20, typed=True)
V20: Final = _layout(0x20, "CMPP 2.0", terminal=21, result=1, reserve=8, typed=False)
LAYOUTS: Final[dict[int, Layout]] = {V30.version: V30, V20.version: V20}

MAX_FRAME: Final = V30.bounds[SUBMIT][1]  # no frame of any version is longer
