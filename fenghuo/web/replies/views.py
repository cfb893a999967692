"""Replies (来信): every message that a phone sent to this organisation, and what became of a leader's answer."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, gettext_noop

from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.accounts.models import Organisation
from fenghuo.readiness.contacts import queries as contacts
from fenghuo.warning.alerts import queries
from fenghuo.warning.alerts.models import Alert, Reply
from fenghuo.web.shell.people import account_of, organisation_of, page_number

OUTCOMES = {
    "part": gettext_noop("part of a long message; the rest has not come"),
    "kept": "",
    "approved": gettext_noop("approved"),
    "refused": gettext_noop("refused; returned with this reason"),
    "late": gettext_noop("no approval: it came too late"),
    "changed": gettext_noop("no approval: the text had changed since"),
    "answered": gettext_noop("no approval: answered before"),
    "void": gettext_noop("no approval: the question was void"),
    "wrong_code": gettext_noop("no approval: the code is not right"),
    "several": gettext_noop("no approval: several questions are open and no code was given"),
    "other_number": gettext_noop("no approval: a right code from another number"),
    "not_possible": gettext_noop("no approval: this step was not possible any more"),
    "unclear": gettext_noop("no approval: the answer is not clear"),
}


def replies(request: HttpRequest) -> HttpResponse:
    """Newest first. Numbers are masked; of an unknown sender whoever may see full numbers sees all of it, to call back."""
    account = account_of(request)
    rights.require(account=account, act="replies_read")
    full = rights.right_of(account=account, act="contacts_view") == "may"
    organisation = organisation_of(request)
    strangers = request.GET.get("from") == "unknown"
    found = queries.replies(organisation, strangers=strangers, page=page_number(request))
    rows = [_row(one, full, organisation) for one in found.rows]
    pages = found.pages
    query = "from=unknown&" if strangers else ""
    context = {"rows": rows, "found": found, "pages": pages, "strangers": strangers, "query": query}
    return render(request, "replies/replies.html", context)


def _own_alert(reply: Reply, organisation: Organisation) -> Alert | None:
    """What it answers, where that is this organisation's: a leader may serve two."""
    alert = reply.request.alert if reply.request else None
    return alert if alert and alert.organisation_id == organisation.pk else None


def _row(one: queries.Written, full: bool, organisation: Organisation) -> dict[str, Any]:
    reply = one.reply
    masked = contacts.mask(reply.number) if reply.number else f"{reply.address[:3]}…"
    shown = reply.address if full and not one.sender else masked
    label = OUTCOMES.get(reply.why or reply.outcome, "")
    tone = {"approved": "good", "refused": "warn", "rejected": "bad"}.get(reply.outcome, "move")
    return {
        "reply": reply,
        "sender": one.sender,
        "number": shown,
        "outcome": gettext(label) if label else "",
        "tone": tone,
        "alert": _own_alert(reply, organisation),
    }
