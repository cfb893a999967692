"""Whose hands an alert went through: who wrote in it and which leader approved it; for one alert, or for a list in two queries."""

from collections.abc import Collection
from dataclasses import dataclass, field

from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.accounts.models import Account, Organisation
from fenghuo.ground.refusal import Refused
from fenghuo.warning.alerts import states
from fenghuo.warning.alerts.models import Alert, Step
from fenghuo.warning.alerts.rules.succession import Succession, succession

# Verbs that write words: whoever did one of them is an author and neither reviews nor signs.
WRITING = ("draft", "edit", "submit")
APPROVALS = ("approve", "record_approval")


@dataclass
class Hands:
    """What several questions about several alerts share. It is true for one request and thrown away after it."""

    account: Account
    organisation: Organisation
    authors: dict[str, set[str]]
    approvers: dict[str, str | None]
    succession: Succession
    rights: dict[str, Refused | None] = field(default_factory=dict)

    def right(self, act: str) -> Refused | None:
        """`rights.may`, asked once per act."""
        if act not in self.rights:
            self.rights[act] = rights.may(account=self.account, act=act, organisation=self.organisation)
        return self.rights[act]


def authors(alert: Alert) -> set[str]:
    """Ids of all persons who ever wrote, changed or submitted this alert."""
    return _authors([alert])[alert.pk]


def approver(alert: Alert) -> str | None:
    """Id of the leader who approved the current version, None when nobody has."""
    return _approvers([alert])[alert.pk]


def hands(account: Account, organisation: Organisation, alerts: Collection[Alert]) -> Hands:
    """For a list of alerts of one organisation, as one person asks about them."""
    return Hands(account, organisation, _authors(alerts), _approvers(alerts), succession(alerts))


def _authors(alerts: Collection[Alert]) -> dict[str, set[str]]:
    found = {one.pk: {one.author_person_id} for one in alerts}
    # An autosave is an edit, so the pairs are made distinct where they lie.
    steps = Step.objects.filter(alert__in=found, verb__in=WRITING).order_by()
    for alert, person in steps.values_list("alert_id", "person_id").distinct():
        found[alert].add(person)
    return found


def _approvers(alerts: Collection[Alert]) -> dict[str, str | None]:
    found: dict[str, str | None] = {one.pk: None for one in alerts}
    versions = {one.pk: one.version for one in alerts if one.state in (states.APPROVED, states.SIGNED)}
    for step in Step.objects.filter(alert__in=versions, verb__in=APPROVALS).order_by("id") if versions else ():
        if step.version == versions[step.alert_id]:
            found[step.alert_id] = step.evidence.get("leader", step.person_id)
    return found
