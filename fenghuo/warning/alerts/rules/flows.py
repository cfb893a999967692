"""What the flows ask beyond the common steps: questions by SMS, the whole network, urgent release and what must follow it."""

from django.utils.translation import gettext_noop as _

from fenghuo.ground.accounts import queries as accounts
from fenghuo.ground.profile.models import Profile
from fenghuo.ground.refusal import Refused
from fenghuo.warning.alerts import states
from fenghuo.warning.alerts.models import Alert, Urgent
from fenghuo.warning.alerts.rules.words import STATES, VERBS, local

# Verbs that are not edges of the graph every alert walks, with the rights of which any one is enough.
RIGHTS: dict[str, tuple[str, ...]] = {
    "ask_approval": ("approval_ask",),
    "approve_network": ("approve_network",),
    "release_urgent": ("release_urgent",),
    "confirm": ("urgent_confirm",),
    "review_urgent": ("urgent_review",),
}
AFTERWARDS = {"confirm": ("confirmed_at", "confirmed_person"), "review_urgent": ("reviewed_at", "reviewed_person")}
GENERAL, URGENT = Alert.FLOWS


def profile_of(alert: Alert) -> Profile:
    """The rules of the alert's government, in force now."""
    return accounts.profile_of(alert.organisation)


def needs_approval(alert: Alert) -> bool:
    """Whether the profile asks for a leader's approval."""
    return profile_of(alert).flow.leader_approval(alert.kind, alert.origin is not None)


def not_in_state(alert: Alert, verb: str) -> Refused:
    """This step does not begin here."""
    return Refused(
        "wrong_state",
        _("In the state “%(state)s” this step is not possible: %(verb)s."),
        kind="conflict",
        params={"state": STATES[alert.state], "verb": VERBS[verb], "version": alert.version},
    )


def ready(alert: Alert, verb: str) -> Refused | None:
    """Whether one of `RIGHTS`' verbs may begin from where the alert stands."""
    if verb in AFTERWARDS:
        return _afterwards(alert, verb)
    if verb == "release_urgent":
        ours = alert.flow == URGENT and states.GRAPH.allows(verb, alert.state)
        return None if ours else not_in_state(alert, verb)
    if alert.flow == URGENT:
        return other_flow(alert)
    if verb == "ask_approval":
        if not states.GRAPH.allows("approve", alert.state):
            return not_in_state(alert, verb)
        if not needs_approval(alert):
            return Refused("approval_not_needed", _("This needs no leader's approval."), kind="conflict")
        return None
    return _network_ready(alert)


def other_flow(alert: Alert) -> Refused:
    """An urgent release is prepared and released by its signer; no step of the general flow applies before that."""
    return Refused(
        "urgent_flow",
        _("This is an urgent release that was prepared and not released; it is prepared anew, never changed."),
        kind="conflict",
        params={"version": alert.version},
    )


def own_hand(alert: Alert, verb: str, person: str) -> Refused | None:
    """Who may not do this because of what the same person did before."""
    if verb == "release_urgent" and person != alert.author_person_id:
        return Refused("another_prepared", _("Another signer prepared this; prepare your own."), kind="forbidden")
    if verb in AFTERWARDS and person == alert.signer_person_id:
        return Refused("own_release", _("You released this; another person must do this."), kind="forbidden")
    return None


def whole_network_allowed(profile: Profile, kind: str) -> Refused | None:
    """Whether the profile lets a message of this kind go to everyone."""
    rule = profile.warnings.whole_network
    if not rule.value:
        reason = _("This government has no permission to tell the whole network (%(clause)s).")
        return Refused("whole_network", reason, field="audience", params={"clause": profile.cited(rule)})
    kinds = profile.warnings.whole_network_kinds
    if kind not in kinds.value:
        reason = _("Nothing of this kind goes to the whole network (%(clause)s).")
        return Refused("whole_network_kind", reason, field="audience", params={"clause": profile.cited(kinds)})
    return None


def network_approved(alert: Alert, signer: str) -> Refused | None:
    """Whether the whole network's second approval is there, and from a third person."""
    if not alert.whole_network:
        return None
    refused = whole_network_allowed(profile_of(alert), alert.kind)
    if refused is not None:
        return refused
    if alert.network_approver_person_id is None:
        reason = _("This goes to the whole network: a leader's second approval is missing.")
        return Refused("network_approval_missing", reason, kind="conflict")
    if alert.network_approver_person_id == signer:
        reason = _("You gave the second approval for the whole network; another person must sign.")
        return Refused("network_third_person", reason, kind="forbidden")
    return None


def _network_ready(alert: Alert) -> Refused | None:
    if not alert.whole_network:
        return Refused("not_whole_network", _("This does not go to the whole network."), kind="conflict")
    if alert.state not in (states.REVIEWED, states.APPROVED):
        return not_in_state(alert, "approve_network")
    if alert.network_approver_person is not None:
        reason = _("%(name)s already gave the second approval.")
        return Refused(
            "already_approve_network", reason, kind="conflict", params={"name": alert.network_approver_person.name}
        )
    return whole_network_allowed(profile_of(alert), alert.kind)


def _afterwards(alert: Alert, verb: str) -> Refused | None:
    if alert.flow != URGENT or alert.state != states.SIGNED:
        return not_in_state(alert, verb)
    urgent = Urgent.objects.select_related("confirmed_person", "reviewed_person").get(alert=alert)
    when, who = AFTERWARDS[verb]
    at, person = getattr(urgent, when), getattr(urgent, who)
    if at is None:
        return None
    return Refused(
        f"already_{verb}",
        _("%(name)s already did this at %(at)s."),
        kind="conflict",
        params={"name": person.name, "at": local(at)},
    )
