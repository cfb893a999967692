"""What a page shows of an alert's chain: the buttons that begin a follow-up, with why not, and everything that belongs together."""

from typing import Any

from django.http import HttpRequest

from fenghuo.ground.refusal import Refused
from fenghuo.warning.alerts import queries
from fenghuo.warning.alerts.models import Alert
from fenghuo.web import words
from fenghuo.web.shell.people import account_of, organisation_of

# Of something without a level nobody asks why it cannot be raised; what is over says so once, not on every button; and whose
# post begins no follow-up has no use for four grey buttons with one and the same reason.
UNSAID = ("no_level", "not_live", "is_a_lift", "not_your_post")


def buttons(request: HttpRequest, alerts: list[Alert]) -> dict[str, list[dict[str, Any]]]:
    """For each alert its buttons. `draft` is the follow-up that somebody has begun already: the button then leads there."""
    why = queries.follow_ups(account_of(request), organisation_of(request), alerts)
    return {
        one.pk: [
            _button(relation, refused)
            for relation, refused in why[one.pk].items()
            if refused is None or refused.code not in UNSAID
        ]
        for one in alerts
    }


def _button(relation: str, refused: Refused | None) -> dict[str, Any]:
    return {
        "relation": relation,
        "label": words.relation(relation),
        "why": refused,
        "draft": refused.params.get("follow_up") if refused else None,
    }


def chain_of(alert: Alert) -> dict[str, Any]:
    """Context of `alerts/_chain.html`: everything of the chain when there is more than this one alert, and what it became."""
    links = queries.chain(alert)
    own = next(one for one in links if one.alert.pk == alert.pk)
    newer = next((one for one in links if one.alert.pk == alert.superseded_by_id), None)
    return {"chain": links if len(links) > 1 else [], "fate": own.fate, "newer": newer}
