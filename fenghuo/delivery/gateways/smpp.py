"""SMPP 3.4 as a line: columns of numpy over the runs of frames that `fenghuo.wire.smpp` finds.

One transceiver is one connection; a transmitter and a receiver are two, and the line stands while both do.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from fenghuo.delivery.gateways.config import SmppGateway
from fenghuo.delivery.gateways.digits import DIGITS, addresses, moments, moments_of, texts_of, written
from fenghuo.delivery.gateways.gathered import Gathered
from fenghuo.delivery.gateways.ids import Notation, numbered
from fenghuo.delivery.gateways.line import (
    DELIVERED,
    FAILED,
    REFUSED,
    RETRY,
    TAKEN,
    UNDER_WAY,
    Alive,
    Answers,
    Ended,
    Ready,
    Receipts,
    Said,
    Stated,
    Unanswered,
    Value,
)
from fenghuo.delivery.gateways.timers import Timers
from fenghuo.delivery.gateways.unread import unread
from fenghuo.wire import smpp
from fenghuo.wire import text as wire_text
from fenghuo.wire.smpp import layout as at

NOT_FOR_US = 0x65  # answered to what contradicts itself: permanently refused, so that it does not come again
INTERNATIONAL, COUNTRY = 1, b"86"

NOTATIONS: Final[dict[str, tuple[Notation, Notation]]] = {  # in the answer, in the receipt
    "text": ("text", "text"),
    "hex": ("hex", "hex"),
    "decimal": ("decimal", "decimal"),
    "hex_to_decimal": ("hex", "decimal"),
    "decimal_to_hex": ("decimal", "hex"),
}
LOGINS: Final = {  # command_status of a refused bind, in a word for the desk
    at.WRONG_BIND_STATE: "login_bind_state",
    at.ALREADY_BOUND: "login_already_bound",
    at.BIND_FAILED: "login_bind_failed",
    at.INVALID_PASSWORD: "login_password",
    at.INVALID_SYSTEM_ID: "login_system_id",
    0x53: "login_system_type",
}
PASSING: Final = frozenset((at.ALREADY_BOUND, at.SYSTEM_ERROR, at.QUEUE_FULL, at.THROTTLED))  # over by itself, perhaps
BINDS: Final = {"trx": (at.BIND_TRANSCEIVER,), "tx_rx": (at.BIND_TRANSMITTER, at.BIND_RECEIVER)}
MOST_STAT, MOST_ERROR = 20, 10  # characters of the gateway's own words that are kept

_WORDS: Final = np.array([smpp.STATES.get(state, "UNKNOWN").encode() for state in range(256)], dtype="S20")
_UNDER_WAY: Final = frozenset(word.encode() for word in smpp.UNDER_WAY)
_DELIVERED: Final = frozenset((b"DELIVRD", b"DELIVERED"))


class Smpp:
    """One account's line; see `gateways.line.Line`."""

    def __init__(self, gateway: SmppGateway, secret: bytes, timers: Timers, now: float) -> None:
        self._gateway = gateway
        self._in_answers, self._in_receipts = NOTATIONS[gateway.message_ids]
        self._prefix = COUNTRY if gateway.dest_ton == INTERNATIONAL else b""
        limits = smpp.Limits(gateway.window, timers.idle, timers.answer, timers.tries)
        password = secret.decode("latin-1")
        self._sessions = [
            smpp.ClientSession(smpp.Login(gateway.source_addr, password, gateway.system_type, bind), limits, now=now)
            for bind in BINDS[gateway.bind]
        ]
        self._submits = self._sessions[0]
        self._reports = Gathered()
        self._bound = 0
        self._unfit = False

    @property
    def pipes(self) -> int:
        return len(self._sessions)

    def login(self, stamp: str, now: float) -> None:
        try:
            for session in self._sessions:
                session.connect(now)
        except smpp.ProtocolError:
            self._unfit = True  # a password that SMPP cannot carry; said at the next tick

    def receive(self, data: bytes, now: float, pipe: int = 0) -> list[Value]:
        return self._all(self._sessions[pipe].receive(data, now), pipe)

    def tick(self, now: float) -> list[Value]:
        if self._unfit:
            return [Ended("login_unfit", True)]
        return [value for pipe, one in enumerate(self._sessions) for value in self._all(one.tick(now), pipe)]

    def deadline(self) -> float | None:
        return min((due for due in (one.deadline() for one in self._sessions) if due is not None), default=None)

    def outgoing(self, pipe: int = 0) -> bytes:
        return self._sessions[pipe].outgoing()

    def finished(self) -> Sequence[int]:
        return ()

    def lost(self, pipe: int = 0, left: bool = True, error: str = "") -> list[Value]:
        return self._all(self._sessions[pipe].lost(), pipe)

    def close(self, now: float) -> None:
        for session in self._sessions:
            session.terminate(now)

    def beat(self, now: float) -> None:
        for session in self._sessions:
            session.test_link(now)

    # --- submits ---------------------------------------------------------------------------------------------------------
    @property
    def room(self) -> int:
        return self._submits.room

    def message(self, text: str, *, reference: int, src_id: str) -> tuple[smpp.SubmitTemplate, ...]:
        gateway = self._gateway
        envelope = smpp.Envelope(
            source=src_id or gateway.src_id,
            source_ton=gateway.source_ton,
            source_npi=gateway.source_npi,
            destination_ton=gateway.dest_ton,
            destination_npi=gateway.dest_npi,
            validity_period=_relative(gateway.validity),
        )
        return smpp.compile_submits(envelope, wire_text.split(text, reference & 0xFF))

    def reserve(self, count: int) -> Any:
        first = self._submits.reserve(count)
        tickets = first + np.arange(count, dtype=np.int64)
        if first + count > at.LAST_SEQUENCE:
            tickets[tickets > at.LAST_SEQUENCE] -= at.LAST_SEQUENCE
        return tickets.astype(np.uint32)

    def send(
        self,
        message: tuple[smpp.SubmitTemplate, ...],
        tickets: Any,
        addresses: Any,
        batch: int,
        segment: int | None,
        now: float,
    ) -> None:
        templates = message if segment is None else message[segment : segment + 1]
        first, width = int(tickets[0]), DIGITS + len(self._prefix)
        frames = smpp.encode_segments(templates, first, written(addresses, width, self._prefix), width)
        self._submits.send(first, len(tickets), frames, now)

    def free(self, tickets: Any) -> None:
        self._submits.window.release(tickets.tolist())

    @property
    def keeps(self) -> bool:
        return bool(self._reports)

    def kept(self) -> list[Value]:
        return [self._receipts(*one) for one in self._reports.all()]

    def _receipts(self, run: smpp.Run, layout: smpp.ReportLayout, pipe: int) -> Receipts:
        return _receipts(run, layout, self._in_receipts, (pipe, run, at.OK))

    def acknowledge(self, token: tuple[int, smpp.Run, int]) -> None:
        pipe, run, status = token
        self._sessions[pipe].acknowledge(run, status)

    # --- events to values ------------------------------------------------------------------------------------------------
    def _all(self, events: list[smpp.Event], pipe: int) -> list[Value]:
        return [value for event in events for value in self._values(event, pipe)]

    def _values(self, event: smpp.Event, pipe: int) -> list[Value]:
        match event:
            case smpp.SubmitResps(run):
                return [_answers(run, self._in_answers, late=False)]
            case smpp.StrayResps(run):
                return [_answers(run, self._in_answers, late=True)]
            case smpp.Reports(run, layout):
                return [self._receipts(*one) for one in self._reports.add(run, layout, pipe)]
            case smpp.Mo(run, message):
                return [_said(message, (pipe, run, at.OK))]
            case smpp.Unreadable(run, error):
                return list(unread(run, error, (pipe, run, NOT_FOR_US)))
            case smpp.Unanswered(sequences):
                return [Unanswered(np.array(sequences, dtype=np.uint32))]
            case smpp.Bound():
                self._bound += 1
                return [Ready(False)] if self._bound == len(self._sessions) else []
            case smpp.LinkAlive():
                return [Alive()]
            case smpp.Closed():
                return [*self.kept(), _ended(event)]
            case _:
                return []


def _ended(closed: smpp.Closed) -> Ended:
    if closed.reason != "refused":
        return Ended(closed.reason, False)
    return Ended(LOGINS.get(closed.status, f"login_{closed.status:#04x}"), closed.status not in PASSING)


def _answers(run: smpp.Run, notation: Notation, *, late: bool) -> Answers:
    frames = _rows(run)
    results, tickets = _u32(frames, at.STATUS_AT), _u32(frames, at.SEQUENCE_AT)
    verdicts = np.full(run.frames, REFUSED, dtype=np.uint8)
    if run.command == at.SUBMIT_SM_RESP:
        verdicts[results == at.OK] = TAKEN
    for status in smpp.RETRY_LATER:
        verdicts[results == status] = RETRY
    ids = numbered(frames[:, at.HEADER_SIZE :], notation)
    return Answers(tickets, verdicts, results, ids, late)


def _receipts(run: smpp.Run, layout: smpp.ReportLayout, notation: Notation, token: Any) -> Receipts:
    frames = _rows(run)

    def cut(span: tuple[int, int], most: int = 1 << 16) -> Any:
        return np.ascontiguousarray(frames[:, span[0] : span[0] + min(span[1], most)])

    if layout.state_at:
        words = _WORDS[frames[:, layout.state_at]]
    else:
        words = _text(cut(layout.stat, MOST_STAT))
    codes = np.full(run.frames, UNDER_WAY, dtype=np.uint8) if layout.intermediate else _codes(words)
    words = _explained(frames, layout, words, codes)
    stated = cut(layout.destination)
    numbers, as_it_came = addresses(stated), None
    if not numbers.all():
        numbers = np.where(numbers == 0, addresses(cut(layout.sender)), numbers)
        as_it_came = Stated(stated, texts_of)
    done = moments(cut(layout.done)) if layout.done[1] else np.zeros(run.frames, dtype=np.uint32)
    ids, (begin, width) = cut(layout.id), layout.submitted
    taken = Stated(frames[:, begin : begin + width], moments_of) if width else None
    return Receipts(
        numbered(ids, notation), numbers, codes, words, done, token, taken, Stated(ids, texts_of), as_it_came
    )


def _codes(words: Any) -> Any:
    """What status words say; most often they are all the same."""
    everything = words.tobytes()
    if everything == everything[: words.dtype.itemsize] * len(words):
        return np.full(len(words), _code(bytes(words[0])), dtype=np.uint8)
    kinds, which = np.unique(words, return_inverse=True)
    return np.array([_code(bytes(kind)) for kind in kinds], dtype=np.uint8)[which]


def _code(word: bytes) -> int:
    told = word.upper()
    return DELIVERED if told in _DELIVERED else UNDER_WAY if told in _UNDER_WAY else FAILED


def _explained(frames: Any, layout: smpp.ReportLayout, words: Any, codes: Any) -> Any:
    """A failure's word with the network's own code behind it, where there is one that is not zero: `UNDELIV:045`."""
    failed = codes == FAILED
    if not failed.any() or not (layout.network_at or layout.error[1]):
        return words
    if layout.network_at:
        place = frames[:, layout.network_at + 1 : layout.network_at + 3].astype(np.uint32)
        errors = (place[:, 0] << 8 | place[:, 1]).astype("S5")
    else:
        begin, width = layout.error
        errors = _text(np.ascontiguousarray(frames[:, begin : begin + min(width, MOST_ERROR)]))
    failed &= np.char.strip(errors, b"0") != b""
    if not failed.any():
        return words
    words = words.astype(f"S{MOST_STAT + 1 + MOST_ERROR}")
    words[failed] = np.char.add(np.char.add(words[failed], b":"), errors[failed])
    return words


def _rows(run: smpp.Run) -> Any:
    return np.frombuffer(run.data, dtype=np.uint8, count=run.frames * run.stride).reshape(run.frames, run.stride)


def _u32(frames: Any, place: int) -> Any:
    return np.ascontiguousarray(frames[:, place : place + 4]).view(">u4")[:, 0].astype(np.uint32)


def _text(columns: Any) -> Any:
    return columns.view(f"S{columns.shape[1]}")[:, 0]


def _relative(minutes: int) -> str:
    """validity_period as SMPP writes a span of time (chapter 7.1.1.2); empty for the gateway's own."""
    if not minutes:
        return ""
    days, rest = divmod(minutes, 24 * 60)
    months, days = divmod(days, 30)
    return f"00{months:02}{days:02}{rest // 60:02}{rest % 60:02}00000R"


def _said(message: smpp.Message, token: Any) -> Said:
    heard = smpp.words(message)
    part = f"{heard.reference}/{heard.total}/{heard.number}" if heard.total > 1 else ""
    return Said(0, message.source or "?", heard.text, token, message.destination, part, sequence=message.sequence)
