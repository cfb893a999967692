"""What the frame around every page shows: organisation, mode, who is signed in, the menu, the server's clock."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from fenghuo.ground import clock
from fenghuo.ground.accounts import queries as accounts
from fenghuo.ground.disk import queries as disk
from fenghuo.web.shell import menu


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor of base.html. Two queries for someone signed in, none for the public."""
    frame: dict[str, Any] = {"mode": settings.FENGHUO.mode, "clock_now": clock.now(), "zone": settings.TIME_ZONE}
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return frame
    posts = frozenset(user.person.postings.filter(until=None).values_list("post", flat=True))
    organisation = user.person.organisation
    # XC 7: where the tier above administers, the town has no such pages; asked only for those who would see them.
    hidden = bool(posts & menu.ADMINISTRATION) and accounts.provisioned_above(organisation)
    return frame | {
        "disk": disk.disk(),
        "organisation": organisation,
        "posts": posts,
        "menu": menu.lines(posts, request.path, menu.PROVISIONED if hidden else frozenset()),
    }
