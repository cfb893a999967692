"""Hosting on pages: proposed by one administrator, approved by another, absent where the tier above administers."""

import pytest
from django.test import Client

from fenghuo.ground.accounts import actions as accounts
from fenghuo.ground.accounts.models import Account, Organisation, OrganisationProposal
from fenghuo.ground.refusal import Refused
from fenghuo.warning.alerts import actions, queries
from tests.web.world import TOWN, World, sign_in

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
NEW = {"area_code": "120119109 上仓镇", "name": "上仓镇", "signature": "", "profile": "xiacang", "why": "区委托"}


@pytest.fixture
def county(world: World) -> dict[str, Account]:
    """The people of the county above the world's town."""
    organisation = accounts.create_organisation(area_code=TOWN[:6], name="蓟州区", profile="wuqing", by=None)
    posts = ("system_admin", "security_admin", "auditor", "entry", "signer")
    return {
        post: accounts.enrol_for_exercise(
            organisation=organisation, name=f"区{number}号", username=f"qu.{number}", posts=(post,)
        )
        for number, post in enumerate(posts)
    }


def come_in(account: Account) -> Client:
    client = Client()
    sign_in(client, account)
    return client


def test_one_administrator_proposes_and_the_other_finds_it_on_the_desk_and_approves(county):
    system, security = come_in(county["system_admin"]), come_in(county["security_admin"])
    assert system.post("/organisations/new/", NEW).status_code == 302
    assert not Organisation.objects.filter(name="上仓镇").exists()
    for page in ("/", "/organisations/"):
        html = security.get(page).content.decode()
        assert "上仓镇" in html, page
        assert "【蓟州区上仓镇】" in html, page
    key = OrganisationProposal.objects.get().pk
    own = system.post(f"/organisations/proposals/{key}/", {"do": "approve"}, follow=True)
    assert not Organisation.objects.filter(name="上仓镇").exists()
    assert own.status_code == 200
    security.post(f"/organisations/proposals/{key}/", {"do": "approve"})
    assert Organisation.objects.get(name="上仓镇").signature == "【蓟州区上仓镇】"
    assert "上仓镇" in security.get("/organisations/").content.decode()


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(county):
    system = come_in(county["system_admin"])
    answer = system.post("/organisations/new/", NEW | {"signature": "【蓟州区下仓镇】"})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert 'value="【蓟州区下仓镇】"' in html
    assert 'value="120119109 上仓镇"' in html
    assert 'id="id_signature_error"' in html
    assert system.post("/organisations/new/", NEW | {"area_code": "99"}).status_code == 422
    assert system.post("/organisations/new/", NEW | {"name": "长" * 101}).status_code == 422
    assert system.post("/organisations/new/", NEW | {"name": "a\x00b"}).status_code == 422


def test_a_change_is_proposed_rejected_and_proposed_again(county, world: World):
    system, security = come_in(county["system_admin"]), come_in(county["security_admin"])
    page = f"/organisations/{world.organisation.pk}/"
    change = {"name": "下仓镇人民政府", "signature": "【下仓镇政府】", "profile": "xiacang", "why": "更名"}
    assert system.post(page, change).status_code == 302
    assert "下仓镇人民政府" in security.get(page).content.decode()
    key = OrganisationProposal.objects.get(decision="").pk
    assert security.post(f"/organisations/proposals/{key}/", {"do": "reject", "reason": ""}).status_code == 302
    assert OrganisationProposal.objects.get(pk=key).decision == ""  # without a reason nothing is decided
    security.post(f"/organisations/proposals/{key}/", {"do": "reject", "reason": "先等文件"})
    assert OrganisationProposal.objects.get(pk=key).decision == "rejected"
    assert system.post(page, change).status_code == 302
    key = OrganisationProposal.objects.get(decision="").pk
    security.post(f"/organisations/proposals/{key}/", {"do": "approve"})
    world.organisation.refresh_from_db()
    assert (world.organisation.name, world.organisation.signature) == ("下仓镇人民政府", "【下仓镇政府】")


def test_who_is_no_administrator_has_no_such_page(county, world: World):
    assert come_in(county["entry"]).get("/organisations/").status_code == 403
    for post in ("system_admin", "security_admin", "auditor", "entry"):
        client = world.client(post)
        for page in ("/organisations/", "/organisations/new/", "/accounts/", "/accounts/invite/"):
            assert client.get(page).status_code == 404, (post, page)
        html = client.get("/").content.decode()
        assert 'href="/accounts/"' not in html
        assert 'href="/organisations/"' not in html
        assert client.get("/account/password/").status_code in (200, 302)


def test_closing_ends_sessions_and_sending_in_the_same_moment(county, world: World):
    system, security = come_in(county["system_admin"]), come_in(county["security_admin"])
    clerk = world.client("entry")
    assert clerk.get("/alerts/").status_code == 200
    system.post(f"/organisations/{world.organisation.pk}/act/", {"do": "close", "why": "撤并"})
    key = OrganisationProposal.objects.get(decision="").pk
    security.post(f"/organisations/proposals/{key}/", {"do": "approve"})
    assert clerk.get("/alerts/").status_code == 302
    stopped = queries.paused(world.organisation)
    assert stopped is not None
    assert stopped.organisation == world.organisation.pk
    assert "撤并" in stopped.detail["reason"]


def test_a_town_pauses_itself_and_who_stands_above_all_may_pause_everybody(county, world: World):
    town, entry = world.client("entry"), come_in(county["entry"])
    assert "everything" not in town.get("/sending/pause/").content.decode()
    town.post("/sending/pause/", {"reason": "有疑", "everything": "on"})
    above = Organisation.objects.get(name="蓟州区")
    assert queries.paused(world.organisation) is not None
    assert queries.paused(above) is None
    assert 'name="everything"' in entry.get("/sending/pause/").content.decode()
    entry.post("/sending/pause/", {"reason": "误发", "everything": "on"})
    assert queries.paused(above) is not None
    stopped = queries.paused(world.organisation)
    assert stopped is not None
    assert stopped.organisation == ""
    proof = accounts.step_up(
        account=world.people["signer"],
        digest=queries.resume_digest(world.organisation),
        code=accounts.print_codes(account=world.people["signer"])[0],
    )
    with pytest.raises(Refused) as caught:
        actions.resume(by=world.people["signer"], step_up=proof)
    assert caught.value.code == "paused_above"


def test_no_administrator_of_the_county_sees_a_contacts_number(county, world: World):
    for post in ("system_admin", "security_admin"):
        client = come_in(county[post])
        for page in (
            "/contacts/",
            "/groups/",
            "/accounts/",
            "/organisations/",
            f"/organisations/{world.organisation.pk}/",
        ):
            assert "100000000" not in client.get(page).content.decode(), page


def test_who_may_only_approve_is_told_so_and_not_that_the_town_is_missing(county, world: World):
    page = come_in(county["security_admin"]).get(f"/organisations/{world.organisation.pk}/").content.decode()
    assert "没有此项内容" not in page
    assert "系统管理员" in page.split("提出变更")[1]
