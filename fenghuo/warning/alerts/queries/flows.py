"""What the flows show: urgent releases that are not closed, questions asked by SMS, and what phones wrote back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from fenghuo.delivery.ledger import queries as ledger
from fenghuo.ground import clock
from fenghuo.ground.accounts import queries as accounts
from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.accounts.models import Account, Organisation, Person
from fenghuo.ground.paging import Page
from fenghuo.readiness.contacts.queries import whose
from fenghuo.warning.alerts.models import Alert, ApprovalRequest, Reply, Urgent
from fenghuo.warning.templates import queries as templates
from fenghuo.warning.templates import rules as fitness
from fenghuo.warning.templates.models import TemplateVersion

PARTS_WITHIN = timedelta(minutes=10)  # then parts of a long reply are shown although it is not whole
MOST_OPEN = 50


@dataclass(frozen=True)
class UrgentNow:
    """An urgent release as it stands now. `may`: the verbs that are this person's; `seconds_left` until it must be confirmed."""

    alert: Alert
    urgent: Urgent
    seconds_left: int
    unverified: bool  # 待核实: nobody confirmed it in time
    overdue: bool  # nobody reviewed it in time
    may: tuple[str, ...] = ()

    @property
    def closed(self) -> bool:
        """Another person's written review closes it."""
        return self.urgent.reviewed_at is not None


@dataclass(frozen=True)
class Asked:
    """A question to a leader by SMS: open, answered, void or too late; `delivered` says what became of the SMS itself."""

    request: ApprovalRequest
    open: bool
    sent: str  # waiting, sent, delivered, failed


@dataclass(frozen=True)
class Written:
    """A message from a phone as its readers see it; `sender` is empty for a number that nobody here knows."""

    reply: Reply
    sender: str
    whole: bool


def urgent_templates(organisation: Organisation) -> list[TemplateVersion]:
    """What may be released urgently: the organisation's own approved life-safety templates of the levels its profile names."""
    levels = accounts.profile_of(organisation).urgent.levels.value
    return [
        one
        for one in templates.usable(organisation)
        if fitness.fit_for_urgent(version=one, organisation=organisation) is None and one.template.level in levels
    ]


def urgent_now(alert: Alert, account: Account) -> UrgentNow | None:
    """One urgent release; None before it was released."""
    found = _urgent().filter(alert=alert).first()
    return _now(found, _afterwards(account), account, clock.now()) if found else None


def open_urgent(account: Account) -> list[UrgentNow]:
    """What was released urgently here and is not closed, newest first, as this person sees it. Three queries however many."""
    organisation = accounts.organisation_of(account)
    found = _urgent().filter(organisation=organisation, reviewed_at=None).order_by("-at")[:MOST_OPEN]
    may, now = _afterwards(account), clock.now()
    return [_now(one, may, account, now) for one in found]


def _urgent() -> QuerySet[Urgent]:
    people = ("signer_person", "confirmed_person", "reviewed_person")
    return Urgent.objects.select_related("alert__organisation__area", "alert__author__person", *people)


def _afterwards(account: Account) -> dict[str, bool]:
    acts = {"confirm": "urgent_confirm", "review_urgent": "urgent_review"}
    return {verb: rights.may(account=account, act=act) is None for verb, act in acts.items()}


def _now(urgent: Urgent, may: dict[str, bool], account: Account, now: datetime) -> UrgentNow:
    done = {"confirm": urgent.confirmed_at, "review_urgent": urgent.reviewed_at}
    other = account.person_id != urgent.signer_person_id
    return UrgentNow(
        alert=urgent.alert,
        urgent=urgent,
        seconds_left=max(0, int((urgent.confirm_by - now).total_seconds())),
        unverified=urgent.confirmed_at is None and urgent.reviewed_at is None and now >= urgent.confirm_by,
        overdue=urgent.reviewed_at is None and now >= urgent.review_by,
        may=tuple(verb for verb, allowed in may.items() if allowed and other and done[verb] is None),
    )


def asked(alert: Alert) -> list[Asked]:
    """The questions to leaders about an alert, newest first."""
    found = list(alert.approval_requests.select_related("leader", "asked_by", "text").order_by("-at"))
    progress = ledger.progress([one.text.broadcast for one in found])
    now = clock.now()
    return [
        Asked(
            one,
            one.answer == "" and one.expires_at > now and one.digest == alert.digest,
            _sent(progress.get(one.text.broadcast)),
        )
        for one in found
    ]


def _sent(progress: ledger.Progress | None) -> str:
    if progress is None:
        return "waiting"
    states = ("delivered", "failed", "accepted", "in_doubt", "expired", "stopped")
    return next((name for name in states if getattr(progress, name)), "waiting")


def leaders_to_ask(alert: Alert) -> list[Person]:
    """Who holds the leader's post here and has any telephone number on file; whether it is a mobile one is asked when asking."""
    return [one.person for one in accounts.holders(alert.organisation, "leader") if one.person.phone]


def replies(organisation: Organisation, *, strangers: bool = False, page: int = 1, size: int = 50) -> Page[Any]:
    """What phones wrote to this organisation, newest first, as `Written`. The same few queries whatever the number.

    `strangers`: only from numbers that nobody here knew when they wrote.
    """
    page = max(page, 1)
    stale = Q(outcome="part", whole=None, at__lt=clock.now() - PARTS_WITHIN)
    found = Reply.objects.filter(readers=organisation).filter(~Q(outcome="part") | stale).order_by("-at", "-id")
    if strangers:
        found = found.filter(known=False)
    rows = list(found.select_related("request__alert", "request__leader")[(page - 1) * size : page * size])
    numbers = {one.number for one in rows if one.number is not None}
    people, contacts = _people(organisation, numbers), whose.names_of(organisation, numbers)
    written: list[Any] = [
        Written(one, people.get(one.number or 0) or contacts.get(one.number or 0, ""), one.outcome != "part")
        for one in rows
    ]
    return Page(written, found.count(), page, size)


def _people(organisation: Organisation, numbers: set[int]) -> dict[int, str]:
    forms = {form: number for number in numbers for form in (f"{number}", f"86{number}", f"+86{number}")}
    found = Person.objects.filter(organisation=organisation, phone__in=forms)
    return {forms[phone]: name for phone, name in found.values_list("phone", "name")}
