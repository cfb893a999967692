"""Who may do what with an arrival, and why not."""

from django.utils.translation import gettext_noop as _

from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.accounts.models import Account, Organisation
from fenghuo.ground.refusal import Refused
from fenghuo.warning.relay.models import Arrival
from fenghuo.warning.relay.queries import refusal_of, told_of

VERBS = ("see", "report", "forward", "dismiss")


Known = dict[str, Refused | None]


def known_rights(*, account: Account, organisation: Organisation) -> Known:
    """What the account's posts allow, asked once for a whole list of arrivals of this organisation."""
    return {act: rights.may(account=account, act=act, organisation=organisation) for act in ("arrivals", "draft")}


def may(*, arrival: Arrival, verb: str, account: Account, known: Known | None = None) -> Refused | None:
    """None when the account may; otherwise why not. `known`: from `known_rights`, where there are many arrivals."""
    known = known or known_rights(account=account, organisation=arrival.organisation)
    refused = known["arrivals"] or (known["draft"] if verb == "forward" else None)
    return refused or _state(arrival, verb)


def require(*, arrival: Arrival, verb: str, account: Account) -> None:
    """As `may`, raising the refusal."""
    refused = may(arrival=arrival, verb=verb, account=account)
    if refused is not None:
        raise refused


def _state(arrival: Arrival, verb: str) -> Refused | None:
    if verb == "see":
        return None
    if arrival.alert_id:
        reason = _("%(name)s has made an alert of this already.")
        return Refused(
            "arrival_relayed", reason, kind="conflict", params={"name": _handler(arrival), "alert": arrival.alert_id}
        )
    if arrival.handled_at:
        reason = _("%(name)s has put this aside: %(reason)s")
        params = {"name": _handler(arrival), "reason": arrival.dismissed}
        return Refused("arrival_dismissed", reason, kind="conflict", params=params)
    if verb == "forward":
        return refusal_of(arrival) or _inner(arrival)
    return None


def _inner(arrival: Arrival) -> Refused | None:
    if not told_of(arrival).inner:
        return None
    reason = _("This message is for use inside government only; it must not be relayed to the public.")
    return Refused("arrival_inner", reason, kind="forbidden")


def _handler(arrival: Arrival) -> str:
    return arrival.handled_by.name if arrival.handled_by else ""
