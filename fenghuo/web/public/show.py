"""A release as the public sees it, from its frozen snapshot alone: no joins, nothing that an edit could change."""

from typing import Any

from django.urls import reverse

from fenghuo.warning.alerts.models import Release
from fenghuo.web.outline import picture


def card(release: Release) -> dict[str, Any]:
    """What a list and the page of an alert show."""
    snapshot = release.snapshot
    document = snapshot["document"]
    texts, correction = document["texts"], document["correction"]
    return {
        "release": release,
        "document": document,
        "web": texts["web"],
        "picture": picture(document.get("polygons", [])),
        "origin": snapshot.get("origin"),
        "recall_title": document["recall"]["web"],
        "correction_title": correction["headline"],
        "sms": correction["sms"] if release.kind == "correct" else texts["sms"],
        "level": document.get("level"),
        "kind": document.get("kind"),
        "event": document.get("event") or "",
        "exercise": document.get("mode") == "exercise",
        "code": snapshot["code"],
        "url": reverse("public-alert", args=[snapshot["code"]]),
        "publisher": texts["web"].get("publisher", ""),
        "signed_at": release.at,
        "expires_at": release.expires_at,
        "starts_at": document.get("starts_at"),
    }
