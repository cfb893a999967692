"""The operation log (运行工作日志): written by the system itself, one day or several, printed in the town's form."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_noop

from fenghuo.ground import clock
from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.journal import queries as journal
from fenghuo.ground.refusal import Refused
from fenghuo.warning.alerts import queries
from fenghuo.web.papers import operation_log as paper
from fenghuo.web.papers.answer import pdf as answer
from fenghuo.web.shell.people import account_of, organisation_of

FIRST_YEAR, LAST_YEAR = 2000, 2100
MOST_DAYS = 92  # a quarter: what is filed together


def page(request: HttpRequest) -> HttpResponse:
    """The lines of `?day=` (today when it is missing or is no date), or of the days from there to `?until=`."""
    rights.require(account=account_of(request), act="alerts_read")
    day, until, refused = _days(request)
    lines = queries.operation_log(organisation_of(request), day=day, until=until)
    context: dict[str, Any] = {
        "day": day,
        "until": until,
        "lines": lines,
        "refused": refused,
        "head": journal.last_signed_head(*paper.whole_days(day, until)),
        "most": MOST_DAYS,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
    }
    return render(request, "operationlog/page.html", context, status=422 if refused else 200)


def pdf(request: HttpRequest) -> HttpResponse:
    """The same as an A4 sheet."""
    rights.require(account=account_of(request), act="alerts_read")
    day, until, refused = _days(request)
    if refused:
        raise Refused("no_such_day", gettext_noop("There is no such day; write it like 2026-07-01."), field=refused)
    name = day.isoformat() if day == until else f"{day.isoformat()}-{until.isoformat()}"
    return answer(paper.of_days(organisation_of(request), day, until), f"operation-log-{name}")


def _days(request: HttpRequest) -> tuple[date, date, str]:
    """(first, last, which of the two was no day or one too many: "day", "until" or "")."""
    today = timezone.localtime(clock.now()).date()
    day = _day(request.GET.get("day", ""), today)
    if day is None:
        return today, today, "day"
    until = _day(request.GET.get("until", ""), day)
    if until is None or not day <= until < day + timedelta(days=MOST_DAYS):
        return day, day, "until"
    return day, until, ""


def _day(text: str, default: date) -> date | None:
    try:
        day = date.fromisoformat(text) if text else default
    except ValueError:
        return None
    # A day needs a day before and after it, in every time zone.
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None
