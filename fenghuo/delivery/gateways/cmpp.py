"""CMPP 2.0 and 3.0 (QB-GF-028-2003) as a line: columns of numpy over the runs of frames that `fenghuo.wire.cmpp` finds.

The version is a value, `Layout`, chosen by the account's `protocol`: widths and offsets differ, nothing else does.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

import numpy as np

from fenghuo.delivery.gateways.config import LAYOUTS, CmppGateway
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
    Unanswered,
    Value,
)
from fenghuo.wire import cmpp
from fenghuo.wire import text as wire_text

OK, FLOW_CONTROL = 0, 8  # SUBMIT_RESP Result
UNREADABLE = 4  # answered to what contradicts itself: wrong length

_DIGITS = 11
_POWERS = 10.0 ** np.arange(_DIGITS - 1, -1, -1)
_FIVES = np.char.zfill(np.arange(100_000).astype("S5"), 5).view("V5")  # every five digits, as they are written
_DELIVERED = np.frombuffer(b"DELIVRD", dtype=np.uint8)
_MASK = 0xFFFF_FFFF
_CHINA = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class Timers:
    """Seconds: link test after `idle`, every answer due within `answer`, `tries` in all."""

    idle: float = 30.0
    answer: float = 60.0
    tries: int = 3


@lru_cache(maxsize=4)
def _response(width: int) -> Any:
    """SUBMIT_RESP as a row: Result takes four bytes in 3.0, one in 2.0."""
    names, formats = ["seq", "id", "result"], [">u4", ">u8", f">u{width}"]
    return np.dtype({"names": names, "formats": formats, "offsets": [8, 12, 20], "itemsize": 20 + width})


@lru_cache(maxsize=4)
def _terminal(width: int) -> Any:
    """A terminal id as a row: eleven digits, the rest zero."""
    return np.dtype([("first", "u1"), ("high", "V5"), ("low", "V5"), ("rest", f"V{width - _DIGITS}")])


class Cmpp:
    """One connection of one account; see `gateways.line.Line`."""

    def __init__(self, gateway: CmppGateway, secret: bytes, timers: Timers, now: float) -> None:
        self._gateway = gateway
        login = cmpp.Login(gateway.source_addr, secret, gateway.require_ismg_auth)
        limits = cmpp.Limits(window=gateway.window, idle=timers.idle, answer=timers.answer, tries=timers.tries)
        self._layout = LAYOUTS[gateway.protocol]
        self._session = cmpp.ClientSession(login, limits, now=now, layout=self._layout)

    def login(self, stamp: str, now: float) -> None:
        self._session.connect(stamp, now)

    def receive(self, data: bytes, now: float) -> list[Value]:
        return [value for event in self._session.receive(data, now) for value in self._values(event)]

    def tick(self, now: float) -> list[Value]:
        return [value for event in self._session.tick(now) for value in self._values(event)]

    def beat(self, now: float) -> None:
        self._session.test_link(now)

    def deadline(self) -> float | None:
        return self._session.deadline()

    def outgoing(self) -> bytes:
        return self._session.outgoing()

    def lost(self) -> list[Value]:
        return [value for event in self._session.lost() for value in self._values(event)]

    def close(self, now: float) -> None:
        self._session.terminate(now)

    # --- submits ---------------------------------------------------------------------------------------------------------
    @property
    def room(self) -> int:
        return self._session.room

    def message(self, text: str, *, reference: int, src_id: str) -> tuple[cmpp.SubmitTemplate, ...]:
        envelope = cmpp.Envelope(
            self._gateway.source_addr, src_id=src_id or self._gateway.src_id, service_id=self._gateway.service_id
        )
        return cmpp.compile_submits(envelope, wire_text.split(text, reference & 0xFF), self._layout)

    def reserve(self, count: int) -> Any:
        first = self._session.reserve(count)
        return ((first + np.arange(count, dtype=np.int64)) & _MASK).astype(np.uint32)

    def send(
        self,
        message: tuple[cmpp.SubmitTemplate, ...],
        tickets: Any,
        addresses: Any,
        batch: int,
        segment: int | None,
        now: float,
    ) -> None:
        templates = message if segment is None else message[segment : segment + 1]
        first = int(tickets[0])
        frames = cmpp.encode_segments(templates, first, terminals(addresses, self._layout), batch)
        self._session.send(first, len(tickets), frames, now)

    def free(self, tickets: Any) -> None:
        self._session.window.release(tickets.tolist())

    def acknowledge(self, token: tuple[cmpp.Run, int]) -> None:
        self._session.acknowledge(token[0], token[1])

    # --- events to values --------------------------------------------------------------------------------------------------
    def _values(self, event: cmpp.Event) -> list[Value]:
        match event:
            case cmpp.SubmitResps(run):
                return [_answers(run, self._layout, late=False)]
            case cmpp.StrayResps(run):
                return [_answers(run, self._layout, late=True)]
            case cmpp.Reports(run, layout):
                return [_receipts(run, layout)]
            case cmpp.Mo(run, deliver):
                return [_said(deliver, (run, 0))]
            case cmpp.Unreadable(run, error):
                return [Said(0, "", f"{error.code}: {error.reason_en}", (run, UNREADABLE))]
            case cmpp.Unanswered(sequences):
                return [Unanswered(np.array(sequences, dtype=np.uint32))]
            case cmpp.Bound(_, authentic):
                return [Ready(authentic)]
            case cmpp.LinkAlive():
                return [Alive()]
            case cmpp.Closed():
                code = f"login_{event.status}" if event.reason == "refused" else event.reason
                return [Ended(code, event.reason in ("refused", "unproven", "version"))]
            case _:
                return []


def _answers(run: cmpp.Run, layout: cmpp.Layout, *, late: bool) -> Answers:
    frames = np.frombuffer(run.data, dtype=_response(layout.result), count=run.frames)
    results = frames["result"].astype(np.uint32)
    verdicts = np.full(run.frames, REFUSED, dtype=np.uint8)
    verdicts[results == OK] = TAKEN
    verdicts[results == FLOW_CONTROL] = RETRY
    return Answers(frames["seq"].astype(np.uint32), verdicts, results, frames["id"].astype(np.uint64), late)


def _receipts(run: cmpp.Run, layout: cmpp.ReportLayout) -> Receipts:
    frames = np.frombuffer(run.data, dtype=np.uint8, count=run.frames * run.stride).reshape(run.frames, run.stride)

    def cut(at: int, width: int) -> Any:
        return np.ascontiguousarray(frames[:, at : at + width])

    ids = cut(layout.msg_id_at, 8).view(">u8")[:, 0].astype(np.uint64)
    stats = cut(layout.stat_at, 7)
    words = stats.view("S7")[:, 0]
    if (stats == _DELIVERED).all():
        codes = np.full(run.frames, DELIVERED, dtype=np.uint8)
    else:
        codes = np.full(run.frames, FAILED, dtype=np.uint8)
        codes[words == b"DELIVRD"] = DELIVERED
        codes[words == b"ACCEPTD"] = UNDER_WAY
    numbers = addresses(frames[:, layout.dest_at : layout.dest_at + layout.dest_width])
    return Receipts(ids, numbers, codes, words, _done(cut(layout.done_time_at, 10)), (run, 0))


def terminals(numbers: Any, layout: cmpp.Layout = cmpp.V30) -> bytes:
    """Eleven-digit numbers as packed terminal ids of 32 bytes (3.0) or 21 (2.0)."""
    block = np.zeros(len(numbers), dtype=_terminal(layout.terminal))
    head, low = np.divmod(numbers, np.uint64(100_000))
    first, high = np.divmod(head.astype(np.uint32), np.uint32(100_000))
    block["first"] = first + ord("0")
    block["high"] = _FIVES[high]
    block["low"] = _FIVES[low.astype(np.uint32)]
    return block.tobytes()


def addresses(fields: Any) -> Any:
    """Terminal ids, (n, width) bytes, as uint64; with or without 86 or +86; 0 for what is not an eleven-digit number."""
    numbers = np.zeros(len(fields), dtype=np.uint64)
    for prefix in (b"", b"86", b"+86"):
        at = len(prefix)
        digits = np.ascontiguousarray(fields[:, at : at + _DIGITS]) - np.uint8(ord("0"))  # below "0" wraps above nine
        fits = (digits <= 9).all(axis=1) if digits.max() > 9 else np.ones(len(fields), dtype=bool)
        if fields.shape[1] > at + _DIGITS:
            fits &= fields[:, at + _DIGITS] == 0
        if at:
            fits &= (fields[:, :at] == np.frombuffer(prefix, dtype=np.uint8)).all(axis=1)
        if fits.all():
            return (digits @ _POWERS).astype(np.uint64)
        numbers[fits] = (digits[fits] @ _POWERS).astype(np.uint64)
    return numbers


def _done(stamps: Any) -> Any:
    """Done_time (YYMMDDhhmm, the gateway's local time; rows of ten bytes) as seconds since 1970; 0 where it is none."""
    if (stamps == stamps[0]).all():
        return np.full(len(stamps), _seconds(stamps[0].tobytes()), dtype=np.uint32)
    kinds, which = np.unique(stamps.view("S10")[:, 0], return_inverse=True)
    return np.array([_seconds(bytes(kind)) for kind in kinds], dtype=np.uint32)[which]


@lru_cache(maxsize=64)
def _seconds(stamp: bytes) -> int:
    try:
        moment = datetime.strptime(stamp.decode("ascii"), "%y%m%d%H%M").replace(tzinfo=_CHINA)
    except ValueError:
        return 0
    return max(0, int(moment.timestamp())) & _MASK


def _said(deliver: cmpp.Deliver, token: Any) -> Said:
    heard = cmpp.spoken(deliver)
    part = f"{heard.reference}/{heard.total}/{heard.number}" if heard.total > 1 else ""
    return Said(deliver.msg_id, deliver.src_terminal, heard.text, token, deliver.dest_id, part)
