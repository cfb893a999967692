"""CMPP 3.0 (QB-GF-028-2003) and the layouts of 2.0: codec, batches and sessions for both ends, without I/O or clock."""

from fenghuo.wire.cmpp.batch import SubmitTemplate, encode_deliver_resps, encode_segments, encode_submit_resps
from fenghuo.wire.cmpp.client import ClientSession, Login
from fenghuo.wire.cmpp.decoder import decode
from fenghuo.wire.cmpp.encoder import encode
from fenghuo.wire.cmpp.envelope import Envelope, absolute_time, compile_submits
from fenghuo.wire.cmpp.events import (
    Answered,
    Bound,
    Closed,
    DeliverResps,
    Event,
    LinkAlive,
    LinkTested,
    LoginAttempt,
    Mo,
    Reports,
    StrayResps,
    SubmitResps,
    Submits,
    Unanswered,
    Unreadable,
)
from fenghuo.wire.cmpp.framing import Framer
from fenghuo.wire.cmpp.layout import LAYOUTS, MAX_DESTINATIONS, V20, V30, Layout, ReportLayout
from fenghuo.wire.cmpp.msgid import MsgId, in_range, nth
from fenghuo.wire.cmpp.octets import destinations
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
from fenghuo.wire.cmpp.reports import ACCEPTED, DELIVERED, Report
from fenghuo.wire.cmpp.server import ServerSession
from fenghuo.wire.cmpp.session import Limits
from fenghuo.wire.cmpp.spoken import Spoken, spoken
from fenghuo.wire.stream import ProtocolError, Run, gather, numbers, packed, scatter

__all__ = [
    "ACCEPTED",
    "DELIVERED",
    "LAYOUTS",
    "MAX_DESTINATIONS",
    "V20",
    "V30",
    "ActiveTest",
    "ActiveTestResp",
    "Answered",
    "Bound",
    "Cancel",
    "CancelResp",
    "ClientSession",
    "Closed",
    "Connect",
    "ConnectResp",
    "Deliver",
    "DeliverResp",
    "DeliverResps",
    "Envelope",
    "Event",
    "Framer",
    "Layout",
    "Limits",
    "LinkAlive",
    "LinkTested",
    "Login",
    "LoginAttempt",
    "Mo",
    "MsgId",
    "Pdu",
    "ProtocolError",
    "Query",
    "QueryResp",
    "Report",
    "ReportLayout",
    "Reports",
    "Run",
    "ServerSession",
    "Spoken",
    "StrayResps",
    "Submit",
    "SubmitResp",
    "SubmitResps",
    "SubmitTemplate",
    "Submits",
    "Terminate",
    "TerminateResp",
    "Unanswered",
    "Unreadable",
    "absolute_time",
    "compile_submits",
    "decode",
    "destinations",
    "encode",
    "encode_deliver_resps",
    "encode_segments",
    "encode_submit_resps",
    "gather",
    "in_range",
    "nth",
    "numbers",
    "packed",
    "scatter",
    "spoken",
]
