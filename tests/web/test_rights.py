"""A page asks for the same right as the API does: what a post may not read in a list, it may not open by its address either."""

import pytest

from fenghuo.ground.accounts import actions as accounts
from fenghuo.readiness.contacts.models import Contact
from tests.web.world import World, sign_in

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])

# FAULTS §4 gives these posts nothing to do with alerts.
STRANGERS_TO_ALERTS = ("system_admin", "security_admin", "village_contact")
PAGES = ("", "review/", "sign/", "progress/", "recipients/", "recall/")


def village_contact(world: World, phone: str = "") -> None:
    world.people["village_contact"] = accounts.enrol_for_exercise(
        organisation=world.organisation,
        name="村级责任人甲",
        username="village.one",
        posts=("village_contact",),
        phone=phone,
    )


@pytest.mark.parametrize("post", STRANGERS_TO_ALERTS)
def test_who_may_not_read_alerts_opens_none_by_its_address(world: World, post: str) -> None:
    village_contact(world)
    alert = world.signed()
    client = world.client(post)
    for page in PAGES:
        assert client.get(f"/alerts/{alert.id}/{page}").status_code == 403, page
    for page in ("/in-doubt/", "/groups/", f"/groups/{world.group.id}/", "/alerts/"):
        assert client.get(page).status_code == 403, page
    for page in ("/alerts/check/", "/alerts/audience/", f"/alerts/{alert.id}/copy/"):
        assert client.post(page, {"audience_areas": ["120119111"]}).status_code == 403, page


def test_a_foreign_alert_is_missing_before_posts_are_asked(world: World) -> None:
    client = world.client("system_admin")
    assert client.get("/alerts/01ARZ3NDEKTSV4RRFFQ69G5FAV/recipients/").status_code == 404


def test_a_village_contact_sees_the_people_of_the_own_village_only(world: World) -> None:
    one = Contact.objects.filter(organisation=world.organisation, numbers__isnull=False).order_by("id")[0]
    village_contact(world, phone=str(one.numbers.get().address))
    client = world.client("village_contact")
    for query in ("", "?area=120119111", "?text=村民"):
        answer = client.get(f"/contacts/{query}")
        assert {row["contact"].area_id for row in answer.context["rows"]} == {one.area_id}


def test_a_village_contact_of_no_known_village_sees_nobody_and_is_told_why(world: World) -> None:
    village_contact(world, phone="10099999999")
    client = world.client("village_contact")
    answer = client.get("/contacts/")
    assert answer.status_code == 403
    assert "村民" not in answer.content.decode()
    sign_in(client, world.people["resource_keeper"])
    assert client.get("/contacts/").status_code == 200


def test_a_form_that_is_not_yours_to_send_is_forbidden_with_the_reason(world: World) -> None:
    alert = world.approved()
    typed = {"digest": alert.digest, "people": str(alert.audience_count), "code": "123456"}
    for post in ("entry", "reviewer", "leader", "duty_officer", "auditor", "resource_keeper"):
        answer = world.client(post).post(f"/alerts/{alert.id}/sign/", typed)
        assert (answer.status_code, "须由以下岗位办理" in answer.content.decode()) == (403, True), post
    returned = world.client("auditor").post(f"/alerts/{alert.id}/review/", {"do": "return", "return-reason": "x"})
    assert returned.status_code == 403


def test_an_overtaken_page_is_told_in_words_without_the_name_of_a_hidden_field(world: World) -> None:
    alert = world.approved()
    typed = {"digest": "0" * 64, "people": str(alert.audience_count), "code": "123456"}
    answer = world.client("signer").post(f"/alerts/{alert.id}/sign/", typed)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "请重新阅读" in html
    assert "Digest" not in html
