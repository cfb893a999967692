"""Urgent release through its pages: few fields, one signer, and nobody overlooks it afterwards."""

from datetime import timedelta

import pytest

from fenghuo.ground import clock
from fenghuo.ground.accounts import actions as accounts
from fenghuo.warning.alerts.models import Alert, Urgent
from fenghuo.warning.templates import actions as templates
from fenghuo.warning.templates.models import TemplateVersion
from tests.web.test_growth import SLACK, questions
from tests.web.world import TOWN, World

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


@pytest.fixture
def template(world: World) -> TemplateVersion:
    templates.ship()
    shipped = TemplateVersion.objects.get(template__key="evacuation.flashflood.red", template__organisation=None)
    return templates.adopt(version=shipped, by=world.people["leader"])


def typed(template: TemplateVersion, **changed: object) -> dict[str, object]:
    values = {
        "template": template.pk,
        "areas": [TOWN],
        "blanks_0": "沟河沿线",
        "blanks_1": "镇西路",
        "blanks_2": "中心小学",
    }
    return values | changed


def released(world: World, template: TemplateVersion) -> Alert:
    client = world.client("signer")
    answer = client.post("/alerts/urgent/", typed(template))
    assert answer.status_code == 302, answer.content.decode()
    alert = Alert.objects.latest("created_at")
    code = accounts.print_codes(account=world.people["signer"])[0]
    body = {"do": "release", "digest": alert.digest, "people": str(alert.audience_count), "code": code}
    assert client.post(f"/alerts/{alert.id}/urgent/", body).status_code == 302
    alert.refresh_from_db()
    return alert


def test_without_an_approved_template_the_page_says_what_is_missing(world: World) -> None:
    assert world.client("signer").get("/alerts/urgent/?template=%00x").status_code == 200
    answer = world.client("signer").get("/alerts/urgent/")
    assert answer.status_code == 200
    assert answer.context["templates"] == []


def test_a_signer_fills_in_counts_proves_and_releases(world: World, template: TemplateVersion) -> None:
    alert = released(world, template)
    assert (alert.state, alert.flow) == ("signed", "urgent")
    assert "沟河沿线" in alert.body


def test_what_is_missing_comes_back_with_what_was_typed(world: World, template: TemplateVersion) -> None:
    answer = world.client("signer").post("/alerts/urgent/", typed(template, blanks_1="", areas=[]))
    assert answer.status_code == 422
    answer = world.client("signer").post("/alerts/urgent/", typed(template, blanks_1=""))
    html = answer.content.decode()
    assert (answer.status_code, "沟河沿线" in html) == (422, True)
    assert answer.context["form"].errors["blanks_1"]
    answer = world.client("signer").post("/alerts/urgent/", typed(template, blanks_1="\x00\u202e"))
    assert answer.status_code == 422
    assert not Alert.objects.exists()


def test_a_wrong_number_or_code_releases_nothing(world: World, template: TemplateVersion) -> None:
    client = world.client("signer")
    client.post("/alerts/urgent/", typed(template))
    alert = Alert.objects.latest("created_at")
    for body in (
        {"people": "1", "code": "123456"},
        {"people": str(alert.audience_count), "code": "123456"},
        {"people": "x"},
    ):
        answer = client.post(f"/alerts/{alert.id}/urgent/", {"do": "release", "digest": alert.digest, **body})
        assert answer.status_code in (403, 422), answer.status_code
    alert.refresh_from_db()
    assert alert.state == "submitted"


@pytest.mark.parametrize("post", ["entry", "reviewer", "leader", "duty_officer", "auditor", "system_admin"])
def test_nobody_but_a_signer_opens_the_page(world: World, post: str) -> None:
    assert world.client(post).get("/alerts/urgent/").status_code == 403


def test_every_desk_shows_it_until_it_is_closed(world: World, template: TemplateVersion) -> None:
    alert = released(world, template)
    for post in ("signer", "leader", "reviewer", "duty_officer", "auditor", "entry"):
        shown = world.client(post).get("/").context["urgent"]
        assert [one.alert.id for one in shown] == [alert.id], post
    Urgent.objects.update(confirm_by=clock.now() - timedelta(seconds=1))
    html = world.client("signer").get("/?part").content.decode()
    assert f"/alerts/{alert.id}/urgent/" in html
    assert world.client("signer").get("/").context["urgent"][0].unverified
    page = f"/alerts/{alert.id}/urgent/"
    assert world.client("signer").post(page, {"do": "confirm", "digest": alert.digest}).status_code == 403
    confirmed = world.client("duty_officer").post(page, {"do": "confirm", "digest": alert.digest, "note": "已通话"})
    assert confirmed.status_code == 302
    assert world.client("reviewer").post(page, {"do": "review", "digest": alert.digest}).status_code == 422
    closed = world.client("reviewer").post(page, {"do": "review", "digest": alert.digest, "reason": "属实"})
    assert closed.status_code == 302
    assert world.client("signer").get("/").context["urgent"] == []
    assert world.client("auditor").get(page).context["now"].closed


def test_the_desk_asks_no_more_however_many_are_open(world: World, template: TemplateVersion) -> None:
    released(world, template)
    few = questions(world, "leader", "/")
    for _ in range(4):
        released(world, template)
    assert questions(world, "leader", "/") <= few + SLACK


def test_a_returned_draft_says_on_the_authors_desk_why_and_by_whom(world: World) -> None:
    alert = world.reviewed()
    world.client("leader").post(f"/alerts/{alert.id}/review/", {"do": "return", "return-reason": "时间写错"})
    html = world.client("entry").get("/").content.decode()
    assert "时间写错" in html
    assert world.people["leader"].person.name in html
