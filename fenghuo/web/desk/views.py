"""The duty desk (工作台): what waits for me, what is running, how the gateways are, who is in doubt. It moves by itself."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from fenghuo.delivery.ledger import queries as ledger
from fenghuo.delivery.watch import queries as watch
from fenghuo.ground import clock
from fenghuo.ground.accounts import queries as accounts
from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.accounts.models import Account, Organisation
from fenghuo.ground.upkeep import queries as upkeep
from fenghuo.ground.upkeep.models import Chore
from fenghuo.readiness.contacts import queries as contacts
from fenghuo.warning.alerts import queries
from fenghuo.web import delivery_words
from fenghuo.web.alerts.succession import buttons
from fenghuo.web.doubtful import subjects
from fenghuo.web.gateways.show import alarms
from fenghuo.web.lanes import correction_lane
from fenghuo.web.relay.show import waiting
from fenghuo.web.shell.people import account_of, organisation_of
from fenghuo.web.unmatched import show as unmatched

ADMINISTRATORS = {"system_admin", "security_admin"}


def desk(request: HttpRequest) -> HttpResponse:
    """One screen for whoever is signed in; `?part` is the moving part alone."""
    account, organisation = account_of(request), organisation_of(request)
    reads = rights.may(account=account, act="alerts_read") is None
    reads_line = rights.may(account=account, act="gateways_read") is None
    context: dict[str, Any] = {
        "reads": reads,
        "may_draft": rights.may(account=account, act="draft") is None,
        "arrivals": waiting(request) if reads else [],
        "waiting": queries.waiting_for(account) if reads else [],
        "running": _running_now(request, organisation) if reads else [],
        "urgent": queries.open_urgent(account) if reads else [],
        "gateways": [_gateway(one, reads_line) for one in ledger.gateways()],
        "why_not_pause": rights.may(account=account, act="pause"),
        "why_not_resume": rights.may(account=account, act="resume"),
        "reads_gateways": reads_line,
        "unmatched": unmatched.new(organisation) if reads_line else 0,
        "most_unmatched": unmatched.MOST_NEW,
        "alarms": alarms(request),
        **_brake(account, organisation),
        **_upkeep(),
    }
    if accounts.posts_of(account) & ADMINISTRATORS and not accounts.provisioned_above(organisation):
        context |= {
            "administers": True,
            "post_proposals": [
                (one, rights.may_approve(proposal=one, account=account)) for one in accounts.proposals(organisation)
            ],
            "organisation_proposals": [
                (one, rights.may_decide(proposal=one, account=account))
                for one in accounts.organisation_proposals(organisation)
            ],
        }
    if reads:
        context["doubts"] = sum(one.n for one in subjects(organisation))
    context["stale"] = contacts.stale_for(account)
    return render(request, "desk/_desk.html" if "part" in request.GET else "desk/desk.html", context)


def _upkeep() -> dict[str, Any]:
    """What would be lost with this machine, and whether it can be trusted at all."""
    integrity = upkeep.found(Chore.INTEGRITY)
    return {
        "now": clock.now(),
        "backup": upkeep.backup(),
        "drill": upkeep.found(Chore.DRILL),
        "damaged": None if integrity.ok else integrity,
    }


def _brake(account: Account, organisation: Organisation) -> dict[str, Any]:
    """A pause rings for everybody it concerns, until each has taken note; whoever pulled the brake knows of it."""
    paused = queries.paused(organisation)
    if paused is None:
        return {"paused": None}
    key = watch.pause_key(paused.seq)
    rings = paused.by.get("account") != account.pk and not watch.has_noted(key, account)
    return {"paused": paused, "pause_key": key, "pause_rings": rings}


def _running_now(request: HttpRequest, organisation: Organisation) -> list[dict[str, Any]]:
    found = queries.running(organisation)
    able = buttons(request, [one.alert for one in found if one.fate == "live"])
    return [
        _running(one) | {"buttons": [it for it in able.get(one.alert.pk, []) if not it["why"] or it["draft"]]}
        for one in found
    ]


def _running(one: queries.Running) -> dict[str, Any]:
    # A broadcast that the ledger does not know cannot be: it was frozen before the release named it.
    own = one.progress or ledger.Progress(0)
    lane = delivery_words.lane("release", own, stopped=one.recalled)
    if one.corrected:
        lane = correction_lane(own, one.correction_progress)
    return {"alert": one.alert, "release": one.release, "lane": lane, "fate": one.fate}


def _gateway(one: ledger.GatewayHealth, reads_line: bool) -> dict[str, Any]:
    return {
        "health": one,
        "linked": reads_line and one.last_error != "settings",
        "state": delivery_words.gateway_state(one.state),
        "error": delivery_words.gateway_error(one.last_error),
    }
