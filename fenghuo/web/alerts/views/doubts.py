"""Recipients in doubt: sent or not, nobody knows yet. What happens by itself, and what a person may decide now."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_noop, ngettext

from fenghuo.delivery.ledger import queries as ledger
from fenghuo.ground import clock
from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import queries as contacts
from fenghuo.warning.alerts import actions, rules
from fenghuo.warning.linktests import actions as linktests
from fenghuo.web import delivery_words, doubtful
from fenghuo.web.alerts.doubt_forms import AllForm
from fenghuo.web.doubtful import Subject
from fenghuo.web.forms import refuse, status_of
from fenghuo.web.shell.people import account_of, organisation_of, page_number

SIZE = 100
AT_ONCE = timedelta(seconds=10)  # in which what is due leaves where its gateway is well
DECISIONS = ("resend", "give_up", "accept")


def doubts(request: HttpRequest) -> HttpResponse:
    """Everything of which somebody is in doubt, and the people of one (`?of=`), page by page. POST decides on some or on all."""
    rights.require(account=account_of(request), act="alerts_read")
    if request.method == "POST":
        return _settle(request)
    return _shown(request, request.GET.get("of", ""))


def _shown(
    request: HttpRequest, of: str, form: AllForm | None = None, refused: Refused | None = None, status: int = 200
) -> HttpResponse:
    """The page. What was typed or chosen before a refusal is still there."""
    listed = doubtful.subjects(organisation_of(request))
    chosen = next((one for one in listed if one.key == of), listed[0] if listed else None)
    context: dict[str, Any] = {
        "subjects": listed,
        "chosen": chosen,
        "total": sum(one.n for one in listed),
        "refused": refused,
    }
    if chosen is not None:
        number = page_number(request)
        found = ledger.in_doubt(broadcasts=chosen.broadcasts, limit=SIZE, skip=(number - 1) * SIZE)
        names = contacts.names([one.contact_id for one in found if one.contact_id])
        context |= {
            "rows": [_row(one, chosen, names, request.POST.getlist("recipient")) for one in found],
            "number": number,
            "pages": max(1, -(-chosen.n // SIZE)),
            "query": urlencode({"of": chosen.key}) + "&",
            "form": form or AllForm(),
            "why_not": _why_not(request, chosen),
        }
    return render(request, "alerts/doubts.html", context, status=status)


def _why_not(request: HttpRequest, one: Subject) -> Refused | None:
    account = account_of(request)
    if one.alert is not None:
        return rules.may(alert=one.alert, verb="settle", account=account)
    return rights.may(account=account, act="settle_in_doubt")


def _row(doubt: ledger.Doubt, of: Subject, names: dict[int, contacts.Name], checked: list[str]) -> dict[str, Any]:
    name, key = names.get(doubt.contact_id), f"{doubt.contact_id}:{doubt.address}"
    late = (
        doubt.next_at is not None and clock.now() - doubt.next_at > AT_ONCE
    )  # its gateway takes nothing, nor does another
    person = of.text.person.name if of.text else ""
    return {
        "key": key,
        "name": person or (name.name if name else ""),
        "area": name.area if name else "",
        "number": contacts.mask(doubt.address),
        "since": doubt.since,
        "tries": doubt.tries,
        "next": delivery_words.doubt_step("late" if late else doubt.next_step),
        "next_at": None if late else doubt.next_at,
        "checked": key in checked,
    }


def _settle(request: HttpRequest) -> HttpResponse:
    of = request.POST.get("of") or f"alert:{request.POST.get('alert', '')}"
    subject = doubtful.subject(organisation_of(request), of)
    decision, form = request.POST.get("decision", ""), None
    try:
        if decision not in DECISIONS:
            raise Refused("unknown_decision", gettext_noop("Choose what is to be done with them."), field="decision")
        if "all" in request.POST:
            form = AllForm(request.POST)
            if not form.is_valid():
                return _shown(request, of, form, status=422)
            count = form.cleaned_data["people"]
            _decide(request, subject, "all", decision, count)
        else:
            chosen = [_recipient(key) for key in request.POST.getlist("recipient")]
            if not chosen:
                raise Refused("nobody_chosen", gettext_noop("Choose at least one recipient."), field="recipient")
            count = len(chosen)
            _decide(request, subject, chosen, decision, None)
    except Refused as refused:
        if refused.kind == "forbidden":
            raise
        if form is not None:
            refuse(form, refused)
        return _shown(request, of, form, None if form else refused, status_of(refused))
    text = ngettext(
        "%(count)d recipient: your decision is being carried out.",
        "%(count)d recipients: your decision is being carried out.",
        count,
    )
    messages.success(request, text % {"count": count})
    return redirect("in-doubt")


def _decide(request: HttpRequest, of: Subject, whom: actions.Chosen, decision: str, people: int | None) -> None:
    account = account_of(request)
    if of.alert is not None:
        actions.settle(alert=of.alert, recipients=whom, decision=decision, people=people, by=account)
    elif of.text is not None:
        actions.settle_text(text=of.text, decision=decision, by=account)
    elif of.test is not None:
        linktests.settle(test=of.test, recipients=whom, decision=decision, people=people, by=account)


def _recipient(key: str) -> list[int]:
    contact, _, address = key.partition(":")
    if not all(one.isascii() and one.isdigit() and len(one) < 19 for one in (contact, address)):
        raise Refused("nobody_chosen", gettext_noop("Choose at least one recipient."), field="recipient")
    return [int(contact), int(address)]
