"""The relay desk: what came from above, and the one press that passes it on."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.refusal import Refused
from fenghuo.warning.relay import actions, queries
from fenghuo.warning.relay.models import Arrival
from fenghuo.web.forms import refuse, status_of
from fenghuo.web.relay.forms import MOST_BYTES, AsideForm, ReportForm, TakeForm
from fenghuo.web.relay.show import cards, whole
from fenghuo.web.shell.people import account_of, organisation_of, page_number

SIZE = 30


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Everything that arrived, with what became of it; refused ones too."""
    rights.require(account=account_of(request), act="alerts_read")
    found = queries.listing(organisation_of(request), page=page_number(request), size=SIZE)
    context = {
        "cards": cards(found.rows, request),
        "total": found.total,
        "number": found.page,
        "pages": found.pages,
        "feeds": queries.feeds().values(),
        "why_not_take": rights.may(account=account_of(request), act="arrivals"),
    }
    return render(request, "relay/list.html", context)


def new(request: HttpRequest) -> HttpResponse:
    """Take in a file, a pasted text, or what was read out on the telephone."""
    rights.require(account=account_of(request), act="arrivals")
    form = TakeForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            arrival = _taken(form, request)
        except Refused as refused:
            refuse(form, refused)
            status = status_of(refused)
        else:
            if queries.refusal_of(arrival):
                messages.warning(request, gettext("This is kept, but it must not be relayed."))
            return redirect("arrival", arrival.id)
    return render(request, "relay/new.html", {"form": form}, status=422 if form.errors and status == 200 else status)


def _taken(form: TakeForm, request: HttpRequest) -> Arrival:
    typed, by = form.cleaned_data, account_of(request)
    file = typed.pop("file")
    if file is not None:
        return actions.receive(raw=file.read(MOST_BYTES + 1), source="page", by=by)
    return actions.take_down(**typed, source="page", by=by)


def show(request: HttpRequest, id: str) -> HttpResponse:
    """One arrival: what it says, and what may be done with it."""
    rights.require(account=account_of(request), act="alerts_read")
    arrival = queries.arrival(organisation_of(request), id)
    if request.method == "POST":
        return _act(request, arrival)
    return _page(request, arrival)


def _act(request: HttpRequest, arrival: Arrival) -> HttpResponse:
    by, do = account_of(request), request.POST.get("do", "")
    forms: dict[str, Any] = {"report": ReportForm, "dismiss": AsideForm}
    form = forms[do](request.POST) if do in forms else None
    if form is not None and not form.is_valid():
        return _page(request, arrival, **{do: form})
    try:
        if do == "forward":
            alert = actions.forward(arrival=arrival, by=by)
            messages.success(request, gettext("This is the alert that relays it. Look it over and submit it."))
            return redirect("alert-edit", alert.id)
        if do == "see":
            actions.see(arrival=arrival, by=by)
        elif do == "report":
            actions.report(arrival=arrival, by=by, **form.cleaned_data)  # type: ignore[union-attr]
        elif do == "dismiss":
            actions.dismiss(arrival=arrival, by=by, **form.cleaned_data)  # type: ignore[union-attr]
    except Refused as refused:
        if form is None:
            raise
        refuse(form, refused)
        return _page(request, arrival, **{do: form})
    return redirect("desk") if request.POST.get("back") == "desk" else redirect("arrival", arrival.id)


def _page(request: HttpRequest, arrival: Arrival, **forms: Any) -> HttpResponse:
    context = whole(arrival, request) | {
        "report_form": forms.get("report") or ReportForm(),
        "dismiss_form": forms.get("dismiss") or AsideForm(),
    }
    return render(request, "relay/show.html", context, status=422 if forms else 200)


@require_safe
def raw(request: HttpRequest, id: str) -> HttpResponse:
    """The bytes as they came, as a file: never shown inside our pages."""
    rights.require(account=account_of(request), act="alerts_read")
    arrival = queries.arrival(organisation_of(request), id)
    answer = HttpResponse(bytes(arrival.raw), content_type="application/octet-stream")
    end = "xml" if arrival.how in ("cap", "national") else "txt"
    answer.headers["Content-Disposition"] = f'attachment; filename="{arrival.id}.{end}"'
    answer.headers["Content-Security-Policy"] = "sandbox"
    return answer
