"""The people of tests/ground/accounts, met through pages."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from fenghuo.ground import clock
from fenghuo.ground.accounts.models import Account
from tests.ground.accounts.conftest import PASSWORD, county, hire, keyed, quick_passwords, town

__all__ = ["PASSWORD", "county", "hire", "keyed", "quick_passwords", "token_in", "town"]


SignIn = Callable[..., Client]


@pytest.fixture
def sign_in() -> SignIn:
    """`sign_in(account, code)`: a client that came in by password and authenticator app."""

    def come_in(account: Account, code: str, client: Client | None = None, place: str = "10.0.0.1") -> Client:
        client = client or Client(REMOTE_ADDR=place)
        first = client.post("/sign-in/", {"username": account.username, "password": PASSWORD})
        assert first.status_code == 302, first.content.decode()
        second = client.post("/sign-in/factor/", {"code": code})
        assert second.status_code == 302, second.content.decode()
        return client

    return come_in


def token_in(page: str) -> list[str]:
    """The tokens of links shown on a page."""
    return re.findall(r"/invitations/([0-9a-f]{64})/", page)


def seconds(call: Callable[[], object]) -> float:
    """How long a call takes."""
    began = clock.monotonic()
    call()
    return clock.monotonic() - began
