"""A gateway account in words and meters; what is wrong with the line and still rings."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext, gettext_noop

from fenghuo.delivery.ledger import queries as ledger
from fenghuo.delivery.watch import queries as watch
from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.refusal import Said
from fenghuo.web import delivery_words
from fenghuo.web.gateways.chart import chart
from fenghuo.web.shell.people import account_of

LANES = (
    gettext_noop("Corrections"),
    gettext_noop("Red"),
    gettext_noop("Orange"),
    gettext_noop("Yellow"),
    gettext_noop("Blue"),
    gettext_noop("Notices"),
)
TESTS = {"heartbeat": gettext_noop("heartbeat"), "login": gettext_noop("login")}
FULL = 0.9  # of the quota: worth a colour


def cards() -> list[dict[str, Any]]:
    """Every account that is served, with its meters; the number of queries does not grow with theirs."""
    meters = {one.account: one for one in ledger.gauges()}
    return [card(one, meters[one.name]) for one in ledger.gateways() if one.name in meters]


def card(health: ledger.GatewayHealth, gauge: ledger.Gauge) -> dict[str, Any]:
    """One account."""
    newest = gauge.tests[0] if gauge.tests else None
    return {
        "health": health,
        "gauge": gauge,
        "state": delivery_words.gateway_state(health.state),
        "error": delivery_words.gateway_error(health.last_error) if health.last_error else "",
        "next": delivery_words.gateway_next(health.state),
        "now": _percent(gauge.now) if health.state in ("bound", "throttled") else None,
        "hour": _percent(gauge.hour),
        "waiting": [{"lane": gettext(LANES[min(one.lane, 5)]), "it": one} for one in gauge.waiting],
        "quota": _quota(gauge),
        "test": test(newest) if newest else None,
        "chart": chart(gauge.minutes, gauge.rate),
    }


def test(one: ledger.Test) -> dict[str, Any]:
    """A night's link test."""
    return {
        "it": one,
        "kind": gettext(TESTS.get(one.kind, one.kind)),
        "error": delivery_words.gateway_error(one.error) if one.error else "",
    }


def _percent(share: float | None) -> int | None:
    return None if share is None else round(share * 100)


def _quota(gauge: ledger.Gauge) -> dict[str, Any] | None:
    if not gauge.quota:
        return None
    taken = gauge.month + gauge.backlog
    return {
        "taken": taken,
        "shown": min(taken, gauge.quota),
        "left": max(0, gauge.quota - taken),
        "over": max(0, taken - gauge.quota),
        "tight": taken >= gauge.quota * FULL,
    }


def wrong_tables() -> list[dict[str, Any]]:
    """The `[[gateway]]` tables of the settings that are not served, each with its faults."""
    return [
        {
            "number": one.number,
            "name": one.name,
            "faults": [(fault.line, fault.key, Said(fault.zh, fault.en)) for fault in one.faults],
        }
        for one in settings.FENGHUO.wrong_gateways
    ]


def alarms(request: HttpRequest) -> list[dict[str, Any]]:
    """What is wrong with the line, as this person sees it: `rings` until somebody of the organisation has taken note."""
    account = account_of(request)
    why_not = rights.may(account=account, act="gateways_note")
    reads = rights.may(account=account, act="gateways_read") is None
    served = {one.name for one in settings.FENGHUO.gateway} if reads else set()
    return [
        {
            "it": one,
            "linked": one.alarm.account in served,
            "key": watch.alarm_key(one.alarm),
            "state": delivery_words.gateway_state(one.alarm.state),
            "error": delivery_words.gateway_error(one.alarm.error) if one.alarm.error else "",
            "rings": not one.noted and why_not is None,
            "why_not_note": why_not,
        }
        for one in watch.ringing(account)
    ]
