"""What is kept, as the API shows it."""

from dataclasses import asdict
from typing import cast

from fenghuo.api.errors import shape
from fenghuo.api.gateway_schemas import GatewayOut, LinkTestOut, UsageOut, WaitingOut
from fenghuo.api.schemas import (
    AlertBrief,
    AlertOut,
    CounterOut,
    DoubtOut,
    ErrorItem,
    Flow,
    LinkOut,
    ProblemOut,
    ProgressOut,
    RecipientOut,
    ReleaseOut,
)
from fenghuo.delivery.ledger import queries as ledger
from fenghuo.ground.accounts.models import Account
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import queries as contacts
from fenghuo.warning.alerts import queries as alerts
from fenghuo.warning.alerts import rules
from fenghuo.warning.alerts.models import Alert, Release

VERBS = (
    "edit",
    "submit",
    "review",
    "return",
    "approve",
    "record_approval",
    "sign",
    "recall",
    "correct",
    "settle",
    *Alert.RELATIONS,
    "ask_approval",
    "approve_network",
    "withdraw",
    "release_urgent",
    "confirm",
    "review_urgent",
)
BRIEF = (
    "id",
    "state",
    "version",
    "code",
    "kind",
    "category",
    "level",
    "event",
    "headline",
    "relation",
    "created_at",
    "updated_at",
)
COUNTS = ("count", "unsent", "intended", "accepted", "delivered", "failed", "in_doubt", "stopped", "expired")


def item(refused: Refused | None) -> ErrorItem | None:
    """Why not, or None."""
    return None if refused is None else ErrorItem(**shape(refused))


def brief(alert: Alert, fate: rules.Fate) -> AlertBrief:
    """An alert in a list."""
    values = {name: getattr(alert, name) for name in BRIEF}
    return AlertBrief(author=alert.author.person.name, follows=alert.follows_id, fate=fate, **values)


def whole(alert: Alert, account: Account) -> AlertOut:
    """An alert as this person sees it: with what keeps it from going on, and why they may not."""
    content = alerts.content_of(alert)
    texts = alerts.texts(alert)
    found = alerts.problems(content, alert.organisation, alert) if alert.state == "draft" else []
    chain = [link(one) for one in alerts.chain(alert)]
    fate = next(one.fate for one in chain if one.id == alert.pk)
    known = rules.hands(account, alert.organisation, [alert])
    return AlertOut(
        **brief(alert, fate).model_dump(),
        content=content.model_dump(mode="json"),
        flow=cast(Flow, alert.flow),
        whole_network=alert.whole_network,
        digest=alert.digest,
        broadcast=alert.broadcast,
        audience_sha256=alert.audience_sha256,
        audience_count=alert.audience_count,
        sms=texts.sms,
        correction_sms=texts.correction_sms,
        problems=[
            ProblemOut(code=one.code, field=one.field, reason_zh=one.zh, reason_en=one.en, severity=one.severity)
            for one in found
        ],
        may={verb: item(rules.may(alert=alert, verb=verb, account=account, known=known)) for verb in VERBS},
        chain=chain,
        releases=[release(one) for one in alert.releases.order_by("at")],
    )


def link(one: alerts.Link) -> LinkOut:
    """One alert of a chain."""
    names = ("id", "relation", "state", "level", "headline")
    values = {name: getattr(one.alert, name) for name in names}
    return LinkOut(follows=one.alert.follows_id, fate=one.fate, at=one.release.at if one.release else None, **values)


def release(one: Release) -> ReleaseOut:
    """What left the house."""
    return ReleaseOut(**{name: getattr(one, name) for name in ReleaseOut.model_fields})


def progress(broadcast: str, found: dict[str, ledger.Progress]) -> ProgressOut | None:
    """One broadcast's progress among those found."""
    one = found.get(broadcast)
    if one is None:
        return None
    times = {name: getattr(one, name) for name in ("first_intent_at", "last_accept_at", "rate_per_s", "seconds_left")}
    return ProgressOut(broadcast=broadcast, **{name: getattr(one, name) for name in COUNTS}, **times)


def recipients(rows: list[ledger.Row]) -> list[RecipientOut]:
    """Recipients with their names, numbers masked."""
    names = contacts.names([row.contact_id for row in rows])
    return [
        RecipientOut(
            **_who(row.contact_id, row.address, names),
            contact=row.contact_id,
            state=row.state,
            at=row.at,
            status=row.status,
        )
        for row in rows
    ]


def doubts(rows: list[ledger.Doubt]) -> list[DoubtOut]:
    """People in doubt, numbers masked."""
    names = contacts.names([row.contact_id for row in rows])
    return [
        DoubtOut(
            **_who(row.contact_id, row.address, names),
            contact=row.contact_id,
            since=row.since,
            tries=row.tries,
            next_step=row.next_step,
            next_at=row.next_at,
        )
        for row in rows
    ]


def _who(contact: int, address: int, names: dict[int, contacts.Name]) -> dict[str, str]:
    """A contact that was removed since has no name any more; the record of what was sent stays."""
    known = names.get(contact)
    number = {"number": contacts.mask(address)}
    if known is None:
        return {"name": "", "area": "", "position": "", **number}
    return {"name": known.name, "area": known.area, "position": known.position, **number}


def gateway(one: ledger.GatewayHealth, gauge: ledger.Gauge | None) -> GatewayOut:
    """A gateway account with its meters, which a table that is not served has none of; never its secret."""
    known = {name: getattr(one, name) for name in GatewayOut.model_fields if name != "usage"}
    return GatewayOut(**known, usage=usage(gauge) if gauge else None)


def usage(gauge: ledger.Gauge) -> UsageOut:
    """The meters of one account."""
    newest = gauge.tests[0] if gauge.tests else None
    return UsageOut(
        utilisation_now=gauge.now,
        utilisation_hour=gauge.hour,
        messages_hour=gauge.messages_hour,
        throttled_hour=gauge.throttled_hour,
        refused_hour=gauge.refused_hour,
        answer_ms=gauge.answer_ms,
        messages_month=gauge.month,
        recipients_month=gauge.recipients_month,
        quota_per_month=gauge.quota,
        left_of_quota=gauge.left,
        backlog=gauge.backlog,
        waiting=[WaitingOut(**asdict(lane)) for lane in gauge.waiting],
        served_by=gauge.host,
        last_link_test=LinkTestOut(**{name: getattr(newest, name) for name in LinkTestOut.model_fields})
        if newest
        else None,
    )


def counter(one: alerts.Counter) -> CounterOut:
    """The live counter."""
    plain = {name: getattr(one, name) for name in CounterOut.model_fields if name != "problem"}
    return CounterOut(**plain, problem=item(one.problem))
