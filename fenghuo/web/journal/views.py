"""The journal (审计日志): every act, oldest hash to newest; auditors read all of it, others their own part."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.accounts.models import Organisation, Person
from fenghuo.ground.journal import queries
from fenghuo.ground.journal.models import JournalEntry
from fenghuo.readiness.contacts.models import Group
from fenghuo.warning.alerts.models import Alert
from fenghuo.web import words
from fenghuo.web.acts import ACTS
from fenghuo.web.shell.people import account_of, organisation_of

SIZE = 50
WHOLE = {"may", "organisation"}


def journal(request: HttpRequest) -> HttpResponse:
    """Newest first, fifty at a time, paged by sequence number so that no page counts the whole chain."""
    return _page(request, None)


@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Walk the whole chain now."""
    rights.require(account=account_of(request), act="journal_read")
    return _page(request, queries.verify())


def _page(request: HttpRequest, verdict: queries.Verdict | None) -> HttpResponse:
    account = account_of(request)
    rights.require(account=account, act="journal_read")
    whole = rights.right_of(account=account, act="journal_read") in WHOLE
    act, subject, before = (
        request.GET.get("act", ""),
        request.GET.get("subject", "").strip(),
        request.GET.get("before", ""),
    )
    found = queries.entries(organisation_of(request).id, act=act or None, subject=subject or None)
    if not whole:
        found = found.filter(actor__person=account.person_id)
    if before.isdecimal() and len(before) < 19:
        found = found.filter(seq__lt=int(before))
    rows = list(found.order_by("-seq")[: SIZE + 1])
    names = _names(rows[:SIZE])
    context: dict[str, Any] = {
        "rows": [_row(one, names) for one in rows[:SIZE]],
        "more": rows[SIZE - 1].seq if len(rows) > SIZE else None,
        "whole": whole,
        "act": act,
        "acts": ACTS,
        "subject": subject,
        "verdict": verdict,
    }
    return render(request, "journal/journal.html", context)


def _names(entries: list[JournalEntry]) -> dict[str, str]:
    """What the subjects are called now: an alert's title, a person's or a group's name. What is gone has no name."""
    subjects = {one.subject for one in entries if one.subject}
    tables = ((Alert, "headline"), (Person, "name"), (Group, "name"), (Organisation, "name"))
    found = [table.objects.filter(pk__in=subjects).values_list("pk", name) for table, name in tables]
    return {pk: name for rows in found for pk, name in rows}


def _row(entry: JournalEntry, names: dict[str, str]) -> dict[str, Any]:
    detail = json.dumps(entry.detail, ensure_ascii=False, sort_keys=True, indent=1) if entry.detail else ""
    subject = names.get(entry.subject) or str(entry.detail.get("name") or "")
    return {"entry": entry, "who": _who(entry.actor), "subject": subject, "detail": detail}


def _who(actor: dict[str, Any]) -> str:
    return str(actor.get("name") or words.system())
