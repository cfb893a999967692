"""Unmatched receipts (未匹配回执): what gateways said that belongs to nothing. Kept, shown, and seen by a person."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_POST, require_safe

from fenghuo.delivery.ledger import actions
from fenghuo.delivery.ledger import queries as ledger
from fenghuo.delivery.watch import actions as watching
from fenghuo.delivery.watch import queries as watch
from fenghuo.ground.accounts import rules as rights
from fenghuo.readiness.contacts import queries as contacts
from fenghuo.web import delivery_words
from fenghuo.web.shell.people import account_of, organisation_of
from fenghuo.web.unmatched import show

SIZE = 50
KINDS = {
    "orphan": (
        gettext_noop("Receipt for an unknown message"),
        gettext_noop(
            "We sent no such message, or it was closed long ago, or several may be meant. No recipient was changed."
        ),
        "warn",
    ),
    "conflict": (
        gettext_noop("Receipt that contradicts an earlier one"),
        gettext_noop("The first receipt counts. Ask the carrier if there are many."),
        "warn",
    ),
    "unreadable": (
        gettext_noop("Delivery that cannot be read"),
        gettext_noop("Kept as it came. Call the carrier and show it to them."),
        "bad",
    ),
}


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Newest first, by kind and by account; the next page begins below the id `before`."""
    account, organisation = account_of(request), organisation_of(request)
    rights.require(account=account, act="gateways_read")
    kind, name = request.GET.get("kind", ""), request.GET.get("account", "")
    names = [one.name for one in settings.FENGHUO.gateway]
    kind, name = kind if kind in KINDS else "", name if name in names else ""
    found = show.page(organisation, kind=kind, account=name, before=_before(request), size=SIZE)
    full = rights.right_of(account=account, act="contacts_view") == "may"
    seen = watch.unmatched_seen(organisation)
    newest = found.rows[0].id if found.rows and not (kind or name or _before(request)) else 0
    context: dict[str, Any] = {
        "rows": [_row(one, found.names, full, seen) for one in found.rows],
        "older": found.older,
        "first": _before(request) is None,
        "meaning": [
            {"text": gettext(label), "next": gettext(step)}
            for code, (label, step, _tone) in KINDS.items()
            if any(one.kind == code for one in found.rows)
        ],
        "kind": kind,
        "kinds": [{"code": code, "text": gettext(label)} for code, (label, _next, _tone) in KINDS.items()],
        "account": name,
        "accounts": names,
        "query": urlencode({"kind": kind, "account": name}) + "&",
        "new": show.new(organisation),
        "most_new": show.MOST_NEW,
        "newest": newest if newest > seen else 0,
        "why_not_note": rights.may(account=account, act="gateways_note"),
        "reads_replies": rights.may(account=account, act="replies_read") is None,
        "kept_days": actions.KEPT_DAYS,
    }
    return render(request, "unmatched/list.html", context)


def _before(request: HttpRequest) -> int | None:
    text = request.GET.get("before", "")
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 19 else None


def _row(one: ledger.Unmatched, names: dict[int, str], full: bool, seen: int) -> dict[str, Any]:
    label, _step, tone = KINDS[one.kind]
    number = show.number_of(one.address)
    name = names.get(number, "")
    return {
        "it": one,
        "kind": gettext(label),
        "tone": tone,
        "name": name,
        # Of a stranger whoever may see full numbers sees all of it, to call back; the people of our lists are masked.
        "number": one.address if full and not name else _masked(one.address, number),
        "said": delivery_words.status("failed", one.text) if one.kind != "unreadable" else one.text,
        "new": one.id > seen,
    }


def _masked(address: str, number: int) -> str:
    if number:
        return contacts.mask(number)
    return f"{address[:3]}…" if address.strip("0") else ""


@require_POST
def seen(request: HttpRequest) -> HttpResponse:
    """Somebody has looked: what stands on the page is new no more, for the organisation."""
    text = request.POST.get("up_to", "")
    up_to = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
    watching.saw_unmatched(up_to=up_to, by=account_of(request))
    messages.success(request, gettext("Noted: you have seen them."))
    return redirect("unmatched")
