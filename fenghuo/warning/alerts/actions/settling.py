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
NOT_AGAIN = {
    "recalled": _(
        "This was recalled, and nothing more of it is sent. %(count)s people stay in doubt: count them as sent, or give up and "
        "call them."
    ),
    "superseded": _(
        "A newer alert took the place of this one, and nothing more of it is sent. %(count)s people stay in doubt: count them as "
        "sent, or give up and call them."
    ),
    "expired": _(
        "This has expired, and nothing more of it is sent. %(count)s people stay in doubt: count them as sent, or give up and "
        "call them."
    ),
}
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
    Nobody is sent once more what was recalled, replaced or has expired; whoever is in doubt of its correction too is sent that.
    """
    if decision not in DECISIONS:
        raise Refused(
            "decision", _("The decision is one of %(those)s."), field="decision", params={"those": ", ".join(DECISIONS)}
        )
    correction = frozen.correction_of(broadcast)
    both = [broadcast, correction] if correction else [broadcast]
    over = frozen.ended(both) if decision == "resend" else {}
    if recipients == "all":
        _some_can_leave(both, over)
        return _all(both, decision, people)
    chosen = _in_doubt(both, recipients)
    if over:
        chosen = _that_can_leave(chosen, over, recipients)
    return Settling(decision, [(one, {"recipients": whom}) for one, whom in chosen.items()], len(recipients), False)


def _some_can_leave(broadcasts: list[str], over: dict[str, str]) -> None:
    """All are ordered once more: somebody must be left who can be. Of the others the sender says why they were not."""
    waiting = [one for one in broadcasts if one not in over]
    stuck, _at = frozen.count_in_doubt(list(over))
    if not waiting or (stuck and not frozen.count_in_doubt(waiting)[0]):
        raise _not_again(next(iter(over.values())), stuck)


def _that_can_leave(
    chosen: dict[str, list[list[int]]], over: dict[str, str], recipients: list[list[int]]
) -> dict[str, list[list[int]]]:
    kept = {one: whom for one, whom in chosen.items() if one not in over}
    known = {tuple(one) for whom in kept.values() for one in whom}
    stuck = sum(tuple(one) not in known for one in recipients)
    if stuck:
        raise _not_again(next(reason for one, reason in over.items() if one in chosen), stuck)
    return kept


def _not_again(reason: str, count: int) -> Refused:
    return Refused("not_sent_again", NOT_AGAIN[reason], field="decision", kind="conflict", params={"count": count})


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
