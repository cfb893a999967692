"""A template in the form of an alert: its blanks as small fields, its words refilled where nobody changed them by hand."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from fenghuo.ground import clock
from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.refusal import Refused
from fenghuo.warning.alerts import rules
from fenghuo.warning.templates import queries as templates
from fenghuo.warning.templates import values
from fenghuo.warning.templates.models import TemplateVersion

PREFIX = "blank_"
MINUTE = "%Y-%m-%dT%H:%M"
KEYBOARDS = {"number": "decimal", "phone": "tel"}
PURPOSE = ("kind", "category", "event", "level")


def version_of(organisation: Organisation, id: Any) -> TemplateVersion | None:
    """The version that a form names; None for none and for nonsense, which the domain refuses when it is saved."""
    try:
        return templates.version(organisation, id) if isinstance(id, str) and 0 < len(id) <= 40 else None
    except (Refused, ValueError):
        return None


def blanks_of(version: TemplateVersion | None) -> list[values.Blank]:
    """The blanks of a version, in the order of its words."""
    return values.blanks(*(getattr(version, name) for name in rules.WORDS)) if version else []


def fields_of(version: TemplateVersion | None) -> dict[str, forms.CharField]:
    """A small field per blank, labelled with its name."""
    return {
        f"{PREFIX}{number}": forms.CharField(
            label=blank.name,
            required=False,
            max_length=values.LONGEST_VALUE,
            widget=forms.TextInput(
                attrs={
                    "data-blank": blank.name,
                    "autocomplete": "off",
                    **({"inputmode": KEYBOARDS[blank.kind]} if blank.kind in KEYBOARDS else {}),
                }
            ),
        )
        for number, blank in enumerate(blanks_of(version))
    }


def told(version: TemplateVersion | None, typed: Mapping[str, Any]) -> dict[str, str]:
    """What stands in the small fields, by the name of the blank; what is empty is left out."""
    found = {blank.name: typed.get(f"{PREFIX}{number}") or "" for number, blank in enumerate(blanks_of(version))}
    return {name: value for name, value in found.items() if value.strip()}


def last_filled(text: Any) -> dict[str, str]:
    """The blanks with which the words of the form were filled last, as the form carries them along; nothing for nonsense."""
    try:
        found = json.loads(text) if isinstance(text, str) and len(text) < 20_000 else {}
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(name): value for name, value in found.items() if isinstance(value, str)}


def refilled(
    version: TemplateVersion, typed: Mapping[str, Any], last: dict[str, str], now: dict[str, str]
) -> dict[str, str]:
    """The words that change because a blank did: only those that still read as the template with the blanks of last time."""
    changed = {}
    for name in rules.WORDS:
        template = getattr(version, name)
        stands = _plain(typed.get(name))
        if stands == _plain(values.fill(template, last)) and last != now:
            changed[name] = values.fill(template, now)
    return changed


def chosen(
    version: TemplateVersion, before: TemplateVersion | None, typed: Mapping[str, Any], codes: list[str]
) -> tuple[dict[str, str], list[str]]:
    """What choosing a template puts into the form, and the fields whose own words it left alone."""
    last = last_filled(typed.get("filled"))
    begins = _moment(typed.get("starts_at")) or timezone.localtime(clock.now()).replace(
        minute=0, second=0, microsecond=0
    )
    ends = begins + timedelta(hours=version.hours)
    if (own := _moment(typed.get("expires_at"))) and not (before and _moment_after(typed, before) == own):
        ends = own
    known = rules.suggested(version, codes, begins, ends) | told(before, typed)
    known = {one.name: known[one.name] for one in blanks_of(version) if one.name in known}
    update = {
        "template": version.pk,
        "filled": json.dumps(known, ensure_ascii=False),
        "starts_at": begins.strftime(MINUTE),
        "expires_at": ends.strftime(MINUTE),
    }
    update |= {f"{PREFIX}{number}": known.get(one.name, "") for number, one in enumerate(blanks_of(version))}
    for name in PURPOSE:
        value = getattr(version.template, name)
        update |= {name: str(value)} if value or (name == "level" and version.template.kind != "warning") else {}
    if version.template.level is None and version.template.kind != "warning":
        update["level"] = ""
    kept = []
    for name in rules.WORDS:
        stands = _plain(typed.get(name))
        if stands and not (before and stands == _plain(values.fill(getattr(before, name), last))):
            kept.append(name)
        else:
            update[name] = values.fill(getattr(version, name), known)
    return update, kept


def _moment_after(typed: Mapping[str, Any], version: TemplateVersion) -> datetime | None:
    begins = _moment(typed.get("starts_at"))
    return begins + timedelta(hours=version.hours) if begins else None


def _moment(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return timezone.localtime(value)
    try:
        return timezone.make_aware(datetime.fromisoformat(value)) if value else None
    except (TypeError, ValueError, OverflowError):
        return None


def _plain(text: Any) -> str:
    return (text or "").replace("\r\n", "\n").strip() if isinstance(text, str) else ""
