"""Watching the accounts: an alarm begins, rings, and ends by itself; people take note of what rings."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop as _

from fenghuo.delivery.ledger import queries as ledger
from fenghuo.delivery.watch import queries, rules
from fenghuo.delivery.watch.models import Alarm, Noted
from fenghuo.ground import clock
from fenghuo.ground.accounts import queries as people
from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.accounts.models import Account, Organisation
from fenghuo.ground.journal import actions as journal
from fenghuo.ground.journal.models import JournalEntry
from fenghuo.ground.refusal import Refused

NIGHTS = 3  # how far back a link test is looked for that nobody has journalled yet


def watch(*, awake: float = rules.AWAKE) -> None:
    """Compare the accounts with the alarms; several workers may do so at once, each step happens once.

    `awake`: for how many seconds the caller has been watching. Two reads when all is well.
    Everything is found from what is kept: a worker that was restarted goes on where it was.
    """
    now = clock.now()
    healths = {one.name: one for one in ledger.gateways()}
    alarms = {one.account: one for one in Alarm.objects.filter(ended_at=None)}
    for name, one in healths.items():
        alarm = alarms.get(name)
        if alarm is None:
            if not rules.well(one):
                _begin(one, "state", one.last_error, now)
        elif rules.well(one):
            _recover(alarm, now)
        elif alarm.kind == "link_test":
            _end(alarm, now)  # what is wrong now is more than a test of last night
        else:
            _persist(alarm, one, now, starting=one.last_error == "no_sender" and awake < rules.AWAKE)
    for name, alarm in alarms.items():
        if name not in healths:
            _end(alarm, now)  # it is no account of the settings any more


def _house() -> str:
    """Whose journal shows what is everybody's: the organisation above all others here, "" where none is."""
    top = min(Organisation.objects.filter(closed_at=None), key=lambda one: len(one.area_id), default=None)
    return top.pk if top is not None and people.above_all(top) else ""


def _begin(one: ledger.GatewayHealth, kind: str, error: str, now: datetime) -> Alarm | None:
    try:
        with transaction.atomic():
            return Alarm.objects.create(account=one.name, kind=kind, state=one.state, error=error, began_at=now)
    except IntegrityError:
        return None  # another worker saw it at the same moment


def _persist(alarm: Alarm, one: ledger.GatewayHealth, now: datetime, *, starting: bool) -> None:
    """Still, or again, not well: when that has lasted, it rings."""
    said = {"state": one.state, "error": one.last_error}
    if alarm.well_at is not None or (alarm.state, alarm.error) != (one.state, one.last_error):
        Alarm.objects.filter(pk=alarm.pk, ended_at=None).update(well_at=None, **said)
    if alarm.rang_at is None and not starting and now - alarm.began_at >= rules.grace(one):
        _ring(alarm, now, **said)


def _ring(alarm: Alarm, now: datetime, **said: Any) -> None:
    with transaction.atomic():
        if Alarm.objects.filter(pk=alarm.pk, rang_at=None, ended_at=None).update(rang_at=now):
            detail = {"kind": alarm.kind, "since": alarm.began_at.isoformat(), **said}
            journal.record(act="gateway.alarm", by=None, organisation=_house(), subject=alarm.account, detail=detail)


def _recover(alarm: Alarm, now: datetime) -> None:
    """Well again: over when that has lasted, so that a line which comes and goes is one alarm."""
    if alarm.kind == "link_test" and not Noted.objects.filter(what=queries.alarm_key(alarm)).exists():
        return  # at night nobody may have heard it: it stays until somebody has
    if alarm.well_at is None:
        Alarm.objects.filter(pk=alarm.pk, ended_at=None).update(well_at=now)
    elif now - alarm.well_at >= rules.STEADY:
        _end(alarm, now)
    elif alarm.well_at > now:  # the clock was set back
        Alarm.objects.filter(pk=alarm.pk, ended_at=None).update(well_at=now)


def _end(alarm: Alarm, now: datetime) -> None:
    with transaction.atomic():
        still = Alarm.objects.filter(pk=alarm.pk, ended_at=None)
        if alarm.rang_at is None:
            still.filter(rang_at=None).delete()  # it was too short to be told
        elif still.update(ended_at=now):
            seconds = max(0, round((now - alarm.began_at).total_seconds()))
            detail = {"kind": alarm.kind, "seconds": seconds}
            journal.record(act="gateway.well", by=None, organisation=_house(), subject=alarm.account, detail=detail)


def record_link_tests() -> int:
    """Journal what the nightly tests found, once each; one that failed rings. Returns how many were new."""
    tests = ledger.link_tests(NIGHTS)
    if not tests:
        return 0
    known = set(JournalEntry.objects.filter(once__in=[_key(one) for one in tests]).values_list("once", flat=True))
    new = [one for one in reversed(tests) if _key(one) not in known]
    house = _house() if new else ""
    for one in new:
        with transaction.atomic():
            detail = {"day": one.day, "at": one.at.isoformat(), "kind": one.kind, "ok": one.ok, "ms": one.ms}
            journal.record(
                act="gateway.link_test", by=None, organisation=house, subject=one.account,
                detail=detail | ({"error": one.error} if one.error else {}), once=_key(one),
            )  # fmt: skip
    for name in {one.account: one for one in new if not one.ok}:
        _alarm_of_test(name)
    return len(new)


def _key(one: ledger.Test) -> str:
    return f"link_test/{one.account}/{one.day}"


def _alarm_of_test(account: str) -> None:
    """A failed test rings at once; an alarm that is open already says the same."""
    one = next((it for it in ledger.gateways() if it.name == account), None)
    error = next((it.error for it in ledger.link_tests(NIGHTS) if it.account == account and not it.ok), "")
    if one is None:
        return
    now = clock.now()
    alarm = _begin(one, "link_test", error, now)
    if alarm is not None:
        _ring(alarm, now, state=one.state, error=error)


def note(*, what: str, by: Account) -> None:
    """Take note of what rings: an alarm is then silent for the whole organisation, a pause for this person alone."""
    kind, _colon, id = what.partition(":")
    if kind == "alarm":
        rights.require(account=by, act="gateways_note")
        known = people.is_id(id) and Alarm.objects.filter(pk=id).exists()
    else:
        known = kind == "pause" and id.isascii() and id.isdecimal() and len(id) < 19
    if not known:
        raise Refused("nothing_rings", _("This is not ringing any more."), kind="missing")
    _take(what, f"gateway.{kind}_noted" if kind == "alarm" else "sending.pause_noted", by)


def saw_unmatched(*, up_to: int, by: Account) -> None:
    """Somebody has looked through what belongs to nothing, up to this id: for the organisation it is new no more."""
    rights.require(account=by, act="gateways_note")
    newest = ledger.unmatched(limit=1)
    if up_to <= 0 or not newest:
        raise Refused("nothing_new", _("There is nothing new here."), kind="conflict")
    # What has not come yet cannot have been seen.
    _take(queries.unmatched_key(min(up_to, newest[0].id)), "gateway.unmatched_seen", by)


def _take(what: str, act: str, by: Account) -> None:
    organisation = people.organisation_of(by)
    if queries.has_noted(what, by):
        return
    try:
        with transaction.atomic():
            Noted.objects.create(what=what, organisation=organisation, account=by, at=clock.now())
            journal.record(act=act, by=by.actor(), organisation=organisation.pk, subject=what)
    except IntegrityError:
        return  # the same press, twice
