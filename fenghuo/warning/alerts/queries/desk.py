"""What the desk asks: one alert, lists of alerts, what waits for me, what is running."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_noop as _

from fenghuo.delivery.ledger import queries as ledger
from fenghuo.ground import clock
from fenghuo.ground.accounts import queries as accounts
from fenghuo.ground.accounts.models import Account, Organisation
from fenghuo.ground.paging import Page
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import queries as contacts
from fenghuo.warning.alerts import states
from fenghuo.warning.alerts.models import Alert, Release, Step
from fenghuo.warning.alerts.queries.succession import LIFT
from fenghuo.warning.alerts.rules import Hands, fate, hands, may, succession

MOST_WAITING = 200
NEWEST = 100  # releases that the desk looks at; older ones as long as something of them is open
# In the order in which a person would be asked.
WAITS = ("submit", "release_urgent", "review", "approve", "approve_network", "record_approval", "sign")


@dataclass(frozen=True)
class Waiting:
    """An alert, and what this person is asked to do with it."""

    alert: Alert
    verb: str
    returned: Step | None = None  # why a draft came back, and by whom


@dataclass(frozen=True)
class Running:
    """A release that is not over, with its progress; whether it was recalled and corrected, and the correction's own progress.

    `correction_progress` is None until the sender has taken the correction up.
    """

    alert: Alert
    release: Release
    progress: ledger.Progress | None
    recalled: bool = False
    corrected: bool = False
    correction_progress: ledger.Progress | None = None
    fate: str = ""


def alert(organisation: Organisation, id: str) -> Alert:
    """One alert of this organisation. Another organisation's is missing like one that never was."""
    found = (
        Alert.objects.filter(organisation=organisation, id=id)
        .select_related("organisation__area", "author__person")
        .first()
    )
    if found is None:
        raise Refused("alert_unknown", _("There is no such alert."), kind="missing")
    return found


def listing(
    organisation: Organisation,
    *,
    state: str | None = None,
    text: str = "",
    kind: str | None = None,
    live: bool | None = None,
    page: int = 1,
    size: int = 50,
) -> Page[Any]:
    """Alerts, newest first, each with its `fate` (see `rules.fate`); `text` searches headline and body.

    `live`: only those in force that can be updated or lifted, or only the others.
    """
    page = max(page, 1)
    found = Alert.objects.filter(organisation=organisation)
    if state:
        found = found.filter(state=state)
    if kind:
        found = found.filter(kind=kind)
    if text.strip():
        found = found.filter(Q(headline__contains=text.strip()) | Q(body__contains=text.strip()))
    if live is not None:
        found = found.filter(_live()) if live else found.exclude(_live())
    rows = list(found.select_related("author__person")[(page - 1) * size : page * size])
    known = succession(rows)
    for one in rows:
        one.fate = fate(one, known)  # type: ignore[attr-defined]
    return Page(rows, found.count(), page, size)


def _live() -> Q:
    recalled = Release.objects.filter(alert=OuterRef("pk"), kind="recall")
    standing = Q(state=states.SIGNED, superseded_by=None, expires_at__gt=clock.now())
    return standing & ~Q(relation=LIFT) & Q(~Exists(recalled))


def steps(alert: Alert) -> list[Step]:
    """What people did to an alert, oldest first."""
    return list(alert.steps.select_related("person"))


def waiting_for(account: Account) -> list[Waiting]:
    """What waits for this person, the gravest and oldest first."""
    organisation = accounts.organisation_of(account)
    open_alerts = list(
        Alert.objects.filter(organisation=organisation)
        .exclude(state=states.SIGNED)
        .select_related("organisation__area", "author__person", "network_approver_person")
        .order_by("level", "updated_at")[:MOST_WAITING]
    )
    known, came_back = hands(account, organisation, open_alerts), _returned(open_alerts)
    found = []
    for one in open_alerts:
        verb = next((verb for verb in WAITS if _asked(one, verb, account, known)), None)
        if verb:
            found.append(Waiting(one, verb, came_back.get(one.pk)))
    return found


def _returned(alerts: list[Alert]) -> dict[str, Step]:
    """The step that sent each draft back, where nobody has submitted it again since."""
    drafts = [one.pk for one in alerts if one.state == states.DRAFT]
    found: dict[str, Step] = {}
    last = Step.objects.filter(alert__in=drafts, verb__in=("return", "submit", "withdraw")).order_by("id")
    for step in last.select_related("person"):
        found[step.alert_id] = step
    return {alert: step for alert, step in found.items() if step.verb == "return"}


def _asked(alert: Alert, verb: str, account: Account, known: Hands) -> bool:
    if verb == "submit" and account.person_id not in known.authors[alert.pk]:
        return False  # somebody else's unfinished draft waits for its author
    return may(alert=alert, verb=verb, account=account, known=known) is None


def running(organisation: Organisation) -> list[Running]:
    """Releases whose recipients are not all settled, or that have not expired, newest first."""
    releases = _newest_and_open(organisation)
    correction_ids = ledger.corrections_of([one.broadcast for one in releases])
    progress = ledger.progress([*(one.broadcast for one in releases), *correction_ids.values()])
    later = Release.objects.filter(organisation=organisation, kind__in=("recall", "correct")).values_list(
        "alert_id", "kind"
    )
    after = set(later.filter(alert__in=[one.alert_id for one in releases]))
    now = clock.now()
    known = succession([one.alert for one in releases])
    found = []
    for one in releases:
        own, correction = progress.get(one.broadcast), progress.get(correction_ids.get(one.broadcast, ""))
        if one.expires_at > now or _open(own) or _open(correction):
            recalled, corrected = ((one.alert_id, kind) in after for kind in ("recall", "correct"))
            found.append(Running(one.alert, one, own, recalled, corrected, correction, fate(one.alert, known)))
    return found


def _newest_and_open(organisation: Organisation) -> list[Release]:
    """The newest releases, and whatever is not settled yet, be it a year old and be a thousand newer ones over."""
    found = Release.objects.filter(organisation=organisation, kind="release").select_related("alert").order_by("-at")
    releases = {one.broadcast: one for one in found[:NEWEST]}
    unsettled = {parent or id for id, parent in ledger.unfinished(organisation.pk)} - set(releases)
    if unsettled:
        older = Alert.objects.filter(organisation=organisation, broadcast__in=unsettled, state=states.SIGNED)
        releases |= {one.broadcast: one for one in found.filter(alert__in=older)}
    return list(releases.values())


def _open(progress: ledger.Progress | None) -> bool:
    return progress is not None and bool(progress.unsent + progress.intended + progress.accepted + progress.in_doubt)


def difference(alert: Alert) -> tuple[int, int]:
    """(added, removed) numbers between the frozen audience and the contacts as they are now. A lift's audience is the past's."""
    if alert.relation == LIFT:
        return 0, 0
    _people, frozen = ledger.audience(alert.broadcast or "")
    return contacts.difference(organisation=alert.organisation, audience=alert.audience, addresses=frozen)


def untold(alert: Alert) -> list[int]:
    """Contacts of the audience, as it is now, who have no number: somebody must tell them in person."""
    try:
        return contacts.without_number(organisation=alert.organisation, audience=alert.audience)
    except Refused:  # nobody chosen yet, or a group that is gone
        return []
