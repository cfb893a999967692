"""The gateway accounts (网关账号): state, use, link tests. Their settings live in fenghuo.toml."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_POST, require_safe

from fenghuo.delivery.ledger import queries as ledger
from fenghuo.delivery.watch import actions as watching
from fenghuo.delivery.watch import queries as watch
from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.refusal import Refused, RefusedMany
from fenghuo.readiness.contacts import queries as contacts
from fenghuo.warning.linktests import actions, queries, rules
from fenghuo.web import delivery_words
from fenghuo.web.forms import refuse, status_of
from fenghuo.web.gateways import show as showing
from fenghuo.web.gateways.forms import DutyGroupForm
from fenghuo.web.shell.people import account_of, organisation_of
from fenghuo.web.unmatched import show as unmatched


def listing(request: HttpRequest) -> HttpResponse:
    """All accounts; `?part` is the moving part alone. POST decides who receives the monthly test."""
    rights.require(account=account_of(request), act="gateways_read")
    if request.method == "POST":
        return _decide(request)
    return _listing(request)


def _listing(request: HttpRequest, form: DutyGroupForm | None = None, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "cards": showing.cards(),
        "alarms": showing.alarms(request),
        "wrong": showing.wrong_tables(),
        "max_in_doubt": ledger.max_in_doubt(),
        "unmatched": unmatched.new(organisation_of(request)),
        "most_unmatched": unmatched.MOST_NEW,
    }
    if "part" in request.GET:
        return render(request, "gateways/_list.html", context)
    return render(request, "gateways/list.html", context | _tests(request, form), status=status)


def _tests(request: HttpRequest, form: DutyGroupForm | None) -> dict[str, Any]:
    """The monthly test: to whom, since whose decision, and how the last ones went."""
    account, organisation = account_of(request), organisation_of(request)
    waiting = queries.proposed(organisation)
    why_not = rules.may_propose(account=account)
    chosen = queries.chosen()
    own = chosen is not None and chosen.organisation_id == organisation.pk
    return {
        "night_at": settings.FENGHUO.link_test_at,
        "sms_day": settings.FENGHUO.sms_test_day,
        "sms_at": settings.FENGHUO.sms_test_at,
        "chosen": chosen,
        "own": own,
        "sent": [_sent(one) for one in queries.sms_tests(organisation)],
        "proposed": waiting,
        "form": form or (None if why_not or waiting else _form(request)),
        "why_not_decide": rules.may_decide(account=account, proposal=waiting) if waiting else None,
        "may_take_back": waiting is not None and waiting.proposed_by_id == account.person_id,
        "may_end": own and rules.may_end(account=account) is None,
    }


def _form(request: HttpRequest, *data: Any) -> DutyGroupForm:
    return DutyGroupForm(*data, groups=contacts.groups(organisation_of(request)))


def _sent(one: queries.Sent) -> dict[str, Any]:
    lane = delivery_words.lane("release", one.progress, stopped=False) if one.progress else None
    return {"test": one.test, "lane": lane}


def _decide(request: HttpRequest) -> HttpResponse:
    account, do = account_of(request), request.POST.get("do", "")
    if do == "propose":
        refused = rules.may_propose(account=account)
        if refused is not None:
            raise refused
        form = _form(request, request.POST)
        if not form.is_valid():
            return _listing(request, form, 422)
        try:
            actions.propose(group=form.cleaned_data["group"], by=account)
        except (Refused, RefusedMany) as wrong:
            refuse(form, wrong)
            return _listing(request, form, status_of(wrong))
        messages.success(request, gettext("Proposed. Another administrator must approve before anything is sent."))
    elif do in ("approve", "reject"):
        waiting = queries.proposal(organisation_of(request), request.POST.get("proposal", ""))
        if waiting is None:
            raise Refused("missing", gettext_noop("There is no such thing here."), kind="missing")
        actions.decide(proposal=waiting, approve=do == "approve", by=account)
        messages.success(request, gettext("Saved."))
    elif do == "end":
        actions.end(by=account)
        messages.success(request, gettext("No monthly test is sent any more."))
    else:
        raise Refused("unknown_act", gettext_noop("This page does not know that act."))
    return redirect("gateways")


@require_safe
def show(request: HttpRequest, name: str) -> HttpResponse:
    """One account, its last hour, its nights and its alarms; `?part` is the moving part alone."""
    rights.require(account=account_of(request), act="gateways_read")
    found = next((one for one in showing.cards() if one["health"].name == name), None)
    if found is None:
        raise Refused("missing", gettext_noop("There is no such thing here."), kind="missing")
    context: dict[str, Any] = {"one": found, "alarms": showing.alarms(request)}
    if "part" in request.GET:
        return render(request, "gateways/_account.html", context)
    context |= {
        "nights": [showing.test(one) for one in found["gauge"].tests],
        "past": [
            {"it": one, "state": delivery_words.gateway_state(one.state), "error": _error(one.error)}
            for one in watch.alarms_of(name)
        ],
        "settings": _settings(name),
    }
    return render(request, "gateways/show.html", context)


def _error(code: str) -> str:
    return delivery_words.gateway_error(code) if code else ""


def _settings(name: str) -> list[tuple[str, str]]:
    """What fenghuo.toml says of an account, without what a stranger need not know: where the secret lies."""
    account = next(one for one in settings.FENGHUO.gateway if one.name == name)
    shown = account.model_dump(
        mode="json", exclude={one for one in type(account).model_fields if one.endswith("_file")}
    )
    return [(key, _written(value)) for key, value in shown.items()]


def _written(value: Any) -> str:
    """As the file writes it."""
    if isinstance(value, dict):
        return "; ".join(f"{key} = {_written(it)}" for key, it in value.items() if not key.endswith("_file"))
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


@require_POST
def note(request: HttpRequest) -> HttpResponse:
    """Taken note: it rings no more, for the organisation (an alarm) or for this person (a pause)."""
    watching.note(what=request.POST.get("what", ""), by=account_of(request))
    return redirect("gateways" if request.POST.get("back") == "gateways" else "desk")
