"""The operation log (运行工作日志) of one day: written by the system itself, printed in the town's form."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_noop

from fenghuo.ground import clock
from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.refusal import Refused
from fenghuo.warning.alerts import queries
from fenghuo.web.operationlog import form
from fenghuo.web.shell.people import account_of, organisation_of

FIRST_YEAR, LAST_YEAR = 2000, 2100


def page(request: HttpRequest) -> HttpResponse:
    """The lines of `?day=` (today when it is missing or is no date)."""
    rights.require(account=account_of(request), act="alerts_read")
    day, refused = _day(request)
    lines = queries.operation_log(organisation_of(request), day=day)
    context: dict[str, Any] = {
        "day": day,
        "lines": lines,
        "refused": refused,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
    }
    return render(request, "operationlog/page.html", context, status=422 if refused else 200)


def pdf(request: HttpRequest) -> HttpResponse:
    """The same as an A4 sheet."""
    rights.require(account=account_of(request), act="alerts_read")
    organisation = organisation_of(request)
    day, refused = _day(request)
    if refused:
        raise Refused("no_such_day", gettext_noop("There is no such day; write it like 2026-07-01."), field="day")
    sheet = form.sheet(organisation.name, day, queries.operation_log(organisation, day=day), clock.now())
    response = HttpResponse(sheet, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="operation-log-{day.isoformat()}.pdf"'
    return response


def _day(request: HttpRequest) -> tuple[date, bool]:
    today = timezone.localtime(clock.now()).date()
    text = request.GET.get("day", "")
    try:
        day = date.fromisoformat(text) if text else today
    except ValueError:
        return today, True
    # A day needs a day before and after it, in every time zone.
    return (day, False) if FIRST_YEAR <= day.year <= LAST_YEAR else (today, True)
