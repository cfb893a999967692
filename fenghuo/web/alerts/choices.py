"""What can be chosen while composing: types of event and groups."""

from itertools import groupby

from django.utils.translation import get_language, gettext

from fenghuo.ground.accounts.models import Organisation
from fenghuo.readiness.contacts.models import Group
from fenghuo.wire.cap import events

Choice = tuple[str, str]


def event_choices(also: str = "") -> list[tuple[str, list[Choice]]]:
    """The warnable types, grouped by the class above them, each with its national code.

    `also`: a code that came from above and that the table does not list; it stays a choice.
    """
    chinese = get_language() != "en"

    def name(event: events.EventType) -> str:
        return event.zh if chinese else event.en

    grouped = []
    for parent, members in groupby(events.warnable(), key=lambda event: event.code[:3] + "00"):
        above = events.find(parent)
        # Where the table knows one type under two codes, the later one is offered; the other is still understood.
        by_name = {one.zh: one for one in members}
        choices = [(one.code, f"{name(one)} {one.code}") for one in by_name.values()]
        grouped.append((name(above) if above else parent, choices))
    if also and events.CODE.fullmatch(also) and events.find(also) is None:
        grouped.append((gettext("As received from above"), [(also, also)]))
    return grouped


def group_choices(organisation: Organisation) -> list[Choice]:
    """Groups by name."""
    return list(Group.objects.filter(organisation=organisation).order_by("name").values_list("id", "name"))
