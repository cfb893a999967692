"""States, levels and classes in words a duty officer reads at 4 a.m.; the catalogue turns them into Chinese."""

from collections.abc import Iterable
from math import ceil

from django.utils.translation import get_language, gettext, gettext_noop, ngettext, pgettext

from fenghuo.ground.refusal import CHINESE
from fenghuo.warning.alerts.queries import LogLine
from fenghuo.web.acts import ACTS, ALERTS
from fenghuo.wire.cap import events

LEVEL_TONES = {1: "red", 2: "orange", 3: "yellow", 4: "blue"}
LEVELS_SHORT = {1: gettext_noop("Red"), 2: gettext_noop("Orange"), 3: gettext_noop("Yellow"), 4: gettext_noop("Blue")}
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
    "reviewed": gettext_noop("Reviewed, not yet signed"),
    "approved": gettext_noop("Approved, waiting for sign-off"),
    "signed": gettext_noop("Signed and released"),
}
FATES = {
    "live": gettext_noop("In force"),
    "updated": gettext_noop("Updated"),
    "lifted": gettext_noop("Lifted"),
    "recalled": gettext_noop("Recalled"),
    "expired": gettext_noop("Expired"),
}
FATE_TONES = {"live": "good", "updated": "none", "lifted": "none", "recalled": "bad", "expired": "none"}
RELATIONS = {
    "update": gettext_noop("Update"),
    "raise": gettext_noop("Raise"),
    "lower": gettext_noop("Lower"),
    "lift": gettext_noop("Lift"),
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


def level_short(value: int | None) -> str:
    """`Red`, `Orange` …, for small buttons."""
    return gettext(LEVELS_SHORT[value]) if value in LEVELS_SHORT else ""


def kind(value: str) -> str:
    """The class of a message."""
    return gettext(KINDS[value]) if value in KINDS else value


def category(value: str) -> str:
    """One of the four classes of emergencies."""
    return gettext(CATEGORIES[value]) if value in CATEGORIES else ""


def fate(value: str) -> str:
    """What became of a signed alert."""
    return gettext(FATES[value]) if value in FATES else value


def fate_tone(value: str) -> str:
    """How the badge of a fate looks."""
    return FATE_TONES.get(value, "none")


def relation(value: str) -> str:
    """How an alert relates to the one that it follows."""
    return gettext(RELATIONS[value]) if value in RELATIONS else ""


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


TASKS = {
    "edit": gettext_noop("Finish the draft"),
    "submit": gettext_noop("Finish the draft"),
    "review": gettext_noop("Review"),
    "approve": gettext_noop("Approve"),
    "record_approval": gettext_noop("Record the approval"),
    "approve_network": gettext_noop("Approve for the whole network"),
    "release_urgent": gettext_noop("Release urgently"),
    "sign": gettext_noop("Sign off"),
}
FACTORS = {
    "passkey": gettext_noop("by passkey"),
    "totp": gettext_noop("by authenticator code"),
    "code": gettext_noop("by printed code"),
    "password": gettext_noop("by password"),
    "sms": gettext_noop("by SMS reply"),
}
WEB_LABELS = {
    "headline": gettext_noop("Title"),
    "body": gettext_noop("Text"),
    "caution": gettext_noop("What to beware of"),
    "measures": gettext_noop("What to do"),
    "area": gettext_noop("Place"),
    "issuer": gettext_noop("Issuing body"),
    "publisher": gettext_noop("Published by"),
    "correction_headline": gettext_noop("Title of the correction"),
    "correction": gettext_noop("Text of the correction"),
    "recall": gettext_noop("Note of the recall"),
}
ELEMENTS = {
    "category": gettext_noop("class"),
    "level": gettext_noop("level"),
    "start": gettext_noop("starting time"),
    "area": gettext_noop("area that may be affected"),
    "caution": gettext_noop("matters of caution"),
    "measures": gettext_noop("measures to be taken"),
    "issuer": gettext_noop("issuing body"),
    "issued": gettext_noop("time of issue"),
}


def listed(values: Iterable[str]) -> str:
    """Several names one after the other, as the reader's language joins them."""
    return pgettext("between the names of a list", ", ").join(values)


def act(value: str) -> str:
    """An act of the journal, or of the operation log (which leaves out `alert.`); the code itself when it has no words."""
    label = ACTS.get(value) or ACTS.get(f"alert.{value}")
    return gettext(label) if label else value


def verb(value: str) -> str:
    """What a person did to an alert."""
    return gettext(ALERTS[value]) if value in ALERTS else value


def task(value: str) -> str:
    """What a person is asked to do with an alert."""
    return gettext(TASKS[value]) if value in TASKS else value


def factor(value: str) -> str:
    """How an act was authenticated."""
    return gettext(FACTORS[value]) if value in FACTORS else value


def element(code: str) -> str:
    """One of the eight elements of the law."""
    return gettext(ELEMENTS[code]) if code in ELEMENTS else code


def web_labels() -> list[tuple[str, str]]:
    """The parts of a public page, in order, with their labels."""
    return [(name, gettext(label)) for name, label in WEB_LABELS.items()]


def event_name(code: str | None) -> str:
    """The name of a national event code in the reader's language; the code itself when it is not listed."""
    event = events.find(code or "")
    if event is None:
        return code or ""
    return event.zh if (get_language() or CHINESE).startswith("zh") else event.en


def system() -> str:
    """Who acts when no person does."""
    return gettext("the system")


ROLES = {
    "author": gettext_noop("drafted by %(name)s"),
    "reviewer": gettext_noop("reviewed by %(name)s"),
    "approver": gettext_noop("approved by %(name)s"),
    "network_approver": gettext_noop("approved for the whole network by %(name)s"),
    "signer": gettext_noop("signed by %(name)s"),
}


OUTCOMES = {
    "delivered": gettext_noop("delivered"),
    "accepted": gettext_noop("with the carrier"),
    "failed": gettext_noop("failed"),
    "in_doubt": gettext_noop("in doubt"),
    "unsent": gettext_noop("not sent yet"),
    "stopped": gettext_noop("stopped"),
    "expired": gettext_noop("expired unsent"),
}


def persons(line: LogLine) -> str:
    """Everyone a line of the operation log names, with what they did; for a plain act whoever did it, and who agreed."""
    named = [gettext(text) % {"name": line.persons[role]} for role, text in ROLES.items() if line.persons.get(role)]
    if not named and line.by and line.confirmed_by:
        named = [line.by, gettext("with the consent of %(name)s") % {"name": line.confirmed_by}]
    return gettext(", ").join(named) or line.by or system()


def outcome(line: LogLine) -> str:
    """How a release or a correction went, by now; nothing for what sent nothing."""
    if line.progress is None:
        return ""
    counted = [(text, getattr(line.progress, state)) for state, text in OUTCOMES.items()]
    return " · ".join(f"{gettext(text)} {count}" for text, count in counted if count)
