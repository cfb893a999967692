"""Who is asking: the account behind a request, its organisation, and the page asked for."""

from typing import cast

from django.http import HttpRequest

from fenghuo.ground.accounts.models import Account, Organisation


def account_of(request: HttpRequest) -> Account:
    """The signed-in account; `SignedIn` has let nobody else through."""
    return cast(Account, request.user)


def organisation_of(request: HttpRequest) -> Organisation:
    """The organisation whose things this request may see."""
    return account_of(request).person.organisation


def page_number(request: HttpRequest) -> int:
    """`?page=`, 1 when it is missing or nonsense."""
    text = request.GET.get("page", "")
    return int(text) if text.isdecimal() and 0 < int(text) < 1_000_000 else 1
