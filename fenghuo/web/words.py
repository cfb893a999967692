"""States, levels and classes in words a duty officer reads at 4 a.m.; the catalogue turns them into Chinese."""

from math import ceil

from django.utils.translation import gettext, gettext_noop, ngettext

LEVEL_TONES = {1: "red", 2: "orange", 3: "yellow", 4: "blue"}
LEVELS = {
    1: gettext_noop("Red · level I"),
    2: gettext_noop("Orange · level II"),
    3: gettext_noop("Yellow · level III"),
    4: gettext_noop("Blue · level IV"),
}
KINDS = {
    "warning": gettext_noop("Warning"),
    "notice": gettext_noop("Important notice"),
    "meeting": gettext_noop("Meeting notice"),
    "tip": gettext_noop("Safety tip"),
    "handling": gettext_noop("Handling information"),
}
CATEGORIES = {
    "natural": gettext_noop("Natural disaster"),
    "accident": gettext_noop("Accident"),
    "health": gettext_noop("Public health"),
    "security": gettext_noop("Social security"),
}
ALERT_STATES = {
    "draft": gettext_noop("Draft"),
    "submitted": gettext_noop("Waiting for review"),
    "reviewed": gettext_noop("Reviewed"),
    "approved": gettext_noop("Approved, waiting for sign-off"),
    "signed": gettext_noop("Signed and released"),
}
POSTS = {
    "entry": gettext_noop("Entry"),
    "reviewer": gettext_noop("Reviewer"),
    "signer": gettext_noop("Signer"),
    "leader": gettext_noop("Leader"),
    "duty_officer": gettext_noop("Duty officer"),
    "resource_keeper": gettext_noop("Resource keeper"),
    "village_contact": gettext_noop("Village contact"),
    "system_admin": gettext_noop("System administrator"),
    "security_admin": gettext_noop("Security administrator"),
    "auditor": gettext_noop("Auditor"),
}


def post(value: str) -> str:
    """A post."""
    return gettext(POSTS[value]) if value in POSTS else value


def level(value: int | None) -> str:
    """`Red · level I` …; nothing for a message without a level."""
    return gettext(LEVELS[value]) if value in LEVELS else gettext("No level")


def kind(value: str) -> str:
    """The class of a message."""
    return gettext(KINDS[value]) if value in KINDS else value


def category(value: str) -> str:
    """One of the four classes of emergencies."""
    return gettext(CATEGORIES[value]) if value in CATEGORIES else ""


def alert_state(value: str) -> str:
    """An alert's state."""
    return gettext(ALERT_STATES[value]) if value in ALERT_STATES else value


def duration(seconds: float | None) -> str:
    """Seconds as `5 s`, `3 min`, `2 h 10 min`, rounded up."""
    if seconds is None:
        return "—"
    whole = ceil(seconds)
    if whole < 60:
        return ngettext("%(count)d second", "%(count)d seconds", whole) % {"count": whole}
    minutes = ceil(whole / 60)
    if minutes < 120:
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    return gettext("%(hours)d h %(minutes)d min") % {"hours": minutes // 60, "minutes": minutes % 60}
