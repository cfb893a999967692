"""What gateways said that belongs to nothing: listed, told apart, masked, paged, seen by a person, and forgotten in the end."""

from collections.abc import Sequence

import pytest

from fenghuo.delivery.ledger import actions, store
from fenghuo.delivery.ledger.models import Inbound
from fenghuo.delivery.ledger.values import Heard
from fenghuo.delivery.watch.models import Noted
from fenghuo.ground import clock
from fenghuo.ground.accounts import actions as accounts
from fenghuo.ground.journal.models import JournalEntry
from fenghuo.readiness.contacts.models import ContactNumber
from tests.web.test_growth import SLACK, questions
from tests.web.world import World, make

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
STRANGER = "10088887777"


def heard(rows: Sequence[tuple[str, str, str]], account: str = "mobile", age_days: float = 0) -> None:
    """(kind, number, what it said), as a sender keeps them."""
    at, first = round(clock.now().timestamp() * 1000 - age_days * 86_400_000), Inbound.objects.count()
    with store.writing():
        store.insert_inbound(
            [Heard(kind, account, at, str(first + n), number, text) for n, (kind, number, text) in enumerate(rows)]
        )


def page(world: World, post: str = "duty_officer", query: str = "") -> str:
    answer = world.client(post).get(f"/unmatched/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_each_kind_is_listed_with_what_the_gateway_said(world: World) -> None:
    heard([("orphan", STRANGER, "DELIVRD"), ("conflict", STRANGER, "UNDELIV"), ("unreadable", "", "<b>\u202e00 07")])
    html = page(world)
    for said in ("DELIVRD", "UNDELIV", "&lt;b&gt;", "mobile", STRANGER):
        assert said in html, said
    assert "UNDELIV" not in page(world, query="?kind=orphan&account=")
    assert "DELIVRD" not in page(world, query="?kind=conflict&account=")
    assert "UNDELIV" in page(world, query="?kind=nonsense&account=%00&before=١")


def test_the_carriers_own_id_and_time_are_shown_to_ask_by(world: World) -> None:
    at = round(clock.now().timestamp() * 1000)
    with store.writing():
        store.insert_inbound(
            [Heard("orphan", "web", at, "77", STRANGER, "DELIVRD", carrier_id="a81-x/7", done_at=1_780_000_000_000)]
        )
    html = page(world)
    assert "a81-x/7" in html
    assert "2026-05-29" in html


def test_numbers_are_masked_by_post_and_our_own_people_always(world: World) -> None:
    own = ContactNumber.objects.filter(organisation=world.organisation)[0]
    heard([("orphan", STRANGER, "DELIVRD"), ("conflict", f"86{own.address}", "UNDELIV")])
    for post in ("duty_officer", "auditor", "leader"):
        html = page(world, post)
        assert own.contact.name in html, post
        assert str(own.address) not in html, post
    assert STRANGER in page(world, "duty_officer")
    assert STRANGER not in page(world, "auditor")
    assert "100****7777" in page(world, "auditor")


def test_a_town_below_sees_its_own_numbers_and_nobody_elses(world: World) -> None:
    accounts.create_organisation(area_code="120119", name="蓟州区", profile="wuqing", by=None)
    neighbour = make(name="邻镇", numbers_from=1_000)
    own = ContactNumber.objects.filter(organisation=world.organisation)[0]
    other = ContactNumber.objects.filter(organisation=neighbour.organisation)[0]
    heard(
        [("orphan", str(own.address), "OURS"), ("orphan", str(other.address), "THEIRS"), ("unreadable", "", "NOBODY")]
    )
    html = page(world)
    assert "OURS" in html
    for foreign in ("THEIRS", "NOBODY", str(other.address)[-4:]):
        assert foreign not in html, foreign
    assert world.client("duty_officer").get("/?part").context["unmatched"] == 1
    assert neighbour.client("duty_officer").get("/?part").context["unmatched"] == 1


def test_a_town_finds_its_own_among_very_many_of_others(world: World) -> None:
    accounts.create_organisation(area_code="120119", name="蓟州区", profile="wuqing", by=None)
    own = ContactNumber.objects.filter(organisation=world.organisation)[0]
    heard([("orphan", str(own.address), "OURS")])
    heard([("orphan", str(10_050_000_000 + n), "THEIRS") for n in range(2_500)])
    query, looked = "", 0
    while "OURS" not in (html := page(world, query=query)):
        looked += 1
        query = "?" + html.split('rel="next" href="?')[1].split('"')[0].replace("&amp;", "&")
        assert looked < 4
    assert "THEIRS" not in html


def test_page_after_page_everything_is_shown_once_in_a_constant_number_of_queries(world: World) -> None:
    heard([("orphan", str(10_050_000_000 + n), f"W{n:04}") for n in range(120)])
    client, query, seen = world.client("duty_officer"), "", list[str]()
    while True:
        answer = client.get(f"/unmatched/{query}")
        seen += [row["it"].text for row in answer.context["rows"]]
        if answer.context["older"] is None:
            break
        query = f"?before={answer.context['older']}"
    assert seen == [f"W{n:04}" for n in reversed(range(120))]
    few = questions(world, "duty_officer", "/unmatched/")
    heard([("conflict", str(10_050_000_000 + n), "X") for n in range(2_000)])
    assert questions(world, "duty_officer", "/unmatched/") <= few + SLACK


def test_who_has_looked_makes_them_old_for_everybody_and_the_journal_says_who(world: World) -> None:
    heard([("orphan", STRANGER, "DELIVRD"), ("unreadable", "", "00")])
    duty, leader = world.client("duty_officer"), world.client("leader")
    assert leader.get("/?part").context["unmatched"] == 2
    assert leader.get("/gateways/?part").context["unmatched"] == 2
    newest = duty.get("/unmatched/").context["newest"]
    assert duty.post("/unmatched/seen/", {"up_to": newest}).status_code == 302
    assert duty.post("/unmatched/seen/", {"up_to": newest}).status_code == 302  # the same press, twice
    assert leader.get("/?part").context["unmatched"] == 0
    entry = JournalEntry.objects.get(act="gateway.unmatched_seen")
    assert entry.actor["account"] == world.people["duty_officer"].pk
    heard([("orphan", STRANGER, "ANOTHER")])
    assert leader.get("/?part").context["unmatched"] == 1
    assert "DELIVRD" in page(world)  # seen is not gone


@pytest.mark.parametrize("post", ["auditor", "resource_keeper"])
def test_who_only_reads_cannot_say_that_it_was_seen(world: World, post: str) -> None:
    heard([("orphan", STRANGER, "DELIVRD")])
    assert world.client(post).post("/unmatched/seen/", {"up_to": "1"}).status_code == 403
    assert not Noted.objects.exists()


@pytest.mark.parametrize("up_to", ["", "0", "-1", "x", "\x00", "9" * 40, "١"])
def test_nonsense_is_not_seen(world: World, up_to: str) -> None:
    heard([("orphan", STRANGER, "DELIVRD")])
    assert world.client("duty_officer").post("/unmatched/seen/", {"up_to": up_to}).status_code == 409
    assert not Noted.objects.exists()


def test_what_was_not_shown_yet_is_not_seen_by_saying_so(world: World) -> None:
    """A number far above everything would silence what comes for ever."""
    heard([("orphan", STRANGER, "DELIVRD")])
    world.client("duty_officer").post("/unmatched/seen/", {"up_to": str(2**60)})
    heard([("orphan", STRANGER, "LATER")])
    assert world.client("duty_officer").get("/?part").context["unmatched"] >= 1


def test_it_is_forgotten_after_four_hundred_days_and_not_before(world: World) -> None:
    heard([("orphan", STRANGER, "OLD")], age_days=401)
    heard([("orphan", STRANGER, "YOUNG")], age_days=399)
    assert actions.forget_heard(now_ms=round(clock.now().timestamp() * 1000)) == 1
    assert list(Inbound.objects.values_list("text", flat=True)) == ["YOUNG"]


def test_replies_from_unknown_numbers_are_one_press_away(world: World) -> None:
    assert "/replies/?from=unknown" in page(world)
    assert "/replies/?from=unknown" not in page(world, "leader")  # who may not read replies
