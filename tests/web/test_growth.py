"""A page asks the same number of questions of the databases however much there is: ten things or two hundred."""

from collections.abc import Callable

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from fenghuo.ground.accounts.models import Account
from fenghuo.readiness.contacts import actions as contacts
from tests.web.world import World

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
SLACK = 2  # a query for a second chunk of ids is not growth


def questions(world: World, post: str, path: str) -> int:
    client = world.client(post)
    client.get(path)  # the first visit fills caches that are not the page's
    with CaptureQueriesContext(connections["default"]) as own, CaptureQueriesContext(connections["ledger"]) as ledger:
        answer = client.get(path)
    assert answer.status_code == 200
    return len(own) + len(ledger)


def grow(few: Callable[[], object], many: Callable[[], object], measured: Callable[[], int]) -> tuple[int, int]:
    few()
    before = measured()
    many()
    return before, measured()


@pytest.mark.parametrize(
    ("post", "path"),
    [("entry", "/"), ("signer", "/"), ("entry", "/alerts/"), ("entry", "/templates/"), ("auditor", "/journal/")],
)
def test_lists_of_alerts(world: World, post: str, path: str) -> None:
    before, after = grow(
        lambda: [world.draft() for _ in range(3)] + [world.submitted() for _ in range(3)],
        lambda: [world.draft() for _ in range(20)] + [world.submitted() for _ in range(20)],
        lambda: questions(world, post, path),
    )
    assert after <= before + SLACK


@pytest.mark.parametrize("path", ["/", "/in-doubt/", "/operation-log/", "/current/", "/feeds/alerts.atom"])
def test_pages_of_releases(world: World, path: str) -> None:
    before, after = grow(
        lambda: [world.signed() for _ in range(3)],
        lambda: [world.signed() for _ in range(12)],
        lambda: questions(world, "duty_officer", path),
    )
    assert after <= before + SLACK


@pytest.mark.parametrize("path", ["/groups/", "/contacts/", "/alerts/new/"])
def test_pages_of_groups(world: World, path: str) -> None:
    def groups(first: int, count: int) -> None:
        for index in range(first, first + count):
            group = contacts.create_group(organisation=world.organisation, name=f"群组{index}", by=None)
            contacts.add_rule(group=group, position="村级责任人", by=None)

    post = "entry" if path == "/alerts/new/" else "resource_keeper"
    before, after = grow(lambda: groups(0, 5), lambda: groups(5, 60), lambda: questions(world, post, path))
    assert after <= before + SLACK


def test_a_page_of_recipients_asks_no_more_for_more_people(world: World) -> None:
    small = world.signed(audience={"groups": [], "areas": [world.content()["audience"]["areas"][0]]})
    large = world.signed()
    few, many = (questions(world, "duty_officer", f"/alerts/{one.id}/recipients/") for one in (small, large))
    assert many <= few + SLACK


def test_every_account_costs_the_frame_the_same(world: World) -> None:
    assert Account.objects.count() > 5
    assert questions(world, "entry", "/alerts/") <= 14
