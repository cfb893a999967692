"""What the side panel of the form shows: the counter, the texts as they would be sent, the eight elements, what is wrong."""

from typing import Any

from django.forms import BoundField
from django.utils.translation import get_language

from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.refusal import Refused, RefusedMany
from fenghuo.warning.alerts import queries, rules
from fenghuo.warning.alerts.models import Alert
from fenghuo.web.alerts.blanks import PREFIX
from fenghuo.web.alerts.forms import ContentForm
from fenghuo.web.forms import field_of


def check(form: ContentForm, organisation: Organisation, alert: Alert | None = None) -> dict[str, Any]:
    """Everything derived from what stands in the form now; an unreadable field shows as a problem, never as an exception.

    `alert`: where the words stand, None for words that stand nowhere yet.
    """
    try:
        if form.is_bound:
            form.is_valid()
            content = rules.read(form.data_for_content())
        else:
            content = rules.read(_initial(form))
    except (Refused, RefusedMany) as refused:
        reasons = refused.refusals if isinstance(refused, RefusedMany) else [refused]
        return {"unreadable": [str(one) for one in reasons]}
    problems = queries.problems(content, organisation, alert)
    return {
        "counter": counter(content, organisation),
        "elements": rules.elements(content, alert.relation if alert else ""),
        "warning": content.kind == "warning",  # of nothing else does the law ask for them
        "errors_found": [_said(one, form) for one in problems if one.severity == "error"],
        "warnings_found": [_said(one, form) for one in problems if one.severity != "error"],
    }


def _initial(form: ContentForm) -> dict[str, Any]:
    form_values = {name: form.initial[name] for name in (*form.fields, "blanks") if name in form.initial}
    form_values = {name: value for name, value in form_values.items() if not name.startswith(PREFIX)}
    audience = {
        name: form_values.pop(f"audience_{name}", empty)
        for name, empty in (("groups", []), ("areas", []), ("polygons", []), ("everyone", False))
    }
    origin = {
        name.removeprefix("origin_"): form_values.pop(name) for name in list(form_values) if name.startswith("origin_")
    }
    for name in ("version", "filled"):
        form_values.pop(name, None)
    return form_values | {"audience": audience, "origin": origin if any(origin.values()) else None}


def counter(content: rules.Content, organisation: Organisation) -> queries.Counter:
    """The counter of W4 for the words that would be sent."""
    return queries.counter(rules.body_of(content), organisation, content.audience.model_dump(), content.kind)


def _said(problem: queries.Problem, form: ContentForm) -> dict[str, str]:
    """A problem with the id of the control where it is mended, and the label a reader knows it by."""
    name = field_of(form, problem.field)
    blank = _first_open_blank(form) if problem.code == "blank_unfilled" else None
    bound = blank or (form[name] if name else None)
    target = (bound.id_for_label or f"{bound.auto_id}_0") if bound is not None else ""
    label = str(form[name].label) if name else ""
    text = problem.en if get_language() == "en" else problem.zh
    return {"field": problem.field, "text": text, "target": target, "label": label}


def _first_open_blank(form: ContentForm) -> BoundField | None:
    return next((one for one in form.small_fields() if not one.value()), None)
