"""The monthly link test: to the duty group alone, in the machine's own words, once a month, by the choice of two administrators."""

from datetime import datetime, time, timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from fenghuo.delivery.ledger.models import Broadcast, Order
from fenghuo.ground import clock
from fenghuo.ground.journal.models import JournalEntry
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import actions as contacts
from fenghuo.readiness.contacts.rules import Row
from fenghuo.warning.alerts.models import Release
from fenghuo.warning.linktests import actions, queries, rules
from fenghuo.warning.linktests.models import SmsTest
from tests.web.world import TOWN, World, make

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
ZONE = timezone.get_default_timezone()


@pytest.fixture
def world(db) -> World:
    return make()


def at(*moment: int):
    """The wall clock stands at a local time."""
    return clock.moved(datetime(*moment, tzinfo=ZONE) - clock.now())  # type: ignore[arg-type, misc]


def chosen(world: World, *moment: int) -> None:
    """At that local time, or before the moments of all these tests: whatever day it is today."""
    with at(*(moment or (2026, 11, 20, 12, 0))):
        proposal = actions.propose(group=world.group.pk, by=world.people["system_admin"])
        actions.decide(proposal=proposal, approve=True, by=world.people["security_admin"])


def test_nothing_is_sent_until_two_administrators_have_chosen_the_group(world: World) -> None:
    with at(2026, 7, 1, 10, 30):
        assert actions.send_due() is None
        proposal = actions.propose(group=world.group.pk, by=world.people["system_admin"])
        assert actions.send_due() is None
        for post in ("system_admin", "signer", "auditor", "duty_officer"):
            with pytest.raises(Refused):
                actions.decide(proposal=proposal, approve=True, by=world.people[post])
        actions.decide(proposal=proposal, approve=True, by=world.people["security_admin"])
        test = actions.send_due()
    assert test is not None
    assert test.count == Broadcast.objects.get(id=test.broadcast).count > 0


@pytest.mark.parametrize("post", ["entry", "signer", "leader", "security_admin", "auditor", "duty_officer"])
def test_only_the_system_administrator_proposes(world: World, post: str) -> None:
    with pytest.raises(Refused) as refused:
        actions.propose(group=world.group.pk, by=world.people[post])
    assert refused.value.kind == "forbidden"


def test_the_text_is_the_machines_and_says_that_it_is_a_test(world: World) -> None:
    chosen(world)
    with at(2027, 7, 1, 10, 30):
        test = actions.send_due()
    assert test is not None
    assert "（测试）" in test.text
    assert "不是预警" in test.text
    sent = Broadcast.objects.get(id=test.broadcast)
    assert sent.text == test.text
    assert sent.lane == 5  # behind every warning
    assert sent.expires_at < 2_000_000_000_000
    # It is no alert and no release: nowhere on the public page, in no list of alerts, in nobody's doubts.
    assert not Release.objects.exists()
    assert Order.objects.get().detail == {"sms_test": test.pk}
    assert JournalEntry.objects.get(act="linktests.sent").detail["count"] == test.count


def test_it_goes_once_a_month_and_is_caught_up_with_once(world: World) -> None:
    chosen(world)
    counts = []
    for moment in (
        (2027, 1, 1, 9, 59),  # not yet
        (2027, 1, 1, 10, 0),  # now
        (2027, 1, 1, 10, 1),
        (2027, 1, 20, 12, 0),
        (2027, 5, 20, 3, 0),  # four months of downtime, and the middle of the night
        (2027, 5, 20, 10, 5),  # once
        (2027, 5, 21, 10, 5),
        (2027, 6, 1, 10, 0),
    ):
        with at(*moment):
            actions.send_due()
            counts.append(SmsTest.objects.count())
    assert counts == [0, 1, 1, 1, 1, 2, 2, 3]


def test_a_group_chosen_after_the_day_begins_next_month(world: World) -> None:
    chosen(world, 2027, 3, 10, 10, 59)
    with at(2027, 3, 10, 11, 0):
        assert actions.send_due() is None
    with at(2027, 4, 1, 11, 0):
        assert actions.send_due() is not None


def test_what_cannot_be_sent_says_why_and_is_tried_again_the_next_day(world: World) -> None:
    chosen(world)
    contacts.remove_group(group=world.group, by=world.people["resource_keeper"])
    with at(2027, 2, 1, 10, 0):
        first = actions.send_due()
        assert actions.send_due() is None
    assert first is not None
    assert (first.broadcast, first.problem != "") == ("", True)
    with at(2027, 2, 2, 10, 0):
        assert actions.send_due() is not None
    assert SmsTest.objects.count() == 1
    assert JournalEntry.objects.filter(act="linktests.not_sent").count() == 2
    assert not Order.objects.exists()


def test_a_group_as_large_as_a_village_is_no_duty_group(world: World) -> None:
    rows = [Row(f"人{n}", TOWN, (10_100_000_000 + n,), "全体") for n in range(rules.MOST + 1)]
    contacts.load_many(organisation=world.organisation, rows=rows, by=None)
    group = contacts.create_group(organisation=world.organisation, name="全体", by=None)
    contacts.add_rule(group=group, position="全体", by=None)
    with pytest.raises(Refused) as refused:
        actions.propose(group=group.pk, by=world.people["system_admin"])
    assert refused.value.code == "duty_group_large"


def test_either_administrator_ends_it_alone(world: World) -> None:
    chosen(world)
    with pytest.raises(Refused):
        actions.end(by=world.people["leader"])
    actions.end(by=world.people["security_admin"])
    assert queries.chosen() is None
    with at(2027, 7, 1, 10, 30):
        assert actions.send_due() is None


def test_a_neighbours_group_is_not_there(world: World) -> None:
    other = make(name="邻镇", numbers_from=1_000)
    with pytest.raises(Refused):  # and nobody here stands above the other
        actions.propose(group=other.group.pk, by=world.people["system_admin"])


@pytest.mark.parametrize(
    ("now", "day", "month"),
    [
        (datetime(2026, 3, 1, 10, 0, tzinfo=ZONE), 1, 202603),
        (datetime(2026, 3, 1, 9, 59, tzinfo=ZONE), 1, None),
        (datetime(2026, 3, 1, 18, 0, tzinfo=ZONE), 1, None),
        (datetime(2026, 1, 5, 12, 0, tzinfo=ZONE), 28, 202512),
        (datetime(2026, 1, 28, 12, 0, tzinfo=ZONE), 28, 202601),
    ],
)
def test_the_calendar(now: datetime, day: int, month: int | None) -> None:
    assert rules.due_month(now, day=day, at=time(10, 0)) == month


def test_the_page_walks_through_the_choice_and_shows_the_receipts(world: World) -> None:
    system, security = world.client("system_admin"), world.client("security_admin")
    html = system.get("/gateways/").content.decode()
    assert world.group.pk in html
    assert system.post("/gateways/", {"do": "propose", "group": "nonsense"}).status_code == 422
    assert system.post("/gateways/", {"do": "propose", "group": world.group.pk}).status_code == 302
    waiting = queries.proposed(world.organisation)
    assert waiting is not None
    assert system.post("/gateways/", {"do": "approve", "proposal": waiting.pk}).status_code == 403
    assert world.client("leader").post("/gateways/", {"do": "approve", "proposal": waiting.pk}).status_code == 403
    assert security.post("/gateways/", {"do": "approve", "proposal": waiting.pk}).status_code == 302
    assert security.post("/gateways/", {"do": "approve", "proposal": waiting.pk}).status_code == 404
    month = timezone.localtime(clock.now() + timedelta(days=40)).replace(day=settings.FENGHUO.sms_test_day)
    with at(month.year, month.month, month.day, 11, 0):
        test = actions.send_due()
    assert test is not None
    html = world.client("duty_officer").get("/gateways/").content.decode()
    assert test.text in html
    assert world.group.name in html
    assert world.client("leader").post("/gateways/", {"do": "end"}).status_code == 403
    assert system.post("/gateways/", {"do": "end"}).status_code == 302
    assert system.post("/gateways/", {"do": "nonsense"}).status_code == 422
