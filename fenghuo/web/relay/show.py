"""An arrival in words: what it is, how its signature was judged, how long it has been here."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext, gettext_noop

from fenghuo.ground.areas import queries as areas
from fenghuo.ground.refusal import Said
from fenghuo.warning.relay import queries, rules
from fenghuo.warning.relay.models import Arrival
from fenghuo.web.shell.people import account_of, organisation_of
from fenghuo.wire.cap.signature import Verdict

HOWS = {
    "cap": gettext_noop("CAP message"),
    "national": gettext_noop("national warning XML"),
    "paste": gettext_noop("pasted text"),
    "phone": gettext_noop("by telephone"),
    "fax": gettext_noop("by fax or letter"),
}
KINDS = {
    "Alert": gettext_noop("warning"),
    "Update": gettext_noop("update of a warning"),
    "Cancel": gettext_noop("lift of a warning"),
}
SOURCES = {"page": gettext_noop("taken in on the desk"), "api": gettext_noop("handed in by a machine")}
# What the one button is called that makes the alert.
FORWARD = {"Cancel": gettext_noop("Lift what was relayed"), "Update": gettext_noop("Relay the update")}


def waiting(request: HttpRequest) -> list[dict[str, Any]]:
    """What waits to be relayed or put aside, for the desk; the number of queries does not grow with their number."""
    return cards(queries.waiting(organisation_of(request)), request)


def cards(arrivals: list[Arrival], request: HttpRequest) -> list[dict[str, Any]]:
    """Several arrivals of the asker's organisation; the asker's rights are looked up once."""
    known = rules.known_rights(account=account_of(request), organisation=organisation_of(request)) if arrivals else None
    return [card(one, request, known) for one in arrivals]


def card(arrival: Arrival, request: HttpRequest, known: rules.Known | None = None) -> dict[str, Any]:
    """What lists and the desk show of one arrival."""
    told, account = queries.told_of(arrival), account_of(request)
    return {
        "arrival": arrival,
        "told": told,
        "how": gettext(HOWS[arrival.how]),
        "kind": gettext(KINDS.get(arrival.msg_type, "")) if arrival.msg_type in KINDS else arrival.msg_type,
        "source": gettext(SOURCES[arrival.source]) if arrival.source in SOURCES else arrival.source,
        "refused": queries.refusal_of(arrival),
        "verdict": _verdict(arrival),
        "rings": arrival.seen_at is None and arrival.handled_at is None and not arrival.refusal and not arrival.silent,
        "seconds": queries.seconds(arrival),
        "late": queries.seconds(arrival) > queries.pledge(arrival.organisation),
        "pledge": queries.pledge(arrival.organisation),
        "forward": gettext(FORWARD.get(arrival.msg_type, gettext_noop("Relay"))),
        "why_not_see": rules.may(arrival=arrival, verb="see", account=account, known=known),
        "why_not_forward": rules.may(arrival=arrival, verb="forward", account=account, known=known),
    }


def whole(arrival: Arrival, request: HttpRequest) -> dict[str, Any]:
    """As `card`, with the places named and what else may be done."""
    told, account = queries.told_of(arrival), account_of(request)
    codes = list(dict.fromkeys(rules.division(code) for code in told.areas))[:50]
    return card(arrival, request) | {
        "places": [name or code for code, name in areas.paths(codes).items()] or list(told.places),
        "remarks": [str(Said(zh, en)) for zh, en in told.remarks],
        "why_not_report": rules.may(arrival=arrival, verb="report", account=account),
        "why_not_dismiss": rules.may(arrival=arrival, verb="dismiss", account=account),
    }


def _verdict(arrival: Arrival) -> dict[str, str]:
    if not arrival.verdict:
        return {}
    verdict = Verdict(arrival.verdict)
    tone = "good" if verdict.trusted else "warn" if arrival.verdict in ("unsigned", "untrusted") else "bad"
    return {"text": str(Said(verdict.zh, verdict.en)), "tone": tone}
