"""Obeying orders: what a person decided in `default` becomes a fact of the ledger, once, whoever of the senders sees it first."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog

from fenghuo.delivery.ledger import store
from fenghuo.delivery.ledger.models import Broadcast, Decision
from fenghuo.delivery.ledger.states import AGAIN, IN_DOUBT
from fenghuo.ground.ids import new_id
from fenghuo.wire import text as wire_text

CORRECTION_MS = 24 * 3600 * 1000  # a correction must reach people even when its alert has run out
log = structlog.get_logger(__name__)


def new_orders(applied: int) -> list[store.StoredOrder]:
    """Orders given since, oldest first. One read of `default`: it is asked before each intent."""
    return store.orders_after(applied)


def obey(orders: Sequence[store.StoredOrder], *, mode: str, now_ms: int) -> None:
    """Apply orders that nobody has applied yet, in one transaction with the mark that they are."""
    with store.writing():
        now = store.lock_control()
        for order in orders:
            if order.seq <= now.applied:
                continue
            now = _braked(now._replace(applied=order.seq), order)
            detail = json.loads(order.detail) if isinstance(order.detail, str) else order.detail
            if order.broadcast:
                _about_one(order, detail, mode, now_ms)
        store.set_control(now)


def _braked(now: store.Control, order: store.StoredOrder) -> store.Control:
    """The hand brake after this order. An organisation's own stays as it is when everybody's is pulled or let go."""
    if order.broadcast or order.kind not in ("pause", "resume"):
        return now
    pulled = order.kind == "pause"
    if not order.organisation:
        return now._replace(paused=pulled)
    own = frozenset({order.organisation})
    return now._replace(organisations=now.organisations | own if pulled else now.organisations - own)


def _about_one(order: store.StoredOrder, detail: dict[str, Any], mode: str, now_ms: int) -> None:
    row = Broadcast.objects.filter(id=order.broadcast).first()
    if row is None or not row.audience_sha256 or row.mode != mode:
        # A signature over an audience that is not here: nothing can be sent, and it must not stop the orders behind it.
        log.error("order_without_audience", order=order.seq, kind=order.kind, broadcast=order.broadcast)
        return
    match order.kind:
        case "release" if row.released_at is None and row.recalled_at is None:
            _release(row, now_ms)
        case "recall":
            _recall(row, now_ms)
        case "supersede":
            row.superseded = row.superseded or row.recalled_at is None
            _recall(row, now_ms)
        case "correct":
            _recall(row, now_ms)
            _correct(row, detail, now_ms)
        case "settle":
            Decision.objects.bulk_create(
                Decision(account=name, broadcast=row, detail=detail)
                for name in store.accounts_with(row.number, (IN_DOUBT, AGAIN))
            )
        case "pause" | "resume":
            Broadcast.objects.filter(number=row.number).update(paused=order.kind == "pause")


def obey_alone(*, mode: str, now_ms: int) -> None:
    """Where no gateway account serves this installation: what was ordered becomes a fact, and waits for an account to come."""
    orders = new_orders(store.control().applied)
    if orders:
        obey(orders, mode=mode, now_ms=now_ms)


def _release(row: Broadcast, now_ms: int) -> None:
    row.released_at = now_ms
    row.save(update_fields=["released_at"])


def _recall(row: Broadcast, now_ms: int) -> None:
    if row.released_at is None:
        _release(row, now_ms)  # the accounts then mark everybody stopped
    if row.recalled_at is None:
        row.recalled_at = now_ms
    row.closed = False
    row.save(update_fields=["recalled_at", "superseded", "closed"])


def _correct(row: Broadcast, detail: dict[str, Any], now_ms: int) -> None:
    if not row.correction or Broadcast.objects.filter(parent=row.id).exists():
        return
    Broadcast.objects.create(
        id=new_id(),
        parent=row.id,
        organisation=row.organisation,
        mode=row.mode,
        lane=0,
        text=row.correction,
        src_id=row.src_id,
        policy=row.policy,
        segments=wire_text.segments(row.correction),
        expires_at=_expiry(detail.get("expires_at"), now_ms),
        created_at=now_ms,
        released_at=now_ms,
    )


def _expiry(said: Any, now_ms: int) -> int:
    if isinstance(said, int):
        return said
    if isinstance(said, str):
        return round(datetime.fromisoformat(said).timestamp() * 1000)
    return now_ms + CORRECTION_MS
