"""Who may do what to an alert now, and why not: right, state, four eyes. Compared by person, never by account."""

from collections.abc import Callable

from django.utils.translation import gettext_noop as _

from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.accounts.models import Account, Person
from fenghuo.ground.refusal import Refused
from fenghuo.warning.alerts import states
from fenghuo.warning.alerts.models import Alert, Release
from fenghuo.warning.alerts.rules import flows
from fenghuo.warning.alerts.rules.flows import needs_approval, not_in_state, profile_of
from fenghuo.warning.alerts.rules.hands import Hands, approver, authors
from fenghuo.warning.alerts.rules.identity import BINDING, outdated
from fenghuo.warning.alerts.rules.succession import may_follow, outrun, succession, superseded
from fenghuo.warning.alerts.rules.words import local

# Any one of these rights lets a person do the verb.
RIGHTS: dict[str, tuple[str, ...]] = {
    "edit": ("draft",),
    "submit": ("draft",),
    "review": ("review",),
    "return": ("review", "approve", "sign"),
    "approve": ("approve",),
    "record_approval": ("record_approval",),
    "sign": ("sign",),
    "refreeze": ("draft", "review", "sign"),
    "recall": ("recall",),
    "correct": ("correct",),
    "settle": ("settle_in_doubt",),
    "update": ("draft",),
    "raise": ("draft",),
    "lower": ("draft",),
    # Whoever may lift may also word the lift; it is reviewed, approved and signed like everything else.
    "lift": ("draft", "lift"),
    "withdraw": ("draft",),
    **flows.RIGHTS,
}
WORDING = ("edit", "submit")
# A follow-up goes no further once what it follows is no longer in force.
ONWARD = ("submit", "refreeze", "review", "approve", "record_approval", "sign")
NOT_OWN = {
    "review": _("You wrote in this; another person must review it."),
    "sign": _("You wrote in this; another person must sign it."),
    "approve_network": _("You wrote in this; another leader must give the second approval."),
}
MOVES = {"record_approval": "approve"}  # verbs that walk another verb's edge of the graph


def may(
    *, alert: Alert, verb: str, account: Account, second: Account | None = None, known: Hands | None = None
) -> Refused | None:
    """None when `account` may do `verb` to `alert` now, else why not. `second`: the other person where the right asks for one.

    `known` spares a list of alerts the queries that each of them would ask again.
    """
    checks: tuple[Callable[[], Refused | None], ...] = (
        lambda: _right(alert, verb, account, second, known),
        lambda: _state(alert, verb, known),
        lambda: outdated(alert) if verb in BINDING else None,
        lambda: _four_eyes(alert, verb, account.person_id, known),
        lambda: _approved(alert, account.person_id, known) if verb == "sign" else None,
    )
    for check in checks:
        refused = check()
        if refused is not None:
            return refused
    return None


def require(*, alert: Alert, verb: str, account: Account, second: Account | None = None) -> None:
    """As `may`, raising the reason."""
    refused = may(alert=alert, verb=verb, account=account, second=second)
    if refused is not None:
        raise refused


def _right(alert: Alert, verb: str, account: Account, second: Account | None, known: Hands | None) -> Refused | None:
    acts = RIGHTS["lift"] if alert.relation == "lift" and verb in WORDING else RIGHTS[verb]
    reasons = (
        [known.right(act) for act in acts]
        if known
        else [rights.may(account=account, act=act, organisation=alert.organisation, second=second) for act in acts]
    )
    return None if None in reasons else reasons[0]


def _state(alert: Alert, verb: str, known: Hands | None) -> Refused | None:
    if verb in Alert.RELATIONS:
        return may_follow(alert, verb, known.succession if known else succession([alert]))
    if verb in flows.AFTERWARDS:
        return flows.ready(alert, verb)
    if alert.state == states.SIGNED and verb not in ("recall", "correct", "settle"):
        return already_signed(alert)
    if verb in flows.RIGHTS:
        return flows.ready(alert, verb)
    if alert.flow == flows.URGENT and alert.state != states.SIGNED:
        return flows.other_flow(alert)
    if verb in ("recall", "correct"):
        return _after_release(alert, verb)
    if verb == "settle":
        return None if alert.state == states.SIGNED else not_in_state(alert, verb)
    if states.GRAPH.allows(MOVES.get(verb, verb), alert.state):
        bound = alert.follows_id is not None and verb in ONWARD
        return outrun(alert, known.succession if known else succession([alert])) if bound else None
    return not_in_state(alert, verb)


def already_signed(alert: Alert) -> Refused:
    """Who signed, and when: the answer to whoever came second (S2)."""
    release = Release.objects.filter(alert=alert, kind="release").first()
    at = local(release.at) if release else ""
    name = alert.signer_person.name if alert.signer_person else ""
    return Refused(
        "already_signed",
        _("%(name)s already signed this at %(at)s; it was released once."),
        kind="conflict",
        params={"name": name, "at": at, "release": release.id if release else ""},
    )


def _after_release(alert: Alert, verb: str) -> Refused | None:
    if alert.state != states.SIGNED:
        return not_in_state(alert, verb)
    done = Release.objects.filter(alert=alert, kind=verb).first()
    if done is not None:
        return Refused(
            f"already_{verb}",
            _("%(name)s already did this at %(at)s."),
            kind="conflict",
            params={"name": done.snapshot["by"], "at": local(done.at), "release": done.id},
        )
    replaced = superseded(alert)
    if replaced is not None:
        return replaced
    if verb == "correct" and not Release.objects.filter(alert=alert, kind="recall").exists():
        return Refused(
            "recall_first", _("Recall it first, or the correction would run beside the alert."), kind="conflict"
        )
    return None


def _four_eyes(alert: Alert, verb: str, person: str, known: Hands | None) -> Refused | None:
    refused = flows.own_hand(alert, verb, person)
    if refused is not None:
        return refused
    wrote = person in (known.authors[alert.pk] if known else authors(alert))
    if verb == "withdraw" and not wrote:
        return Refused(
            "not_yours", _("Only who wrote in this takes it back; others return it with a reason."), kind="forbidden"
        )
    return Refused("own_draft", NOT_OWN[verb], kind="forbidden") if verb in NOT_OWN and wrote else None


def _approved(alert: Alert, signer: str, known: Hands | None) -> Refused | None:
    refused = flows.network_approved(alert, signer)
    if refused is not None:
        return refused
    if needs_approval(alert) and alert.state != states.APPROVED:
        return Refused("approval_missing", _("The leader's approval is missing."), kind="conflict")
    rule = profile_of(alert).flow.third_person_levels
    if alert.level not in rule.value:
        return None
    third = known.approvers[alert.pk] if known else approver(alert)
    if third is None or third == signer or third in (known.authors[alert.pk] if known else authors(alert)):
        return Refused(
            "third_person",
            _("This level takes three persons: author, signer and approving leader (%(clause)s)."),
            kind="forbidden",
            params={"clause": profile_of(alert).cited(rule)},
        )
    return None


def is_leader(person: Person, alert: Alert) -> bool:
    """Whether a person holds the leader's post in the alert's organisation now."""
    return person.postings.filter(organisation=alert.organisation, post="leader", until=None).exists()
