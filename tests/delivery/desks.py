"""Desks without a socket: several accounts on one ledger, driven step by step, and what their gateways say."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from fenghuo.delivery.gateways.config import Gateway
from fenghuo.delivery.ledger import actions, queries
from fenghuo.delivery.ledger.columns import TAKEN
from fenghuo.delivery.ledger.states import DELIVERED
from fenghuo.delivery.ledger.values import Reports
from fenghuo.delivery.sender.desk import Desk
from fenghuo.delivery.sender.timing import Timing
from fenghuo.ground import clock
from tests.delivery.running import QUICK

STEPPED = replace(QUICK, share=0.0, adopt=1e6, look_again=0.0, orders=0.0, correction=0.0, lease=600.0)


def opened(
    gate: Gateway, *peers: Gateway, timing: Timing = STEPPED, read: bool = True, kind: type[Desk] = Desk
) -> Desk:
    """The account's desk as its sender opens it, the last one's included when that has ended; `read`: orders are obeyed."""
    fence = actions.take_lease(gate.name, gate.protocol, holder=gate.name, dead=gate.name, lease_ms=600_000)
    assert fence is not None
    peers = peers or (gate,)
    desk = kind(gate, mode="exercise", accounts=[one.name for one in peers], peers=peers, timing=timing, fence=fence)
    if read:
        desk.read_orders(always=True)
    return desk


def closed(desk: Desk) -> None:
    """The sender of this account has ended in good order."""
    actions.drop_lease(desk.gateway.name, fence=desk.fence)


def fly(desk: Desk, room: int = 16) -> Any:
    """The submits that leave now: orders obeyed, claimed, intended and durable."""
    return _fly(desk, room)[0]


def _fly(desk: Desk, room: int = 16) -> tuple[Any, list[int]]:
    desk.read_orders(always=True)
    claims = desk.claim(room, 0, 16)
    pdus = desk.book.intend(claims, desk.now())
    desk.commit()
    numbers = [number for claim in claims for number in desk.book.addresses(claim).tolist()]
    return np.concatenate(pdus) if pdus else np.zeros(0, dtype=np.int64), numbers


def answer(desk: Desk, pdus: Any, base: int, verdict: int = TAKEN) -> None:
    """The gateway answers these, with message ids from `base` on."""
    many = len(pdus)
    if not many:
        return
    counts = np.array([desk.book.destinations(pdus[i : i + 1]) for i in range(many)], dtype=np.int64)
    ids = (base + np.concatenate(([0], np.cumsum(counts)[:-1]))).astype(np.uint64)
    verdicts, none = np.full(many, verdict, dtype=np.uint8), np.zeros(many, dtype=np.uint32)
    for claim in desk.book.answer(pdus, verdicts, none, ids, none.astype(np.uint16), desk.now()):
        desk.lanes.queues[claim.broadcast].again([claim])
    desk.commit()


def send_all(desk: Desk, base: int) -> dict[int, int]:
    """Everything that may leave does and is taken; the message id of each number, of short texts."""
    sent: dict[int, int] = {}
    while (flown := _fly(desk))[1]:
        pdus, numbers = flown
        answer(desk, pdus, base + len(sent))
        sent |= {number: base + len(sent) + at for at, number in enumerate(numbers)}
    return sent


def doubt_all(desk: Desk) -> None:
    """Everything that may leave does, and no answer comes."""
    while len(pdus := fly(desk)):
        desk.book.doubt(pdus, desk.now())
        desk.commit()


def report(desk: Desk, sent: Mapping[int, int], code: int = DELIVERED) -> None:
    """Receipts for messages that were taken."""
    many = len(sent)
    reports = Reports(
        np.array(list(sent.values()), dtype=np.uint64),
        np.array(list(sent), dtype=np.uint64),
        np.full(many, code),
        np.ones(many, dtype=np.uint16),
        np.full(many, int(clock.now().timestamp()), dtype=np.uint32),
        np.array([b"DELIVRD"] * many, dtype="S7"),
    )
    desk.book.receive(reports, desk.now_ms(), hold=False)
    desk.commit()


def progress(frozen: actions.Frozen) -> queries.Progress:
    """How far a broadcast has come."""
    return queries.progress([frozen.broadcast])[frozen.broadcast]


def corrected(frozen: actions.Frozen) -> list[int]:
    """The numbers in the audience of a broadcast's correction, ascending; empty while there is none."""
    correction = queries.correction_of(frozen.broadcast)
    return sorted(queries.audience(correction)[1].tolist()) if correction else []
