"""Who calls: a bearer token of one account. No cookie opens this door, so no page can be tricked into using it."""

from django.http import HttpRequest
from ninja.security import HttpBearer

from fenghuo.ground.accounts import queries
from fenghuo.ground.accounts.models import Account, Organisation


class Token(HttpBearer):
    """`Authorization: Bearer fh_<id>_<secret>`."""

    openapi_scheme = "bearer"

    def authenticate(self, request: HttpRequest, token: str) -> Account | None:
        return queries.account_of_token(token)


def caller(request: HttpRequest) -> Account:
    """The account whose token opened this request."""
    account: Account = request.auth  # type: ignore[attr-defined]  # ninja puts it there
    return account


def home(request: HttpRequest) -> Organisation:
    """The organisation of the caller: nothing of another one is ever found."""
    return queries.organisation_of(caller(request))
