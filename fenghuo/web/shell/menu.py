"""The left menu, floor by floor as the house is built, and who sees which line."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext, gettext_noop


@dataclass(frozen=True)
class Entry:
    """One line: English label, the name of its page, and the posts that have any business there (empty: everyone)."""

    label: str
    page: str
    posts: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Line:
    """An entry as it is shown."""

    label: str
    url: str
    current: bool


WRITERS = frozenset({"entry", "reviewer", "duty_officer"})
WARNING = WRITERS | {"signer", "leader", "auditor"}
ADMINISTRATION = frozenset({"system_admin", "security_admin", "auditor"})
PROVISIONED = frozenset(
    {"accounts", "organisations"}
)  # where the tier above gives out the accounts, there is no such page
KEEPERS = frozenset({"resource_keeper", "duty_officer", "auditor"})

FLOORS: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (gettext_noop("Desk"), (Entry(gettext_noop("Duty desk"), "desk"),)),
    (
        gettext_noop("Warning"),
        (
            Entry(gettext_noop("From above"), "arrivals", WARNING),
            Entry(gettext_noop("Alerts"), "alerts", WARNING),
            Entry(gettext_noop("Draft an alert"), "alert-new", WRITERS),
            Entry(gettext_noop("Urgent release"), "urgent", frozenset({"signer"})),
            Entry(gettext_noop("Templates"), "templates", WARNING),
        ),
    ),
    (
        gettext_noop("Delivery"),
        (
            Entry(gettext_noop("In doubt"), "in-doubt", WARNING),
            Entry(gettext_noop("Gateway accounts"), "gateways", WARNING | ADMINISTRATION | {"resource_keeper"}),
            Entry(gettext_noop("Unmatched receipts"), "unmatched", WARNING | ADMINISTRATION | {"resource_keeper"}),
            Entry(gettext_noop("Replies"), "replies", frozenset({"duty_officer", "auditor"})),
        ),
    ),
    (
        gettext_noop("Readiness"),
        (
            Entry(gettext_noop("Contacts"), "contacts", KEEPERS | {"signer"}),
            Entry(gettext_noop("Boundaries"), "boundaries", KEEPERS),
            Entry(gettext_noop("Groups"), "groups", KEEPERS | WARNING),
        ),
    ),
    (gettext_noop("Public"), (Entry(gettext_noop("Public page"), "public-current"),)),
    (
        gettext_noop("Records"),
        (
            Entry(gettext_noop("Operation log"), "operation-log", WARNING),
            Entry(gettext_noop("Publication workflow"), "workflow", WARNING),
            Entry(gettext_noop("Journal"), "journal"),
        ),
    ),
    (
        gettext_noop("Administration"),
        (
            Entry(gettext_noop("Organisations"), "organisations", ADMINISTRATION),
            Entry(gettext_noop("Accounts"), "accounts", ADMINISTRATION),
            Entry(gettext_noop("My account"), "own-account"),
        ),
    ),
)


def lines(posts: frozenset[str], path: str, absent: frozenset[str] = frozenset()) -> list[tuple[str, list[Line]]]:
    """The menu of someone holding `posts`, with the line of the page at `path` marked. Floors without a line are left out.

    `absent`: pages that this organisation does not have.
    """
    shown = []
    best = ""
    for floor, entries in FLOORS:
        visible = [entry for entry in entries if (not entry.posts or entry.posts & posts) and entry.page not in absent]
        found = [(gettext(entry.label), url) for entry in visible if (url := _address(entry.page))]
        best = max([best, *(url for _, url in found if path.startswith(url))], key=len)
        if found:
            shown.append((gettext(floor), found))
    return [
        (floor, [Line(label, url, url == best and _covers(url, path)) for label, url in found])
        for floor, found in shown
    ]


def _covers(url: str, path: str) -> bool:
    return path == url or url != "/"


def _address(page: str) -> str:
    try:
        return reverse(page)
    except NoReverseMatch:
        return ""
