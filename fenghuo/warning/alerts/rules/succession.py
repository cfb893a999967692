"""What may follow an alert in force: update, raise, lower, lift (更新、升级、降级、解除); asked for one alert or for a list."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Literal

from django.utils.translation import gettext_noop as _

from fenghuo.ground import clock
from fenghuo.ground.refusal import CHINESE, ENGLISH, Refused, Said
from fenghuo.warning.alerts import states
from fenghuo.warning.alerts.models import Alert, Release
from fenghuo.warning.alerts.rules.words import FATES, STATES, VERBS, local

Fate = Literal["", "live", "updated", "lifted", "recalled", "expired"]
RED, BLUE = 1, 4


@dataclass
class Succession:
    """What several questions about several alerts share: what became of each, and what is being written after it."""

    recalled: set[str] = field(default_factory=set)
    newer: dict[str, Alert] = field(default_factory=dict)  # the alert that took its place
    followed: dict[str, Alert] = field(default_factory=dict)  # a follow-up's predecessor
    drafts: dict[str, dict[str, Alert]] = field(default_factory=dict)  # unsigned follow-ups, by relation


def succession(alerts: Collection[Alert]) -> Succession:
    """Read in four queries whatever the number of alerts."""
    followed = Alert.objects.in_bulk({one.follows_id for one in alerts if one.follows_id})
    mine = {one.pk: one for one in alerts} | followed
    newer = Alert.objects.in_bulk({one.superseded_by_id for one in mine.values() if one.superseded_by_id})
    recalled = Release.objects.filter(alert__in=mine, kind="recall").values_list("alert_id", flat=True)
    drafts: dict[str, dict[str, Alert]] = {}
    for draft in (
        Alert.objects.filter(follows__in=mine)
        .exclude(state=states.SIGNED)
        .select_related("author_person")
        .order_by("-created_at")
    ):
        drafts.setdefault(draft.follows_id or "", {})[draft.relation] = draft
    took = {pk: newer[one.superseded_by_id] for pk, one in mine.items() if one.superseded_by_id}
    return Succession(set(recalled), took, followed, drafts)


def fate(alert: Alert, known: Succession) -> Fate:
    """What became of a signed alert: live, recalled, updated, lifted or expired; "" before it is signed."""
    if alert.state != states.SIGNED:
        return ""
    if alert.pk in known.recalled:
        return "recalled"
    if alert.pk in known.newer:
        return "lifted" if known.newer[alert.pk].relation == "lift" else "updated"
    return "expired" if alert.expires_at is None or alert.expires_at <= clock.now() else "live"


def not_live(alert: Alert, known: Succession) -> Refused | None:
    """Why nothing can follow this alert any more; None while it is in force."""
    params: dict[str, Any]
    match fate(alert, known):
        case "live":
            return None
        case "":
            reason, params = _("It has not been signed yet: edit the draft itself."), {"state": STATES[alert.state]}
        case "recalled":
            reason, params = _("It was recalled; draft a new alert."), {}
        case "expired":
            reason, params = _("This has expired at %(at)s; draft a new alert."), {"at": _expiry(alert)}
        case done:
            newer = known.newer[alert.pk]
            reason = _("It was %(done)s by “%(headline)s”; go on from that one.")
            params = {"done": FATES[done], "headline": newer.headline, "newer": newer.pk}
    return Refused("not_live", reason, kind="conflict", params=params)


def _expiry(alert: Alert) -> str:
    return local(alert.expires_at) if alert.expires_at else ""


def may_follow(alert: Alert, relation: str, known: Succession) -> Refused | None:
    """Why this relation cannot begin now, whoever asks."""
    if alert.relation == "lift":
        return Refused("is_a_lift", _("This lifts an alert: nothing follows it but a new alert."), kind="conflict")
    dead = not_live(alert, known)
    if dead is not None:
        return dead
    if relation in ("raise", "lower"):
        if alert.kind != "warning" or alert.level is None:
            return Refused("no_level", _("Only a warning has a level that can change; update it."), kind="conflict")
        if alert.level == (RED if relation == "raise" else BLUE):
            reason = (
                _("It is red already: there is no graver level.")
                if relation == "raise"
                else _("It is blue already: there is no milder level; lift it when the danger is gone.")
            )
            return Refused("no_further_level", reason, kind="conflict")
    draft = known.drafts.get(alert.pk, {}).get(relation)
    if draft is None:
        return None
    return Refused(
        "already_following",
        _("%(name)s already began this at %(at)s; go on with that draft (%(relation)s, %(state)s)."),
        kind="conflict",
        params={
            "name": draft.author_person.name,
            "at": local(draft.created_at),
            "relation": VERBS[relation],
            "state": STATES[draft.state],
            "follow_up": draft.pk,
        },
    )


def outrun(alert: Alert, known: Succession) -> Refused | None:
    """Why a follow-up can go no further: what it follows is not in force any more. None for an alert that follows nothing."""
    if not alert.follows_id or alert.state == states.SIGNED:
        return None
    dead = not_live(known.followed[alert.follows_id], known)
    if dead is None:
        return None
    return Refused(
        "predecessor_not_live",
        _("What this follows is not in force any more. %(why)s"),
        kind="conflict",
        params={"why": Said(dead.in_language(CHINESE), dead.in_language(ENGLISH))},
    )


def superseded(alert: Alert) -> Refused | None:
    """Why an alert that a newer one replaced is neither recalled nor corrected: its newer one is."""
    newer = Alert.objects.filter(pk=alert.superseded_by_id).first() if alert.superseded_by_id else None
    if newer is None:
        return None
    done = FATES["lifted" if newer.relation == "lift" else "updated"]
    return Refused(
        "superseded",
        _("It was %(done)s by “%(headline)s”, and nothing more of it is sent; recall that one if it is wrong."),
        kind="conflict",
        params={"done": done, "headline": newer.headline, "newer": newer.pk},
    )
