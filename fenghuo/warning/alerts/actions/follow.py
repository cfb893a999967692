"""What follows an alert in force: a draft that is filled in already, and the moment in which it takes the other's place (W8)."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from fenghuo.delivery.ledger import actions as ledger
from fenghuo.ground import clock
from fenghuo.ground.accounts.models import Account
from fenghuo.ground.profile import queries as profiles
from fenghuo.ground.refusal import Refused
from fenghuo.warning.alerts import queries, rules
from fenghuo.warning.alerts.actions.draft import begin
from fenghuo.warning.alerts.actions.kept import note
from fenghuo.warning.alerts.models import Alert, Release
from fenghuo.warning.alerts.rules import Content, Origin
from fenghuo.wire.cap import levels

STEP = {"raise": -1, "lower": 1}  # 1 is red, 4 is blue
LONGEST_HEADLINE = 120


def follow_up(*, alert: Alert, relation: str, by: Account) -> Alert:
    """A new draft that updates, raises, lowers or lifts an alert in force, filled in as far as that can be known.

    It then walks the ordinary way to sign-off; until then the alert stands as it is. Raises Refused where the alert is no
    longer in force or somebody has begun the same already (`params["follow_up"]` is that draft).
    """
    if relation not in Alert.RELATIONS:
        raise Refused(
            "relation",
            _("An alert is followed by one of these: %(those)s."),
            field="relation",
            params={"those": ", ".join(Alert.RELATIONS)},
        )
    rules.require(alert=alert, verb=relation, account=by)
    content = proposed(alert, relation)
    with transaction.atomic():
        before = Alert.objects.select_for_update(of=("self",)).get(pk=alert.pk)  # a second click waits here
        rules.require(alert=before, verb=relation, account=by)
        draft = begin(content, by, follows=before, root_id=before.root_id or before.pk, relation=relation)
        note(draft, "draft", by, kind=draft.kind, relation=relation, follows=before.pk)
    return draft


def proposed(alert: Alert, relation: str) -> Content:
    """The words a follow-up begins with. What a relayed warning says next comes from above again, so its wording is asked for."""
    content = queries.content_of(alert)
    # The button is pressed because word has come; the time can be changed.
    came = clock.now().replace(second=0, microsecond=0)
    origin = Origin(issuer=content.origin.issuer, how=content.origin.how, received_at=came) if content.origin else None
    # A template belongs to one event and level: what is raised, lowered or lifted is not written from the same.
    plain = {} if relation == "update" else {"template": "", "blanks": {}}
    values: dict[str, Any] = {**plain, "body": rules.body_of(content), "origin": origin, "correction": ""}
    if relation == "lift":
        return content.model_copy(update={**values, **_lift(alert, content)})
    if relation in STEP and content.level is not None:
        level = content.level + STEP[relation]
        old, new = (f"{levels.Level(one).colour_zh}色预警" for one in (content.level, level))
        values |= {"level": level, "headline": content.headline.replace(old, new)}
        values["body"] = values["body"].replace(old, new)
    return content.model_copy(update=values)


def _lift(alert: Alert, content: Content) -> dict[str, Any]:
    profile = profiles.profile(alert.organisation.profile)
    hours = timedelta(hours=profile.deadlines.correction_hours.value)
    until = clock.now().replace(microsecond=0) + hours
    return {
        "headline": profile.sms.lift_headline.value.format(headline=content.headline)[:LONGEST_HEADLINE],
        "body": profile.sms.lift_template.value.format(headline=content.headline),
        "caution": "",
        "measures": "",
        "starts_at": None,
        "expires_at": max(content.expires_at, until) if content.expires_at else until,
    }


def take_place(alert: Alert, by: Account) -> None:
    """A follow-up that is being signed takes its predecessor's place: what of that has not left never will.

    In the caller's transaction, before the release is ordered. Raises Refused where somebody was faster.
    """
    if not alert.follows_id:
        return
    before = Alert.objects.filter(pk=alert.follows_id, superseded_by=None, expires_at__gt=clock.now())
    taken = before.update(superseded_by=alert)  # holds the row: a recall at the same moment waits, and is then told
    recalled = Release.objects.filter(alert=alert.follows_id, kind="recall").exists()
    predecessor = Alert.objects.get(pk=alert.follows_id)
    if not taken or recalled:
        raise rules.outrun(alert, rules.succession([alert])) or Refused(
            "predecessor_not_live", _("What this follows is not in force any more."), kind="conflict"
        )
    detail = {"by": alert.broadcast, "relation": alert.relation}
    ledger.order(kind="supersede", broadcast=predecessor.broadcast, by=by.actor(), detail=detail)
    note(predecessor, alert.relation, by, digest=alert.digest, by_alert=alert.pk)


def stand_again(alert: Alert) -> None:
    """A follow-up that is recalled gives back the place it took: what it followed can be followed again."""
    Alert.objects.filter(superseded_by=alert).update(superseded_by=None)


def hold(alert: Alert) -> None:
    """Keep everybody else from superseding or recalling this alert until the caller's transaction ends."""
    now = Alert.objects.select_for_update(of=("self",)).get(pk=alert.pk)
    refused = rules.superseded(now)
    if refused is not None:
        raise refused
