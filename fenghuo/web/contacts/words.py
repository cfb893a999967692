"""Imports and exports in words."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import queries
from fenghuo.readiness.contacts.models import ContactImport

FIELDS: dict[str, Any] = {
    "name": _("Name"),
    "area": _("Area"),
    "position": _("Position"),
    "phone": _("Mobile number"),
    "landline": _("Landline"),
    "tags": _("Tags"),
    "risk": _("Risk"),
    "groups": _("Groups"),
    "latitude": _("Latitude"),
    "longitude": _("Longitude"),
    "numbers": _("Mobile number"),
    "landlines": _("Landline"),
}
# (words, tone)
IMPORTS: dict[str, tuple[Any, str]] = {
    "reading": (_("is being read"), "move"),
    "read": (_("waits for its columns to be named"), "warn"),
    "previewed": (_("read; nothing is changed yet"), "warn"),
    "running": (_("is being applied"), "move"),
    "done": (_("applied"), "good"),
    "undoing": (_("is being taken back"), "move"),
    "undone": (_("taken back"), "none"),
    "failed": (_("could not be read"), "bad"),
    "dropped": (_("forgotten; nothing was changed"), "none"),
}
EXPORTS: dict[str, tuple[Any, str]] = {
    "asked": (_("waits for a second person"), "warn"),
    "agreed": (_("agreed; to be fetched within 15 minutes"), "move"),
    "declined": (_("declined"), "bad"),
    "fetched": (_("fetched"), "good"),
    "expired": (_("not fetched in time"), "none"),
}


def row(entry: dict[str, Any], sheets: list[dict[str, Any]], names: dict[str, str]) -> dict[str, Any]:
    """One row of a preview: where it stands, who it is, and what changes or is wrong."""
    sheet = sheets[entry["s"]] if entry["s"] < len(sheets) else {"name": "", "headings": []}
    found: dict[str, Any] = {"sheet": sheet["name"], "number": entry["r"], "person": entry.get("p"), "wrong": []}
    if found["person"]:
        person = found["person"]
        found["area"] = names.get(person["area"], person["area"])
        found["numbers"] = [str(one) for one in person["numbers"]]
        found["landlines"] = person.get("landlines", "").split(";") if person.get("landlines") else []
    found["changes"] = [
        {"field": FIELDS.get(name, name), "before": _said(name, before, names), "after": _said(name, after, names)}
        for name, before, after in entry.get("d", ())
    ]
    for reason, (_field, column, *_rest) in zip(
        queries.reasons(entry) if "e" in entry else (), entry.get("e", ()), strict=False
    ):
        known = 0 <= column < len(entry["c"])
        heading = sheet["headings"][column] if 0 <= column < len(sheet["headings"]) else ""
        label = heading or FIELDS.get(reason.field or "", "")
        found["wrong"].append({"column": label, "value": entry["c"][column] if known else "", "reason": str(reason)})
    return found


def _said(name: str, value: Any, names: dict[str, str]) -> str:
    if name == "area":
        return names.get(value, str(value))
    if name in ("latitude", "longitude"):
        return "" if value is None else f"{value / 1_000_000:.6f}"
    if isinstance(value, list):
        return " ".join(str(one) for one in value)
    return str(value).strip(",").replace(",", " ")


def left(one: Any) -> dict[str, Any]:
    """What could not be applied after all, or was not taken back because somebody had changed it since."""
    if isinstance(one, dict):
        return {"where": str(one["r"]), "what": "；".join(str(reason) for reason in queries.reasons(one))}
    contact, field, name = one
    return {"contact": contact, "where": name, "what": FIELDS.get(field, "") if field else _("the whole person")}


def reason(parent: ContactImport) -> str:
    """Why a file could not be read."""
    return str(Refused(**parent.reason)) if parent.reason else ""
