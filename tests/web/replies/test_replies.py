"""Replies: who reads which, known senders by name, unknown ones with what is needed to call back; and asking by the page."""

import pytest

from fenghuo.delivery.ledger.models import Inbound
from fenghuo.ground import clock
from fenghuo.ground.accounts import actions as accounts
from fenghuo.ground.accounts.models import Person
from fenghuo.readiness.contacts.models import ContactNumber
from fenghuo.warning.alerts import actions
from fenghuo.warning.alerts.models import ApprovalRequest
from tests.web.test_growth import SLACK, questions
from tests.web.world import World

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
UNKNOWN = "10088888888"


def arrive(*texts: str, number: str = UNKNOWN, to: str = "12379") -> None:
    for text in texts:
        count = Inbound.objects.count()
        at = round(clock.now().timestamp() * 1000)
        Inbound.objects.create(
            kind="message", account="one", at=at, message_id=str(count), address=number, text=text, destination=to
        )
    actions.take_replies()


def test_a_known_sender_is_named_and_masked_an_unknown_one_can_be_called_back(world: World) -> None:
    known = ContactNumber.objects.filter(organisation=world.organisation)[0]
    arrive("水进屋了", number=str(known.address))
    arrive("<b>请来人</b>\u202e")
    html = world.client("duty_officer").get("/replies/").content.decode()
    assert known.contact.name in html
    assert str(known.address) not in html
    assert UNKNOWN in html
    assert "&lt;b&gt;" in html
    assert UNKNOWN not in world.client("auditor").get("/replies/").content.decode()


@pytest.mark.parametrize("post", ["entry", "reviewer", "signer", "leader", "resource_keeper", "system_admin"])
def test_others_do_not_read_them(world: World, post: str) -> None:
    assert world.client(post).get("/replies/").status_code == 403


def test_another_towns_contacts_write_to_that_town(world: World) -> None:
    number = ContactNumber.objects.filter(organisation=world.organisation)[0].address
    neighbour = accounts.create_organisation(area_code="120119001", name="文昌街道", profile="xiacang", by=None)
    duty = accounts.enrol_for_exercise(
        organisation=neighbour, name="文昌值班员", username="wenchang.duty", posts=("duty_officer",)
    )
    arrive("收到", number=str(number))
    mine = world.client("duty_officer").get("/replies/").context["found"].total
    world.people["duty_officer"] = duty
    assert (mine, world.client("duty_officer").get("/replies/").context["found"].total) == (1, 0)


def test_the_page_asks_no_more_for_more_replies(world: World) -> None:
    arrive("一", "二")
    few = questions(world, "duty_officer", "/replies/")
    arrive(*(f"第{n}条" for n in range(30)))
    assert questions(world, "duty_officer", "/replies/") <= few + SLACK


def test_the_reviewer_asks_the_leader_from_the_review_page(world: World) -> None:
    leader = world.people["leader"].person
    Person.objects.filter(pk=leader.pk).update(phone="10099000001")
    alert = world.reviewed()
    page, client = f"/alerts/{alert.id}/review/", world.client("reviewer")
    body = {"do": "ask_approval", "digest": alert.digest, "ask-leader": leader.pk}
    assert client.post(page, body).status_code == 302
    assert ApprovalRequest.objects.get().leader == leader
    assert client.post(page, body).status_code == 409, "asked a moment ago"
    assert leader.name in client.get(page).content.decode()
    assert client.post(page, body | {"ask-leader": "nobody"}).status_code == 422


def test_the_author_takes_it_back_from_the_review_page(world: World) -> None:
    alert = world.reviewed()
    assert world.client("entry").post(f"/alerts/{alert.id}/review/", {"do": "withdraw"}).status_code == 302
    alert.refresh_from_db()
    assert alert.state == "draft"
    other = world.reviewed()
    assert world.client("reviewer").post(f"/alerts/{other.id}/review/", {"do": "withdraw"}).status_code == 403
