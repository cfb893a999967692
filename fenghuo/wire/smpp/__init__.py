"""SMPP 3.4 (Issue 1.2): codec, batches and sessions for both ends, without I/O or clock."""

from fenghuo.wire.smpp.batch import SubmitTemplate, encode_resps, encode_segments, encode_submit_resps
from fenghuo.wire.smpp.client import ClientSession, Login
from fenghuo.wire.smpp.decoder import decode
from fenghuo.wire.smpp.encoder import encode
from fenghuo.wire.smpp.envelope import Envelope, compile_submits
from fenghuo.wire.smpp.events import (
    BindAttempt,
    Bound,
    Closed,
    DeliverResps,
    Event,
    LinkAlive,
    LinkTested,
    Mo,
    Reports,
    StrayResps,
    SubmitResps,
    Submits,
    Unanswered,
    Unreadable,
    Unserved,
)
from fenghuo.wire.smpp.framing import Framer
from fenghuo.wire.smpp.pdus import Bare, Bind, BindResp, Message, MessageResp, Opaque, Pdu
from fenghuo.wire.smpp.receipts import DELIVERED, STATES, UNDER_WAY, Receipt, ReportLayout
from fenghuo.wire.smpp.server import ServerSession
from fenghuo.wire.smpp.session import Limits
from fenghuo.wire.smpp.shapes import Shape, shape_of
from fenghuo.wire.smpp.statuses import RETRY_LATER, STATUSES, status_words
from fenghuo.wire.smpp.words import Words, words
from fenghuo.wire.stream import ProtocolError, Run

__all__ = [
    "DELIVERED",
    "RETRY_LATER",
    "STATES",
    "STATUSES",
    "UNDER_WAY",
    "Bare",
    "Bind",
    "BindAttempt",
    "BindResp",
    "Bound",
    "ClientSession",
    "Closed",
    "DeliverResps",
    "Envelope",
    "Event",
    "Framer",
    "Limits",
    "LinkAlive",
    "LinkTested",
    "Login",
    "Message",
    "MessageResp",
    "Mo",
    "Opaque",
    "Pdu",
    "ProtocolError",
    "Receipt",
    "ReportLayout",
    "Reports",
    "Run",
    "ServerSession",
    "Shape",
    "StrayResps",
    "SubmitResps",
    "SubmitTemplate",
    "Submits",
    "Unanswered",
    "Unreadable",
    "Unserved",
    "Words",
    "compile_submits",
    "decode",
    "encode",
    "encode_resps",
    "encode_segments",
    "encode_submit_resps",
    "shape_of",
    "status_words",
    "words",
]
