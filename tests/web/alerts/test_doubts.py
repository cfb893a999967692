"""Who is in doubt is listed whatever was sent to them and however long ago, and a person decides on some of them or on all."""

from array import array
from datetime import timedelta

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone

from fenghuo.delivery.ledger import actions as ledger
from fenghuo.delivery.ledger import columns, queries, store
from fenghuo.delivery.ledger.models import Block, Broadcast, Order
from fenghuo.delivery.ledger.states import UNSENT
from fenghuo.ground import clock
from fenghuo.ground.accounts import actions as accounts
from fenghuo.ground.accounts.models import Person
from fenghuo.ground.ids import new_id
from fenghuo.ground.journal.models import JournalEntry
from fenghuo.warning.alerts.actions import service
from fenghuo.warning.alerts.models import Alert, Release, ServiceText
from fenghuo.warning.linktests.models import SmsTest
from tests.makers.doubts import decisions_taken, put_in_doubt
from tests.web.test_growth import SLACK, questions
from tests.web.world import World, make, obeyed

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
PATH = "/in-doubt/"


def doubtful(world: World, people: int) -> Alert:
    """A released alert with so many in doubt."""
    alert = world.signed()
    obeyed()
    put_in_doubt(alert.broadcast, people)
    return alert


def in_doubt(alert: Alert) -> int:
    return queries.progress([alert.broadcast or ""])[alert.broadcast or ""].in_doubt


def service_text(world: World) -> ServiceText:
    person = Person.objects.get(name="下仓镇镇长")
    soon = clock.now() + timedelta(hours=1)
    prepared = service.prepare(
        organisation=world.organisation, address=10_012_345_678, words=lambda _n: "请审批", expires_at=soon
    )
    text = service.send(
        prepared=prepared, organisation=world.organisation, alert=None, person=person, purpose="ask", by=None
    )
    obeyed()
    put_in_doubt(text.broadcast)
    return text


def link_test(world: World, people: int) -> SmsTest:
    frozen = ledger.freeze(
        broadcast=new_id(), mode="exercise", lane=5, text="【下仓镇】（测试）例行测试。", correction="", src_id="12379",
        expires_at=clock.now() + timedelta(hours=1), policy="patient", organisation=world.organisation.pk,
        contact_ids=array("Q", range(1, people + 1)), addresses=array("Q", range(10_020_000_000, 10_020_000_000 + people)),
    )  # fmt: skip
    test = SmsTest.objects.create(
        organisation=world.organisation,
        month=202607,
        broadcast=frozen.broadcast,
        group_name="值班组",
        at=timezone.now(),
    )
    ledger.order(kind="release", broadcast=frozen.broadcast, by={"system": True}, detail={})
    obeyed()
    put_in_doubt(frozen.broadcast)
    return test


def newer_ones_that_are_over(world: World, like: Alert, many: int) -> None:
    now, before = clock.now(), clock.now() - timedelta(hours=1)
    alerts = Alert.objects.bulk_create(
        Alert(
            organisation=world.organisation, author=like.author, author_person=like.author_person, headline="已过期",
            body="x", code=f"X{number:05}", kind="notice", created_at=now, updated_at=now,
        )
        for number in range(many)
    )  # fmt: skip
    Release.objects.bulk_create(
        Release(
            alert=one, organisation=world.organisation, kind="release", public=False, at=now, expires_at=before,
            code=one.code, broadcast=new_id(), digest="0" * 64, cap_identifier=one.code, cap=b"", snapshot={},
        )
        for one in alerts
    )  # fmt: skip


def test_an_old_alert_is_listed_behind_any_number_of_newer_ones(world: World) -> None:
    old, over = doubtful(world, 3), clock.now() - timedelta(days=8)
    Release.objects.filter(alert=old).update(at=over, expires_at=over)
    newer_ones_that_are_over(world, old, 250)
    client = world.client("duty_officer")
    desk, page = client.get("/?part"), client.get(PATH)
    assert desk.context["doubts"] == 3
    assert [it["alert"].pk for it in desk.context["running"]] == [old.pk]
    assert (page.context["total"], page.context["chosen"].alert.pk) == (3, old.pk)
    assert len(page.context["rows"]) == 3


def test_a_second_copy_whose_time_has_passed_waits_for_its_gateway_and_the_page_says_so(world: World) -> None:
    doubtful(world, 2)
    client = world.client("duty_officer")
    soon = client.get(PATH).context["rows"][0]
    assert soon["next_at"] > clock.now()
    with clock.moved(timedelta(minutes=15)):
        late = client.get(PATH)
    assert late.context["rows"][0]["next_at"] is None
    assert late.context["rows"][0]["next"] != soon["next"]


def test_a_text_to_a_leader_and_a_link_test_in_doubt_are_decided_on_too(world: World) -> None:
    text, test = service_text(world), link_test(world, 4)
    client = world.client("duty_officer")
    page = client.get(PATH)
    assert {one.key: one.n for one in page.context["subjects"]} == {f"text:{text.pk}": 1, f"test:{test.pk}": 4}
    assert world.client("duty_officer").get("/?part").context["doubts"] == 5
    own = client.get(PATH, {"of": f"text:{text.pk}"})
    assert text.person.name in own.content.decode()
    [row] = own.context["rows"]
    sent = {"of": f"text:{text.pk}", "decision": "accept", "recipient": row["key"]}
    assert client.post(PATH, sent).status_code == 302
    sent = {"of": f"test:{test.pk}", "decision": "give_up", "all": "1", "all-people": "4"}
    assert client.post(PATH, sent).status_code == 302
    obeyed()
    decisions_taken()
    told = queries.progress([text.broadcast, test.broadcast])
    assert (told[text.broadcast].accepted, told[test.broadcast].failed) == (1, 4)
    assert client.get(PATH).context["total"] == 0
    acts = JournalEntry.objects.filter(act__contains="settle").values_list("act", "subject", "detail__decision")
    assert set(acts) == {("alert.settle_text", text.pk, "accept"), ("linktests.settle", test.pk, "give_up")}


def test_all_are_decided_on_once_their_number_is_typed(world: World) -> None:
    alert = doubtful(world, 7)
    client = world.client("duty_officer")
    sent = {"of": f"alert:{alert.pk}", "decision": "accept", "all": "1"}
    for typed in ({}, {"all-people": ""}, {"all-people": "x"}, {"all-people": "6"}, {"all-people": "0"}):
        answer = client.post(PATH, sent | typed)
        assert answer.status_code == 422, typed
        assert answer.context["form"].errors["people"], typed
    assert (
        'value="6"' in client.post(PATH, sent | {"all-people": "6"}).content.decode()
    )  # what was typed is still there
    assert not Order.objects.filter(kind="settle").exists()
    assert client.post(PATH, sent | {"all-people": "7"}).status_code == 302
    obeyed()
    decisions_taken()
    assert (in_doubt(alert), queries.progress([alert.broadcast or ""])[alert.broadcast or ""].accepted) == (0, 7)
    entry = JournalEntry.objects.get(act="alert.settle")
    assert (entry.detail["count"], entry.detail["all"], entry.detail["decision"]) == (7, True, "accept")
    assert client.post(PATH, sent | {"all-people": "7"}).status_code == 409  # nobody is left


def test_who_comes_into_doubt_after_the_decision_is_not_decided_on(world: World) -> None:
    alert = doubtful(world, 5)
    client = world.client("duty_officer")
    sent = {"of": f"alert:{alert.pk}", "decision": "give_up", "all": "1", "all-people": "5"}
    assert client.post(PATH, sent).status_code == 302
    with clock.moved(timedelta(seconds=5)):
        put_in_doubt(alert.broadcast, 4)
    obeyed()
    decisions_taken()
    assert in_doubt(alert) == 4


def test_chosen_ones_stay_chosen_when_the_decision_is_refused(world: World) -> None:
    alert = doubtful(world, 3)
    client = world.client("duty_officer")
    keys = [row["key"] for row in client.get(PATH).context["rows"]]
    answer = client.post(PATH, {"of": f"alert:{alert.pk}", "recipient": keys[1], "decision": "bomb"})
    assert answer.status_code == 422
    assert [row["checked"] for row in answer.context["rows"]] == [False, True, False]
    assert client.post(PATH, {"of": f"alert:{alert.pk}", "recipient": keys[1], "decision": "accept"}).status_code == 302
    obeyed()
    decisions_taken()
    assert keys[1] not in [row["key"] for row in client.get(PATH).context["rows"]]
    answer = client.post(PATH, {"of": f"alert:{alert.pk}", "recipient": keys[1], "decision": "accept"})
    assert answer.status_code == 409


@pytest.mark.parametrize("post", ["entry", "auditor", "resource_keeper"])
def test_who_may_not_decide_sees_them_and_why(world: World, post: str) -> None:
    alert, text = doubtful(world, 3), service_text(world)
    client = world.client(post)
    for key in (f"alert:{alert.pk}", f"text:{text.pk}"):
        assert 'aria-disabled="true"' in client.get(PATH, {"of": key}).content.decode()
        sent = {"of": key, "decision": "accept", "all": "1", "all-people": "3" if key[0] == "a" else "1"}
        assert client.post(PATH, sent).status_code == 403
    assert not Order.objects.filter(kind="settle").exists()


def test_a_neighbour_sees_none_of_it_and_decides_on_none(world: World) -> None:
    alert, text, test = doubtful(world, 3), service_text(world), link_test(world, 2)
    # As older versions froze: without saying whose it is.
    Broadcast.objects.filter(id=alert.broadcast).update(organisation="")
    neighbour = make(name="邻镇", numbers_from=1_000)
    client = neighbour.client("duty_officer")
    assert client.get(PATH).context["total"] == 0
    assert client.get("/?part").context["doubts"] == 0
    for key in (f"alert:{alert.pk}", f"text:{text.pk}", f"test:{test.pk}", "alert:x", "text:\x00", "", "what:ever"):
        sent = {"of": key, "decision": "accept", "all": "1", "all-people": "3"}
        assert client.post(PATH, sent).status_code == 404, key
    assert world.client("duty_officer").get(PATH).context["total"] == 6


def test_pages_of_a_thousand_show_everybody_once_in_a_constant_number_of_queries(world: World) -> None:
    few = link_test(world, 20)
    before = questions(world, "duty_officer", PATH)
    SmsTest.objects.filter(pk=few.pk).update(month=202606)
    many = link_test(world, 2_500)  # over three blocks
    assert Block.objects.filter(broadcast__id=many.broadcast).count() == 3
    client, seen = world.client("duty_officer"), list[str]()
    for number in range(1, 26):
        seen += [row["key"] for row in client.get(PATH, {"of": f"test:{many.pk}", "page": str(number)}).context["rows"]]
    assert len(seen) == len(set(seen)) == 2_500
    assert questions(world, "duty_officer", f"{PATH}?of=test:{many.pk}&page=11") <= before + SLACK
    assert client.get(PATH, {"of": f"test:{many.pk}", "page": "99"}).status_code == 200


def test_one_in_doubt_in_each_of_many_blocks_is_still_a_constant_number_of_reads(world: World) -> None:
    test = link_test(world, 20)
    SmsTest.objects.filter(pk=test.pk).update(month=202606)
    before = questions(world, "duty_officer", PATH)
    row = Broadcast.objects.get(id=test.broadcast)
    account = Block.objects.filter(broadcast=row).values_list("account", flat=True)[0]
    with store.writing():
        for ordinal in range(1, 40):
            numbers = np.array([10_030_000_000 + ordinal], dtype="u8")
            packed = columns.pack_recipients(numbers, numbers)
            store.insert_blocks([(row.number, ordinal, account, 1, b"", packed)])
        store.move_tally(row.number, account, [(UNSENT, 39)], row.created_at)
    put_in_doubt(test.broadcast)
    page = world.client("duty_officer").get(PATH)
    assert len(page.context["rows"]) == 59
    assert questions(world, "duty_officer", PATH) <= before + SLACK


def test_a_machine_that_names_the_number_decides_on_those_and_on_no_others(world: World) -> None:
    alert = doubtful(world, 3)
    token = accounts.issue_token(account=world.people["signer"], by=None, name="test")
    asked = {"recipients": "all", "decision": "give_up"}

    def settle(people: int):
        headers = {"authorization": f"Bearer {token}", "idempotency-key": new_id()}
        path = f"/api/v1/alerts/{alert.pk}/settle"
        return Client().post(path, asked | {"people": people}, content_type="application/json", headers=headers)

    refused = settle(2)
    assert (refused.status_code, refused.json()["field"]) == (422, "people")
    assert settle(0).status_code == 422
    assert not Order.objects.filter(kind="settle").exists()
    assert settle(3).status_code == 200
    obeyed()
    decisions_taken()
    assert in_doubt(alert) == 0
