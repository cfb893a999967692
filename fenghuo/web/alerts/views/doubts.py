"""Recipients in doubt: sent or not, nobody knows yet. What happens by itself, and what a person may decide now."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_noop, ngettext

from fenghuo.delivery.ledger import queries as ledger
from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import queries as contacts
from fenghuo.warning.alerts import actions, queries, rules
from fenghuo.web import delivery_words
from fenghuo.web.releases import broadcasts_of
from fenghuo.web.shell.people import account_of, organisation_of

MOST = 500
DECISIONS = ("resend", "give_up", "accept")


def doubts(request: HttpRequest) -> HttpResponse:
    """The list over all live releases of the organisation; POST settles the chosen ones of one alert."""
    organisation = organisation_of(request)
    rights.require(account=account_of(request), act="alerts_read")
    if request.method == "POST":
        return _settle(request)
    releases = broadcasts_of(organisation)
    found = ledger.in_doubt(broadcasts=list(releases), limit=MOST)
    alerts = {releases[one.broadcast].id: releases[one.broadcast] for one in found}
    account = account_of(request)
    known = rules.hands(account, organisation, alerts.values())
    groups: dict[str, dict[str, Any]] = {
        id: {"alert": alert, "why_not": rules.may(alert=alert, verb="settle", account=account, known=known), "rows": []}
        for id, alert in alerts.items()
    }
    names = contacts.names([one.contact_id for one in found])
    for doubt in found:
        groups[releases[doubt.broadcast].id]["rows"].append(_row(doubt, names))
    return render(request, "alerts/doubts.html", {"groups": list(groups.values()), "total": len(found), "most": MOST})


def _row(doubt: ledger.Doubt, names: dict[int, contacts.Name]) -> dict[str, Any]:
    return {
        "key": f"{doubt.contact_id}:{doubt.address}",
        "name": names.get(doubt.contact_id),
        "number": contacts.mask(doubt.address),
        "since": doubt.since,
        "tries": doubt.tries,
        "next": delivery_words.doubt_step(doubt.next_step),
        "next_at": doubt.next_at,
    }


def _settle(request: HttpRequest) -> HttpResponse:
    alert = queries.alert(organisation_of(request), request.POST.get("alert", ""))
    decision = request.POST.get("decision", "")
    if decision not in DECISIONS:
        raise Refused("unknown_decision", gettext_noop("Choose what is to be done with them."), field="decision")
    chosen = [_recipient(key) for key in request.POST.getlist("recipient")]
    if not chosen:
        raise Refused("nobody_chosen", gettext_noop("Choose at least one recipient."), field="recipient")
    actions.settle(alert=alert, recipients=chosen, decision=decision, by=account_of(request))
    text = ngettext(
        "%(count)d recipient: your decision is being carried out.",
        "%(count)d recipients: your decision is being carried out.",
        len(chosen),
    )
    messages.success(request, text % {"count": len(chosen)})
    return redirect("in-doubt")


def _recipient(key: str) -> list[int]:
    contact, _, address = key.partition(":")
    if not (contact.isdecimal() and address.isdecimal()):
        raise Refused("nobody_chosen", gettext_noop("Choose at least one recipient."), field="recipient")
    return [int(contact), int(address)]
