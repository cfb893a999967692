"""The page of the gateway accounts: meters, quota, link tests, alarms, and the duty group that two administrators choose."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils.translation import override

from fenghuo.delivery.gateways.config import Fault, WrongAccount
from fenghuo.delivery.ledger import actions
from fenghuo.delivery.ledger.models import Account
from fenghuo.delivery.ledger.values import LinkTest, Used
from fenghuo.delivery.watch.actions import record_link_tests, watch
from fenghuo.delivery.watch.models import Alarm
from fenghuo.ground.accounts import actions as people
from fenghuo.ground.journal.models import JournalEntry
from fenghuo.web import delivery_words
from tests.delivery.makers import gateway
from tests.web.world import World

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
TOLD: dict[str, Any] = {"since": 1, "in_flight": 3, "heard_at": 1, "lease_ms": 60_000}


@pytest.fixture
def account() -> Iterator[str]:
    """One account of the settings, served and bound."""
    settings.FENGHUO.gateway.append(gateway("mobile", rate=100, quota_per_month=1_000))
    fence = actions.take_lease("mobile", "cmpp3", holder="x", dead="", lease_ms=60_000)
    assert fence is not None
    actions.report_health("mobile", fence=fence, state="bound", error="", used=Used(), host="host-a", **TOLD)
    yield "mobile"
    settings.FENGHUO.gateway.clear()


def becomes(state: str, error: str = "") -> None:
    fence = Account.objects.get().fence
    actions.report_health("mobile", fence=fence, state=state, error=error, **TOLD)


def lasts(seconds: float) -> None:
    """The alarm has lasted, and so has whatever it waits for."""
    for one in Alarm.objects.filter(ended_at=None):
        one.began_at -= timedelta(seconds=seconds)
        one.well_at = one.well_at and one.well_at - timedelta(seconds=seconds)
        one.save()
    watch()


def test_the_page_says_how_an_account_is_and_how_much_of_it_is_used(world: World, account: str) -> None:
    fence = Account.objects.get().fence
    used = Used(messages=450, recipients=450, submits=9, throttled=2, busy_ms=5_000, answers=3, answered_ms=90)
    actions.report_health("mobile", fence=fence, state="bound", error="", used=used, host="host-a", **TOLD)
    for path in ("/gateways/", "/gateways/mobile/", "/gateways/?part", "/gateways/mobile/?part"):
        html = world.client("duty_officer").get(path).content.decode()
        for shown in ("90%", "450", "host-a", "550", "30"):
            assert shown in html, (path, shown)
        assert 'hx-trigger="every 5s"' in html
        assert "<rect" in html
    assert "quota_per_month" in world.client("auditor").get("/gateways/mobile/").content.decode()
    assert world.client("auditor").get("/gateways/other/").status_code == 404


def test_who_has_no_business_with_the_line_does_not_see_it(world: World, account: str) -> None:
    assert world.client("resource_keeper").get("/gateways/").status_code == 200
    assert world.client("system_admin").get("/gateways/mobile/").status_code == 200


def test_a_page_asks_the_same_number_of_queries_whatever_the_number_of_accounts(
    world: World, account: str, django_assert_max_num_queries
) -> None:
    client = world.client("duty_officer")
    client.get("/gateways/?part")
    settings.FENGHUO.gateway.extend(gateway(f"more{n}") for n in range(20))
    with django_assert_max_num_queries(14, using="default"), django_assert_max_num_queries(8, using="ledger"):
        client.get("/gateways/?part")


def test_a_gateway_that_is_down_rings_until_someone_takes_note_and_clears_by_itself(world: World, account: str) -> None:
    duty = world.client("duty_officer")
    becomes("down", "connect_refused")
    watch()
    assert "data-ring" not in duty.get("/?part").content.decode()
    lasts(11)
    for path in ("/?part", "/gateways/?part"):
        html = duty.get(path).content.decode()
        assert f'data-ring="alarm:{Alarm.objects.get().pk}"' in html
    # The auditor sees it; it does not ring for who may not take note.
    assert "data-ring" not in world.client("auditor").get("/?part").content.decode()
    assert duty.post("/alarms/note/", {"what": f"alarm:{Alarm.objects.get().pk}"}).status_code == 302
    assert "data-ring" not in world.client("leader").get("/?part").content.decode()
    becomes("bound")
    watch()
    assert "panel-alarm" in duty.get("/?part").content.decode()  # it must stay well for a moment
    lasts(11)
    assert "panel-alarm" not in duty.get("/?part").content.decode()
    acts = list(JournalEntry.objects.filter(act__startswith="gateway.").values_list("act", "organisation"))
    own = world.organisation.pk
    assert acts == [("gateway.alarm", own), ("gateway.alarm_noted", own), ("gateway.well", own)]


def test_an_account_that_stays_out_since_a_restore_is_no_alarm_and_says_what_ends_it(
    world: World, account: str
) -> None:
    becomes("paused", "restored")
    watch()
    lasts(120)
    assert not Alarm.objects.exists()
    with override("zh-hans"):
        why = delivery_words.gateway_error("restored")
    for path in ("/gateways/", "/gateways/mobile/", "/gateways/?part"):
        assert why in world.client("duty_officer").get(path).content.decode(), path


def test_a_short_drop_is_no_alarm_and_a_line_that_comes_and_goes_is_one(world: World, account: str) -> None:
    becomes("connecting", "lost")
    watch()
    becomes("bound")
    watch()
    lasts(11)
    assert not Alarm.objects.exists()
    for _ in range(4):
        becomes("connecting", "lost")
        watch()
        lasts(4)
        becomes("bound")
        watch()
    assert [one.rang_at is not None for one in Alarm.objects.all()] == [True]
    assert JournalEntry.objects.filter(act="gateway.alarm").count() == 1


def test_a_worker_that_just_came_up_gives_the_sender_a_moment(world: World, account: str) -> None:
    Account.objects.update(seen_at=Account.objects.get().seen_at - 3_600_000)
    watch(awake=1.0)
    Alarm.objects.update(began_at=Alarm.objects.get().began_at - timedelta(seconds=5))
    watch(awake=6.0)
    assert Alarm.objects.get().rang_at is None
    watch(awake=16.0)
    assert Alarm.objects.get().rang_at is not None


def test_a_sender_that_died_rings_within_a_minute(world: World, account: str) -> None:
    Account.objects.update(seen_at=Account.objects.get().seen_at - 46_000)
    watch()
    lasts(3)  # 46 s without a report, 3 s here, 5 s until the desk asks again: within the minute
    assert Alarm.objects.get().rang_at is not None
    assert Alarm.objects.get().error == "no_sender"


def test_a_failed_link_test_rings_until_somebody_has_heard_it(world: World, account: str) -> None:
    fence = Account.objects.get().fence
    day = 20991231
    found = LinkTest(day, "login", False, 0, "login_3")
    assert actions.keep_link_test("mobile", fence=fence, lease_ms=60_000, found=found)
    assert (record_link_tests(), record_link_tests()) == (1, 0)
    watch()
    lasts(11)
    duty = world.client("duty_officer")
    assert "data-ring" in duty.get("/?part").content.decode()
    duty.post("/alarms/note/", {"what": f"alarm:{Alarm.objects.get().pk}"})
    watch()
    lasts(11)
    assert Alarm.objects.get().ended_at is not None
    assert JournalEntry.objects.get(act="gateway.link_test").detail["ok"] is False


@pytest.mark.parametrize(
    "what",
    [
        "",
        "alarm:",
        "alarm:x",
        "alarm:\x00",
        "pause:x",
        "pause:١",
        "\x00",
        "pause:" + "9" * 40,
        "x" * 5000,
    ],
)
def test_nonsense_is_no_note(world: World, what: str) -> None:
    assert world.client("duty_officer").post("/alarms/note/", {"what": what}).status_code in (404, 422, 400)


def test_a_wrong_table_is_shown_with_its_faults(world: World) -> None:
    settings.FENGHUO.wrong_gateways.append(
        WrongAccount(2, "unicom", "cmpp3", (Fault(17, "rate", "不是整数", "is no whole number"),))
    )
    try:
        html = world.client("system_admin").get("/gateways/").content.decode()
    finally:
        settings.FENGHUO.wrong_gateways.clear()
    assert "unicom" in html
    assert "17" in html
    assert "不是整数" in html


def test_a_pause_rings_for_everybody_but_who_pulled_the_brake(world: World) -> None:
    world.client("entry").post("/sending/pause/", {"reason": "发现错误"})
    for post in ("signer", "leader", "duty_officer", "auditor", "system_admin", "resource_keeper"):
        html = world.client(post).get("/?part").content.decode()
        assert 'data-ring="pause:' in html, post
        assert "发现错误" in html
        assert world.people["entry"].person.name in html
    assert "data-ring" not in world.client("entry").get("/?part").content.decode()
    leader = world.client("leader")
    key = leader.get("/?part").context["pause_key"]
    leader.post("/alarms/note/", {"what": key})
    assert "data-ring" not in leader.get("/?part").content.decode()
    assert "data-ring" in world.client("signer").get("/?part").content.decode()  # each for themselves
    assert JournalEntry.objects.filter(act="sending.pause_noted").count() == 1


def test_machines_read_the_same_as_people(world: World, account: str) -> None:
    fence = Account.objects.get().fence
    used = Used(messages=450, recipients=450, submits=9, busy_ms=5_000, answers=3, answered_ms=90)
    actions.report_health("mobile", fence=fence, state="bound", error="", used=used, host="host-a", **TOLD)
    assert actions.keep_link_test("mobile", fence=fence, lease_ms=1000, found=LinkTest(20991231, "heartbeat", True, 12))
    told = []
    for post in ("duty_officer", "system_admin"):
        token = people.issue_token(account=world.people[post], by=None, name="test")
        answer = Client().get("/api/v1/gateways", headers={"authorization": f"Bearer {token}"})
        assert answer.status_code == 200
        told.append(answer.json()["items"][0]["usage"])
    use = told[0]
    assert told[1] == use
    assert (use["messages_month"], use["quota_per_month"], use["left_of_quota"], use["backlog"]) == (450, 1000, 550, 0)
    assert (use["utilisation_now"], use["answer_ms"], use["served_by"]) == (0.9, 30, "host-a")
    assert (use["last_link_test"]["kind"], use["last_link_test"]["ms"]) == ("heartbeat", 12)
    text = Client().get("/metrics").content.decode()
    assert 'fenghuo_gateway_month_messages{gateway="mobile"} 450.0' in text
    assert 'fenghuo_gateway_utilisation{gateway="mobile"} 0.9' in text
    assert 'fenghuo_gateway_link_test{gateway="mobile"} 1.0' in text
