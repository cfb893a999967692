"""Public pages: what is in force, what was, and one page per alert on which a received SMS can be checked (fault X15)."""

import unicodedata
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from fenghuo.ground.refusal import Refused
from fenghuo.warning.alerts import queries
from fenghuo.warning.alerts.models import Release
from fenghuo.web.public.answer import conditional, public
from fenghuo.web.public.show import card
from fenghuo.web.shell.people import page_number

SIZE = 30
LONGEST = 2000


@public
def current(request: HttpRequest) -> HttpResponse:
    """Everything in force now; says so plainly when there is nothing."""
    releases = queries.current()
    response = render(request, "public/current.html", {"cards": [card(one) for one in releases], "here": "current"})
    return conditional(request, response, _changed())


@public
def past(request: HttpRequest) -> HttpResponse:
    """What was in force, newest first."""
    page = queries.past(page=page_number(request), size=SIZE)
    context = {
        "cards": [card(one) for one in page.rows],
        "number": page.page,
        "pages": page.pages,
        "here": "past",
        "query": "lang=en&" if request.GET.get("lang") == "en" else "",
    }
    return conditional(request, render(request, "public/past.html", context), _changed())


@public
def alert(request: HttpRequest, code: str) -> HttpResponse:
    """One alert: text, time, signing body, what became of it. POST compares a received SMS with what was really sent."""
    try:
        found = queries.by_code(code)
    except Refused as refused:
        raise Http404 from refused
    context: dict[str, Any] = {"found": found, "card": card(found.release), "sms": _sms(found.release)}
    context |= {"correction_sms": _sms(found.correction), "reason": _reason(found.recall), "here": ""}
    context["newer"] = card(found.newer) if found.newer else None
    if request.method == "POST":
        received = request.POST.get("received", "")[:LONGEST]
        sent = [text for text in (context["sms"], context["correction_sms"]) if text]
        context |= {
            "received": received,
            "compared": bool(_bare(received)),
            "same": _bare(received) in {_bare(one) for one in sent},
        }
        return render(request, "public/alert.html", context)
    return conditional(request, render(request, "public/alert.html", context), _changed())


def _bare(text: str) -> str:
    """The text without what a telephone may change on the way: line breaks, spaces and the width of characters."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def _sms(release: Release | None) -> str:
    return card(release)["sms"] if release else ""


def _reason(release: Release | None) -> str:
    return str(release.snapshot.get("reason", "")) if release else ""


def _changed() -> datetime | None:
    return queries.last_change()
