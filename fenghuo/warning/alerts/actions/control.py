"""Deciding on recipients in doubt."""

from typing import Any, Literal

from django.db import transaction
from django.utils.translation import gettext_noop as _

from fenghuo.delivery.ledger import actions as ledger
from fenghuo.delivery.ledger import queries as frozen
from fenghuo.delivery.ledger.models import Order
from fenghuo.ground.accounts.models import Account
from fenghuo.ground.refusal import Refused
from fenghuo.warning.alerts import rules
from fenghuo.warning.alerts.actions.kept import note
from fenghuo.warning.alerts.models import Alert

DECISIONS = ("resend", "give_up", "accept")
MOST_AT_ONCE = 10_000


def settle(*, alert: Alert, recipients: list[list[int]] | Literal["all"], decision: str, by: Account) -> Order:
    """Decide on recipients in doubt: resend, give_up or accept. `recipients`: [[contact_id, address], …] or "all" of this alert.

    Those of its correction are decided on with it. Returns the first of the orders given.
    """
    rules.require(alert=alert, verb="settle", account=by)
    if decision not in DECISIONS:
        raise Refused(
            "decision", _("The decision is one of %(those)s."), field="decision", params={"those": ", ".join(DECISIONS)}
        )
    orders = _settling(alert.broadcast or "", recipients)
    with transaction.atomic():
        order, *_others = [
            ledger.order(kind="settle", broadcast=broadcast, by=by.actor(), detail={"decision": decision, **whom})
            for broadcast, whom in orders
        ]
        note(
            alert,
            "settle",
            by,
            decision=decision,
            count=0 if recipients == "all" else len(recipients),
            all=recipients == "all",
        )
    return order


def _settling(broadcast: str, recipients: list[list[int]] | Literal["all"]) -> list[tuple[str, dict[str, Any]]]:
    """Which broadcast is ordered what: the alert and, where somebody of it is in doubt too, its correction."""
    correction = frozen.correction_of(broadcast)
    both = [broadcast, correction] if correction else [broadcast]
    if recipients == "all":
        return [(one, {"all": True}) for one in both]
    return [(one, {"recipients": whom}) for one, whom in _in_doubt(both, recipients).items()]


def _in_doubt(broadcasts: list[str], recipients: list[list[int]]) -> dict[str, list[list[int]]]:
    """Only who is in doubt can be decided on; whoever was settled meanwhile is named, not silently decided again."""
    if not recipients or len(recipients) > MOST_AT_ONCE:
        raise Refused("recipients", _("Choose at least one recipient in doubt."), field="recipients")
    doubtful: dict[str, set[tuple[int, ...]]] = {one: set() for one in broadcasts}
    for one in frozen.in_doubt(broadcasts=broadcasts, limit=1_000_000):
        doubtful[one.broadcast].add((one.contact_id, one.address))
    settled = [one for one in recipients if not any(tuple(one) in those for those in doubtful.values())]
    if settled:
        raise Refused(
            "not_in_doubt",
            _("%(count)s of these recipients are no longer in doubt; look at the list again."),
            field="recipients",
            kind="conflict",
            params={"count": len(settled)},
        )
    chosen = {
        broadcast: [list(one) for one in recipients if tuple(one) in those] for broadcast, those in doubtful.items()
    }
    return {broadcast: whom for broadcast, whom in chosen.items() if whom}
