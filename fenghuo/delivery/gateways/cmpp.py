"""CMPP 2.0 and 3.0 (QB-GF-028-2003) as a line: columns of numpy over the runs of frames that `fenghuo.wire.cmpp` finds.

The version is a value, `Layout`, chosen by the account's `protocol`: widths and offsets differ, nothing else does.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from fenghuo.delivery.gateways.config import LAYOUTS, CmppGateway
from fenghuo.delivery.gateways.digits import addresses, moments, moments_of, texts_of, written
from fenghuo.delivery.gateways.gathered import Gathered
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
from fenghuo.wire import cmpp
from fenghuo.wire import text as wire_text

OK, FLOW_CONTROL = 0, 8  # SUBMIT_RESP Result
WRONG_STRUCTURE, WRONG_LENGTH = 1, 4  # DELIVER_RESP Result: cut short; contradicts itself

_DELIVERED = np.frombuffer(b"DELIVRD", dtype=np.uint8)
_MASK = 0xFFFF_FFFF


@lru_cache(maxsize=4)
def _response(width: int) -> Any:
    """SUBMIT_RESP as a row: Result takes four bytes in 3.0, one in 2.0."""
    names, formats = ["seq", "id", "result"], [">u4", ">u8", f">u{width}"]
    return np.dtype({"names": names, "formats": formats, "offsets": [8, 12, 20], "itemsize": 20 + width})


class Cmpp:
    """One connection of one account; see `gateways.line.Line`."""

    def __init__(self, gateway: CmppGateway, secret: bytes, timers: Timers, now: float) -> None:
        self._gateway = gateway
        login = cmpp.Login(gateway.source_addr, secret, gateway.require_ismg_auth)
        limits = cmpp.Limits(window=gateway.window, idle=timers.idle, answer=timers.answer, tries=timers.tries)
        self._layout = LAYOUTS[gateway.protocol]
        self._session = cmpp.ClientSession(login, limits, now=now, layout=self._layout)
        self._reports = Gathered()

    def login(self, stamp: str, now: float) -> None:
        self._session.connect(stamp, now)

    @property
    def pipes(self) -> int:
        return 1

    def receive(self, data: bytes, now: float, pipe: int = 0) -> list[Value]:
        return [value for event in self._session.receive(data, now) for value in self._values(event)]

    def tick(self, now: float) -> list[Value]:
        return [value for event in self._session.tick(now) for value in self._values(event)]

    def beat(self, now: float) -> None:
        self._session.test_link(now)

    def deadline(self) -> float | None:
        return self._session.deadline()

    def outgoing(self, pipe: int = 0) -> bytes:
        return self._session.outgoing()

    def finished(self) -> Sequence[int]:
        return ()

    def lost(self, pipe: int = 0, left: bool = True, error: str = "") -> list[Value]:
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
        frames = cmpp.encode_segments(templates, first, written(addresses, self._layout.terminal), batch)
        self._session.send(first, len(tickets), frames, now)

    def free(self, tickets: Any) -> None:
        self._session.window.release(tickets.tolist())

    @property
    def keeps(self) -> bool:
        return bool(self._reports)

    def kept(self) -> list[Value]:
        return [_receipts(run, layout) for run, layout, _ in self._reports.all()]

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
                return [_receipts(*one[:2]) for one in self._reports.add(run, layout)]
            case cmpp.Mo(run, deliver):
                return [_said(deliver, (run, 0))]
            case cmpp.Unreadable(run, error):
                result = WRONG_STRUCTURE if error.code == "structure" else WRONG_LENGTH
                return list(unread(run, error, (run, result)))
            case cmpp.Unanswered(sequences):
                return [Unanswered(np.array(sequences, dtype=np.uint32))]
            case cmpp.Bound(_, authentic):
                return [Ready(authentic)]
            case cmpp.LinkAlive():
                return [Alive()]
            case cmpp.Closed():
                code = f"login_{event.status}" if event.reason == "refused" else event.reason
                return [*self.kept(), Ended(code, event.reason in ("refused", "unproven", "version"))]
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
    stated = frames[:, layout.dest_at : layout.dest_at + layout.dest_width]
    numbers, as_it_came = addresses(stated), None
    if not numbers.all():
        sources = addresses(frames[:, layout.source_at : layout.source_at + layout.source_width])
        numbers, as_it_came = np.where(numbers == 0, sources, numbers), Stated(stated, texts_of)
    taken = Stated(frames[:, layout.submit_time_at : layout.submit_time_at + 10], moments_of)
    done = moments(cut(layout.done_time_at, 10))
    return Receipts(ids, numbers, codes, words, done, (run, 0), taken, written=as_it_came)


def _said(deliver: cmpp.Deliver, token: Any) -> Said:
    heard = cmpp.spoken(deliver)
    part = f"{heard.reference}/{heard.total}/{heard.number}" if heard.total > 1 else ""
    return Said(
        deliver.msg_id, deliver.src_terminal, heard.text, token, deliver.dest_id, part, sequence=deliver.sequence
    )
