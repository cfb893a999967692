"""审批表 and 备案表: what an alert says about itself, in the boxes of the forms (DOMAIN §3.5)."""

from typing import Any

from django.utils.translation import gettext_noop as _

from fenghuo.delivery.ledger import queries as ledger
from fenghuo.ground.refusal import Refused
from fenghuo.warning.alerts import queries, states
from fenghuo.warning.alerts.models import Alert, Release, Step
from fenghuo.warning.alerts.rules import STATES, VERBS
from fenghuo.web.papers import said, setter

CHANNELS = ("电视", "报刊", "网络", "广播", "大屏幕", "短信", "电台")
OURS = {"sms": "短信", "web": "网络", "cap": "网络"}
# Which box of the form each verb's opinion stands in; the boxes of bodies above this one stay empty for the pen.
OPINIONS = (
    ("分管领导意见", ("review", "review_urgent"), False),
    ("主要领导意见", ("approve", "record_approval"), True),
    ("政府应急办\n建议意见", (), False),
    ("政府领导\n审批意见", ("sign", "release_urgent", "confirm", "approve_network"), True),
)

WRITTEN_BEFORE = ("draft", "edit")


def approval(alert: Alert) -> bytes:
    """审批表, at any state after submission. Raises Refused for a draft: what may still change is not approved on paper."""
    if not alert.frozen:
        reason = _("Submit it first: a draft may still change, and what is approved on paper must not.")
        raise Refused("not_submitted", reason, kind="conflict")
    steps = queries.steps(alert)
    own = [one for one in steps if one.version == alert.version and one.verb not in WRITTEN_BEFORE]
    data = _facts(alert) | {
        "state": _state(alert),
        "version": str(alert.version),
        "opinions": [
            {"title": title, "seal": seal, "text": _opinion([one for one in own if one.verb in verbs])}
            for title, verbs, seal in OPINIONS
        ],
        "steps": [_step(one) for one in [*_written(steps), *own]],
        "remark": _remark(alert, list(alert.releases.order_by("at"))),
    }
    return setter.paper("approval.typ", data)


def filing(alert: Alert) -> bytes:
    """备案表 of what was released. Raises Refused before that."""
    releases = list(alert.releases.order_by("at"))
    release = next((one for one in releases if one.kind == "release"), None)
    if release is None:
        reason = _("Only what was released is filed; this alert is not signed yet.")
        raise Refused("not_released", reason, kind="conflict")
    data = _facts(alert) | {
        "released": said.moment(release.at),
        "outcome": _outcome(release),
        "persons": _persons(release),
        "remark": _remark(alert, releases),
    }
    return setter.paper("filing.typ", data)


def _facts(alert: Alert) -> dict[str, Any]:
    """The boxes that both forms share."""
    texts = queries.texts(alert)
    document: dict[str, Any] = alert.frozen or {}
    ours = {OURS.get(one, one) for one in document.get("channels", ())}
    return {
        "organisation": alert.organisation.name,
        "code": alert.code,
        "digest": alert.digest[:16],
        "issuer": texts.web["issuer"],
        "headline": alert.headline,
        "subject": said.subject(alert.kind, alert.category, alert.event),
        "level": said.level(alert.level),
        "starts": said.moment(alert.starts_at) or "签发时",
        "lasts": said.span(alert.starts_at, alert.expires_at) or "（见止期）",
        "expires": said.moment(alert.expires_at),
        "channels": [{"name": name, "on": name in ours} for name in CHANNELS],
        "area": texts.web["area"],
        "count": str(alert.audience_count),
        "reason": _reason(alert),
        "text": texts.sms,
        "impact": "\n".join(
            f"{label}：{text}" for label, text in (("警示事项", alert.caution), ("应采取措施", alert.measures)) if text
        ),
    }


def _reason(alert: Alert) -> str:
    """Why it is published: whose warning is passed on, or which document decided it."""
    parts = []
    if alert.origin:
        origin = queries.content_of(alert).origin
        assert origin is not None
        how = said.ARRIVALS.get(origin.how, "")
        parts.append(
            f"转发{origin.issuer}{said.moment(origin.issued_at)}发布的信息" + (f"（{how}接收）" if how else "")
        )
        if origin.reference:
            parts.append(f"来文：{origin.reference}")
    if alert.decision_document:
        parts.append(f"决定文件：{alert.decision_document}")
    return "；".join(parts)


def _state(alert: Alert) -> str:
    return "已签发" if alert.state == states.SIGNED else STATES[alert.state].zh


def _written(steps: list[Step]) -> list[Step]:
    """Of the drafts and autosaves only the first and the last of each person."""
    kept: dict[tuple[str, str], Step] = {}
    for one in steps:
        if one.verb in WRITTEN_BEFORE:
            kept[one.person_id, one.verb] = one
    return sorted(kept.values(), key=lambda one: one.id)


def _step(step: Step) -> dict[str, str]:
    verb = VERBS[step.verb].zh if step.verb in VERBS else step.verb
    leader = str(step.evidence.get("name", "")) if step.verb == "record_approval" else ""
    note = "；".join(part for part in (step.reason, str(step.evidence.get("note", ""))) if part)
    return {
        "verb": verb,
        "person": f"{leader}（登记：{step.person.name}）" if leader else step.person.name,
        "at": said.second(step.at),
        "proved": said.proved(step),
        "note": note,
    }


def _opinion(steps: list[Step]) -> str:
    """What the system recorded of an opinion; empty for whoever still has to give it."""
    lines = []
    for one in steps:
        told = _step(one)
        words = "；".join(
            part for part in (f"同意（{told['verb']}）", told["person"], told["at"], told["proved"]) if part
        )
        lines.append(words)
    return "\n".join(lines)


def _remark(alert: Alert, releases: list[Release]) -> str:
    said_after = {"recall": "已撤回", "correct": "已更正"}
    parts = [f"{VERBS[alert.relation].zh}：此前发布编号 {alert.follows.code}"] if alert.follows else []
    parts += [
        f"{said.moment(one.at)}{said_after[one.kind]}：{one.snapshot.get('reason', '')}"
        for one in releases
        if one.kind in said_after
    ]
    return "\n".join(parts)


def _outcome(release: Release) -> str:
    found = ledger.progress([release.broadcast]).get(release.broadcast)
    if found is None:
        return ""
    counted = [(said.STATES[name], getattr(found, name)) for name in said.STATES if name != "untold"]
    return "，".join(f"{name} {count}" for name, count in counted if count)


def _persons(release: Release) -> str:
    persons: dict[str, str] = release.snapshot.get("persons", {})
    labels = {"author": "录入", "reviewer": "审核", "approver": "批准", "signer": "签发"}
    return "　".join(f"{label}：{persons[name]}" for name, label in labels.items() if persons.get(name))
