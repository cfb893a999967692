"""A town below its county, and people at their posts."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection

from fenghuo.ground.accounts import actions, queries, triggers
from fenghuo.ground.accounts.models import Account, Organisation
from fenghuo.ground.areas.models import Area

PASSWORD = "三只白鹭 over still water"


class QuickArgon2(Argon2PasswordHasher):
    """The same hash at a hundredth of its price, for tests that sign in hundreds of times."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.QuickArgon2"]


def found_area(code: str, name: str, level: str, parent: Area | None) -> Area:
    return Area.objects.get_or_create(code=code, defaults={"name": name, "level": level, "parent": parent})[0]


@pytest.fixture
def county(db: None) -> Organisation:
    triggers.install(connection)
    province = found_area("12", "天津市", "province", None)
    city = found_area("1201", "市辖区", "city", province)
    area = found_area("120119", "蓟州区", "county", city)
    return Organisation.objects.create(area=area, name="蓟州区应急管理局", profile="xiacang")


@pytest.fixture
def town(county: Organisation) -> Organisation:
    area = found_area("120119111", "下仓镇", "town", county.area)
    return Organisation.objects.create(area=area, name="天津市蓟州区下仓镇", profile="xiacang")


@pytest.fixture
def hire(county: Organisation) -> Callable[..., Account]:
    """`hire("signer", organisation=town)`: a person at work at once, with no keys."""
    hired = 0

    def at_work(*posts: str, organisation: Organisation = county) -> Account:
        nonlocal hired
        hired += 1
        name = f"第{hired}人"
        account = actions.enrol_for_exercise(
            organisation=organisation, name=name, username=f"person.{hired}", posts=posts
        )
        account.place = "10.0.0.1"
        return account

    return at_work


@pytest.fixture
def keyed(hire: Callable[..., Account]) -> Callable[..., tuple[Account, Callable[[int], str]]]:
    """`keyed("signer")`: a person with password and authenticator app; the second value tells the code of step -1, 0 or 1."""

    def at_work(*posts: str, **options: Organisation) -> tuple[Account, Callable[[int], str]]:
        account = hire(*posts, **options)
        secret = actions.give_totp_for_exercise(account=account)
        account.set_password(PASSWORD)
        account.save()
        return account, lambda offset=0: queries.totp_code(secret, offset=offset)

    return at_work
