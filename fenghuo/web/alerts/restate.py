"""Everything a reviewer, an approver and a signer must see again: level, place, people, channels, every text, the correction."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import get_language, gettext, ngettext

from fenghuo.delivery.ledger import queries as ledger
from fenghuo.ground.areas import queries as areas
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import queries as contacts
from fenghuo.readiness.contacts.models import Group
from fenghuo.warning.alerts import queries, rules, states
from fenghuo.warning.alerts.models import Alert
from fenghuo.web.alerts.checks import counter
from fenghuo.web.alerts.forms import ContentForm
from fenghuo.web.outline import picture
from fenghuo.web.words import event_name, web_labels

MOST_NAMED = 200


def restated(alert: Alert) -> dict[str, Any]:
    """Context of `alerts/_restated.html`. Places and groups are named; the count is the frozen one once there is one."""
    content = queries.content_of(alert)
    organisation = alert.organisation
    frozen = alert.state != states.DRAFT
    people = alert.audience_count if frozen else None
    texts = queries.texts(alert)
    untold = queries.untold(alert)
    names = contacts.names(untold[:MOST_NAMED])
    told_areas = [one.name for one in areas.get(content.audience.areas).values()] if content.audience.areas else []
    groups = Group.objects.filter(organisation=organisation, id__in=content.audience.groups).order_by("name")
    return {
        "alert": alert,
        "content": content,
        "texts": texts,
        "steps": queries.steps(alert),
        "elements": rules.elements(content, alert.relation),
        "places": [one.name for one in areas.get(content.areas).values()] if content.areas else [],
        "told": [gettext("everyone who was sent what is lifted")]
        if alert.relation == "lift"
        else [*(gettext("group %(name)s") % {"name": one.name} for one in groups), *told_areas, *_drawn(content)],
        "picture": picture(_outlines(alert, content)),
        "counter": counter(content, organisation),
        "people": people,
        "untold": [names[id] for id in untold[:MOST_NAMED] if id in names],
        "untold_total": len(untold),
        "difference": _difference(alert),
        "quota": ledger.quota_shares(alert.broadcast or "") if alert.state != states.SIGNED else [],
        "doubtful": _doubtful(content, alert),
        "event_name": event_name(content.event),
        "web_texts": [(label, texts.web[name]) for name, label in web_labels() if texts.web.get(name)],
        "needs_approval": rules.needs_approval(alert),
        "most_in_doubt": min(ledger.max_in_doubt(), people or ledger.max_in_doubt()),
    }


def _drawn(content: rules.Content) -> list[str]:
    number = len(content.audience.polygons)
    return [ngettext("%(n)s outline on the map", "%(n)s outlines on the map", number) % {"n": number}] if number else []


def _outlines(alert: Alert, content: rules.Content) -> Sequence[str]:
    """As frozen, else as they would be published; none while they cannot be."""
    if alert.frozen:
        return list(alert.frozen.get("polygons", []))
    try:
        return rules.outlines_of(content)
    except Refused:
        return []


def _doubtful(content: rules.Content, alert: Alert) -> list[dict[str, str]]:
    """What may be right but deserves a look, as the author saw it: the field's label and the reason."""
    labels = {name: str(field.label) for name, field in ContentForm.base_fields.items()}
    found = [one for one in queries.problems(content, alert.organisation, alert) if one.severity == "warning"]
    english = get_language() == "en"
    return [{"label": labels.get(one.field, one.field), "text": one.en if english else one.zh} for one in found]


def _difference(alert: Alert) -> tuple[int, int] | None:
    """(added, removed) against the contacts of now; not worked out while nothing in the contacts has changed."""
    waiting = alert.state in (states.SUBMITTED, states.REVIEWED, states.APPROVED)
    if not waiting or contacts.revision(alert.organisation) == alert.roster_revision:
        return None
    return queries.difference(alert)
