"""The operation log (运行工作日志) of one day: written by the system itself, printed in the town's form."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from fenghuo.ground import clock
from fenghuo.ground.accounts import rules as rights
from fenghuo.warning.alerts import queries
from fenghuo.web.operationlog import form
from fenghuo.web.shell.people import account_of, organisation_of


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
    day, _ = _day(request)
    sheet = form.sheet(organisation.name, day, queries.operation_log(organisation, day=day), clock.now())
    response = HttpResponse(sheet, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="operation-log-{day.isoformat()}.pdf"'
    return response


def _day(request: HttpRequest) -> tuple[date, bool]:
    today = timezone.localtime(clock.now()).date()
    text = request.GET.get("day", "")
    try:
        return (date.fromisoformat(text), False) if text else (today, False)
    except ValueError:
        return today, True
