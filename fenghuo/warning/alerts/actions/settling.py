"""Deciding on recipients in doubt, whatever they were sent: which orders a decision gives, and what makes it refused."""

from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext_noop as _

from fenghuo.delivery.ledger import actions as ledger
from fenghuo.delivery.ledger import queries as frozen
from fenghuo.delivery.ledger.models import Order
from fenghuo.ground.accounts.models import Account
from fenghuo.ground.refusal import Refused

DECISIONS = ("resend", "give_up", "accept")
MOST_AT_ONCE = 10_000
Chosen = list[list[int]] | Literal["all"]


@dataclass(frozen=True)
class Settling:
    """A decision that may be ordered: for which broadcast whom, and for the journal how many."""

    decision: str
    orders: list[tuple[str, dict[str, Any]]]
    count: int
    all: bool

    def order(self, by: Account) -> Order:
        """Give the orders, in the transaction of the act; returns the first."""
        first, *_others = [
            ledger.order(kind="settle", broadcast=one, by=by.actor(), detail={"decision": self.decision, **whom})
            for one, whom in self.orders
        ]
        return first


def settling(*, broadcast: str, recipients: Chosen, decision: str, people: int | None = None) -> Settling:
    """What is to be ordered. `recipients`: [[contact_id, address], …] or "all"; those of its correction are decided on with it.

    `people`: how many the person saw and typed. With it, "all" means those: whoever comes into doubt later waits for a decision.
    """
    if decision not in DECISIONS:
        raise Refused(
            "decision", _("The decision is one of %(those)s."), field="decision", params={"those": ", ".join(DECISIONS)}
        )
    correction = frozen.correction_of(broadcast)
    both = [broadcast, correction] if correction else [broadcast]
    if recipients == "all":
        return _all(both, decision, people)
    chosen = _in_doubt(both, recipients)
    return Settling(decision, [(one, {"recipients": whom}) for one, whom in chosen.items()], len(recipients), False)


def _all(broadcasts: list[str], decision: str, people: int | None) -> Settling:
    count, moved_at = frozen.count_in_doubt(broadcasts)
    if people is None:
        return Settling(decision, [(one, {"all": True}) for one in broadcasts], count, True)
    if not count:
        raise Refused("nobody_in_doubt", _("Nobody is in doubt any more."), kind="conflict")
    if people != count:
        raise Refused(
            "people_differ",
            _("You typed %(typed)s, but %(count)s people are in doubt now. Look at the list again."),
            field="people",
            params={"typed": people, "count": count},
        )
    whom = {"all": True, "until": moved_at // 1000}
    return Settling(decision, [(one, whom) for one in broadcasts], count, True)


def _in_doubt(broadcasts: list[str], recipients: list[list[int]]) -> dict[str, list[list[int]]]:
    """Only who is in doubt can be decided on; whoever was settled meanwhile is named, not silently decided again."""
    if not recipients or len(recipients) > MOST_AT_ONCE:
        raise Refused("recipients", _("Choose at least one recipient in doubt."), field="recipients")
    found = frozen.still_in_doubt(broadcasts, recipients)
    known = {tuple(one) for whom in found.values() for one in whom}
    settled = [one for one in recipients if tuple(one) not in known]
    if settled:
        raise Refused(
            "not_in_doubt",
            _("%(count)s of these recipients are no longer in doubt; look at the list again."),
            field="recipients",
            kind="conflict",
            params={"count": len(settled)},
        )
    return found
