"""What templates need and Django does not have: form fields with reasons, times, levels and states in words."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import template
from django.forms import BaseForm, BoundField
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from fenghuo.warning.alerts.rules import Element
from fenghuo.web import words

register = template.Library()


@register.inclusion_tag("_field.html")
def field(bound: BoundField, hint: str = "", wide: bool = False) -> dict[str, Any]:
    """A labelled control with its hint and, when refused, the reason tied to it for screen readers."""
    described = [f"{bound.id_for_label}_hint"] if hint or bound.help_text else []
    attrs: dict[str, Any] = {}
    if bound.errors:
        described.append(f"{bound.id_for_label}_error")
        attrs["aria-invalid"] = "true"
    if described:
        attrs["aria-describedby"] = " ".join(described)
    return {
        "bound": bound,
        "control": bound.as_widget(attrs=attrs),
        "hint": hint or bound.help_text,
        "wide": wide,
        "box": getattr(bound.field.widget, "input_type", "") == "checkbox",
        "several": bound.widget_type in {"radioselect", "checkboxselectmultiple"},
    }


@register.inclusion_tag("_errors.html")
def errors(form: BaseForm) -> dict[str, Any]:
    """Every reason at the top of a refused form, each linked to its field."""
    named = [(_target(form[name]), form[name], reasons) for name, reasons in form.errors.items() if name in form.fields]
    return {"form": form, "named": named, "other": form.non_field_errors()}


def _target(bound: BoundField) -> str:
    """The id of the control, of the first one where there are several."""
    return bound.id_for_label or f"{bound.auto_id}_0"


SHAPES = {
    "day": "%Y-%m-%d",
    "minute": "%Y-%m-%d %H:%M",
    "second": "%Y-%m-%d %H:%M:%S",
    "time": "%H:%M:%S",
    "short": "%m-%d %H:%M",
}


@register.filter
def moment(value: datetime | str | None, precision: str = "minute") -> SafeString | str:
    """A point in time in the installation's zone, to the `day`, `minute` or `second`; an em dash when there is none."""
    if not value:
        return "—"
    aware = datetime.fromisoformat(value) if isinstance(value, str) else value
    local = timezone.localtime(aware)
    return format_html(
        '<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), local.strftime(SHAPES[precision])
    )


@register.filter
def span(seconds: float | None) -> str:
    """A duration in words, rounded up so that it is never shown shorter than it is."""
    return words.duration(seconds)


@register.inclusion_tag("_level.html")
def level(value: int | None) -> dict[str, Any]:
    """The level as colour *and* words, never colour alone."""
    return {"level": value, "name": words.level(value), "tone": words.LEVEL_TONES.get(value or 0, "none")}


@register.filter
def alert_state(value: str) -> str:
    """An alert's state in words."""
    return words.alert_state(value)


@register.filter
def kind(value: str) -> str:
    """A message class in words."""
    return words.kind(value)


@register.filter
def category(value: str) -> str:
    """One of the four classes of emergency in words."""
    return words.category(value)


for _name in (
    "fate",
    "fate_tone",
    "verb",
    "task",
    "factor",
    "act",
    "event_name",
    "persons",
    "outcome",
    "listed",
    "relation",
):
    register.filter(_name, getattr(words, _name))


@register.filter
def element(value: Element) -> str:
    """One of the eight elements of the law."""
    return words.element(value.code)


@register.filter
def level_short(value: int | None) -> str:
    """The colour word of a level, for small buttons."""
    return words.level_short(value)


@register.filter
def chose_below(bound: BoundField) -> bool:
    """Whether something other than the first of a field's choices is chosen."""
    chosen = {str(one) for one in bound.value() or []}
    return any(str(value) in chosen for value, _label in list(bound.field.choices)[1:])  # type: ignore[attr-defined]


@register.filter
def tone(value: int | None) -> str:
    """The colour word of a level for class names."""
    return words.LEVEL_TONES.get(value or 0, "none")


@register.filter
def yuan(fen: int) -> str:
    """An amount of money: fen as yuan."""
    return f"¥ {fen // 100}.{fen % 100:02d}"


@register.filter
def absolute(value: int) -> int:
    """The number without its sign."""
    return abs(value)


@register.filter
def post_in_words(post: str) -> str:
    """One post, in words."""
    return words.post(post)


@register.filter
def posts_in_words(posts: Iterable[str]) -> str:
    """The posts someone holds, in words."""
    return " ".join(words.post(one) for one in words.POSTS if one in posts)


@register.filter
def mask(value: str | int) -> str:
    """A telephone number with its middle hidden: `138****1234`."""
    text = str(value)
    return f"{text[:3]}****{text[-4:]}" if len(text) >= 8 else text


@register.filter
def get(mapping: dict[Any, Any], key: Any) -> Any:
    """`mapping[key]`, nothing when it is absent."""
    return mapping.get(key)
