"""What follows an urgent release by itself: its leaders are told by SMS, and its clocks are kept and journalled.

Found again from the rows at each tick: a worker that died half-way tells whoever was not told yet.
"""

from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from fenghuo.ground import clock
from fenghuo.ground.accounts import queries as accounts
from fenghuo.ground.accounts.models import Person
from fenghuo.ground.journal import actions as journal
from fenghuo.ground.refusal import Refused
from fenghuo.warning.alerts.actions import service
from fenghuo.warning.alerts.actions.ask import called
from fenghuo.warning.alerts.models import ServiceText, Urgent

CLOCKS = {"urgent_unconfirmed": ("unconfirmed_at", "confirm_by"), "urgent_unreviewed": ("unreviewed_at", "review_by")}
log = structlog.get_logger(__name__)


def keep_clocks() -> int:
    """Journal, once each, what was not confirmed or not reviewed in time, and tell leaders not yet told; returns how many lines."""
    for urgent in Urgent.objects.filter(told_at=None).select_related("alert__organisation__area", "signer_person"):
        tell_leaders(urgent)
    now = clock.now()
    late = Urgent.objects.filter(reviewed_at=None)
    unconfirmed = late.filter(confirmed_at=None, unconfirmed_at=None, confirm_by__lte=now)
    unreviewed = late.filter(unreviewed_at=None, review_by__lte=now)
    marked = sum(_overdue(one, "urgent_unconfirmed") for one in unconfirmed)
    return marked + sum(_overdue(one, "urgent_unreviewed") for one in unreviewed)


def tell_leaders(urgent: Urgent) -> None:
    """One SMS to every leader but the signer who has a number; who has none is named in the journal."""
    leaders = [one.person for one in accounts.holders(urgent.organisation, "leader")]
    asked = [one for one in leaders if one.pk != urgent.signer_person_id]
    told = set(ServiceText.objects.filter(alert=urgent.alert, purpose="urgent").values_list("person_id", flat=True))
    missed = [leader.name for leader in asked if leader.pk not in told and not _tell(urgent, leader)]
    with transaction.atomic():
        if not Urgent.objects.filter(pk=urgent.pk, told_at=None).update(told_at=clock.now()):
            return
        mark(urgent, "urgent_told", {"leaders": [one.name for one in asked], "not_told": missed})


def _tell(urgent: Urgent, leader: Person) -> bool:
    """False for somebody who cannot be told by SMS."""
    address = service.mobile(leader)
    if address is None:
        return False
    try:
        prepared = service.prepare(
            organisation=urgent.organisation,
            address=address,
            words=lambda longest: _notice(urgent, longest),
            expires_at=urgent.review_by,
        )
    except Refused as refused:
        log.warning("leader_not_told", alert=urgent.alert_id, reason=refused.code)
        return False
    with transaction.atomic():
        # Two workers at once: the row of the release makes them stand in line.
        Urgent.objects.select_for_update().get(pk=urgent.pk)
        if ServiceText.objects.filter(alert=urgent.alert, person=leader, purpose="urgent").exists():
            return True
        service.send(
            prepared=prepared,
            organisation=urgent.organisation,
            alert=urgent.alert,
            person=leader,
            purpose="urgent",
            by=None,
        )
    return True


def _notice(urgent: Urgent, longest: int) -> str:
    at, until = (f"{timezone.localtime(one):%H:%M}" for one in (urgent.at, urgent.confirm_by))
    who, count = service.plain(urgent.signer_person.name), urgent.alert.audience_count
    return (
        f"{who}于{at}紧急发布{called(urgent.alert, longest)}，发给{count}人。"
        f"须由另一人在{until}前与签发人通话并在系统中核实，逾期将标为待核实。"
    )


def _overdue(urgent: Urgent, act: str) -> bool:
    column, due = CLOCKS[act]
    with transaction.atomic():
        if not Urgent.objects.filter(pk=urgent.pk, **{column: None}).update(**{column: clock.now()}):
            return False
        mark(urgent, act, {"due": getattr(urgent, due).isoformat(), "signer": urgent.signer_person_id})
    return True


def mark(urgent: Urgent, act: str, detail: dict[str, Any]) -> None:
    """A line of the journal about an urgent release, by the system itself."""
    journal.record(
        act=f"alert.{act}", by=None, organisation=urgent.organisation_id, subject=urgent.alert_id, detail=detail
    )
