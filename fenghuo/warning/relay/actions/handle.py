"""What people do with an arrival: take note, report to the leader, put aside, relay."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from fenghuo.ground import clock
from fenghuo.ground.accounts.models import Account
from fenghuo.ground.journal import actions as journal
from fenghuo.ground.refusal import Refused
from fenghuo.warning.alerts import actions as alerts
from fenghuo.warning.alerts.models import Alert
from fenghuo.warning.relay import queries, rules
from fenghuo.warning.relay.models import Arrival
from fenghuo.warning.relay.rules.filling import kept_after

LONGEST = 500


def see(*, arrival: Arrival, by: Account) -> Arrival:
    """Take note: the alarm ends for everybody. Whoever was first stays written down."""
    rules.require(arrival=arrival, verb="see", account=by)
    with transaction.atomic():
        if Arrival.objects.filter(pk=arrival.pk, seen_at=None).update(seen_at=clock.now(), seen_by=by.person):
            _note(arrival, "see", by)
    return _again(arrival)


def report(*, arrival: Arrival, to: str, how: str, by: Account) -> Arrival:
    """The leader was told: who, and how (phone, in person …). A later report replaces an earlier one; both are in the journal."""
    rules.require(arrival=arrival, verb="report", account=by)
    told = {"to": _line(to, "to"), "how": _line(how, "how")}
    with transaction.atomic():
        Arrival.objects.filter(pk=arrival.pk).update(reported_at=clock.now(), reported_by=by.person, report=told)
        _note(arrival, "report", by, **told)
    return _again(arrival)


def dismiss(*, arrival: Arrival, reason: str, by: Account) -> Arrival:
    """Put aside, with the reason: nothing is relayed."""
    rules.require(arrival=arrival, verb="dismiss", account=by)
    reason = _line(reason, "reason")
    with transaction.atomic():
        _handled(arrival, by, dismissed=reason)
        _note(arrival, "dismiss", by, reason=reason)
    return _again(arrival)


def forward(*, arrival: Arrival, by: Account) -> Alert:
    """The alert that relays it, filled in and ready to be looked over and submitted.

    A warning that refers to one relayed before updates, raises, lowers or lifts that alert. Refused where there is nothing to lift.
    """
    rules.require(arrival=arrival, verb="forward", account=by)
    with transaction.atomic():
        _handled(arrival, by)
        alert = _alert(_again(arrival), by)
        Arrival.objects.filter(pk=arrival.pk).update(alert=alert)
        _note(arrival, "forward", by, alert=alert.pk)
    return alert


def _alert(arrival: Arrival, by: Account) -> Alert:
    content = rules.proposed(arrival, queries.usual_audience(arrival.organisation))
    before = arrival.answers.alert if arrival.answers else None
    told = queries.told_of(arrival)
    if before is not None and before.state == "signed":
        relation = rules.relation_to(told, before)
        try:
            draft = alerts.follow_up(alert=before, relation=relation, by=by)
        except Refused:
            if relation == "lift":
                raise
        else:
            return alerts.edit(alert=draft, version=draft.version, content=kept_after(before, content, relation), by=by)
    if told.msg_type == "Cancel":
        raise Refused(
            "arrival_nothing_to_lift",
            _("This lifts a warning that was not relayed here: put it aside."),
            kind="conflict",
        )
    return alerts.draft(content=content, by=by)


def _handled(arrival: Arrival, by: Account, **more: Any) -> None:
    now = clock.now()
    values = {"handled_at": now, "handled_by": by.person, **more}
    open_ones = Arrival.objects.filter(pk=arrival.pk, handled_at=None)
    if not open_ones.update(**values):
        rules.require(arrival=_again(arrival), verb="dismiss", account=by)
    Arrival.objects.filter(pk=arrival.pk, seen_at=None).update(seen_at=now, seen_by=by.person)


def _again(arrival: Arrival) -> Arrival:
    return queries.arrival(arrival.organisation, arrival.pk)


def _line(text: str, field: str) -> str:
    text = " ".join(text.split())
    if not text:
        raise Refused("missing", _("it is missing"), field=field)
    return text[:LONGEST]


def _note(arrival: Arrival, verb: str, by: Account, **detail: Any) -> None:
    journal.record(
        act=f"arrival.{verb}", by=by.actor(), organisation=arrival.organisation_id, subject=arrival.pk, detail=detail
    )
