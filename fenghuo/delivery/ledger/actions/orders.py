"""Giving orders, in `default`, beside the decision that gives them; the sender obeys within a fraction of a second."""

from typing import Any

from fenghuo.delivery.ledger import store
from fenghuo.delivery.ledger.models import Order
from fenghuo.ground import clock

DECISIONS = ("resend", "give_up", "accept")


def order(
    *,
    kind: str,
    broadcast: str | None,
    by: dict[str, Any],
    detail: dict[str, Any] | None = None,
    organisation: str = "",
) -> Order:
    """Give an order; call it inside the transaction (of `default`) that records the decision.

    `kind`: release, recall, supersede, correct, settle, pause, resume. `broadcast` None pauses or resumes everything
    of `organisation`, of everybody where that is empty. `settle` needs
    `detail = {"recipients": [[contact_id, address], …] | "all": true, "decision": "resend" | "give_up" | "accept"}`.
    ValueError for anything else: an order is given by code, never typed.
    """
    detail = detail or {}
    if kind not in Order.KINDS or (not broadcast and kind not in ("pause", "resume")):
        raise ValueError(f"no such order: {kind} {broadcast}")
    if kind == "settle" and (
        detail.get("decision") not in DECISIONS or not (detail.get("all") or detail.get("recipients"))
    ):
        raise ValueError("settle needs a decision and recipients")
    store.one_at_a_time("fenghuo.delivery.order")
    return Order.objects.create(
        kind=kind, broadcast=broadcast or "", organisation=organisation, by=by, detail=detail, at=clock.now()
    )
