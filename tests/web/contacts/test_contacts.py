"""Contacts and groups on the pages: masked numbers, named reasons, only those who keep them may change them."""

import pytest

from fenghuo.readiness.contacts.models import Contact, Group
from tests.web.world import TOWN, World, make

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


def test_the_list_masks_numbers_and_names_who_has_none(world: World) -> None:
    html = world.client("duty_officer").get("/contacts/").content.decode()
    assert "100****0001" in html
    assert "10000000001" not in html
    assert "无号码" in html
    assert "共 201 条" in html
    assert world.client("leader").get("/contacts/").status_code == 403


def test_someone_is_added_with_numbers_as_people_write_them(world: World) -> None:
    client = world.client("resource_keeper")
    form = {
        "name": "王某",
        "area": TOWN,
        "phone": "+86 100 1234 5678；１００１２３４５６７９",
        "tags": "党员 网格员",
        "risk": "3",
    }
    assert client.post("/contacts/new/", form).status_code == 302
    contact = Contact.objects.get(name="王某")
    assert sorted(contact.numbers.values_list("address", flat=True)) == [10012345678, 10012345679]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"phone": "12345"}, "“12345”不是手机号码"),
        ({"phone": "10000000001"}, "已属于他人"),
        ({"name": ""}, "不能为空"),
        ({"risk": "10"}, "9"),
        ({"area": "310101"}, "310101"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_typed_is_lost(world: World, changed: dict[str, str], reason: str) -> None:
    form = {"name": "王某", "area": TOWN, "phone": "10012345678", "position": "网格员"} | changed
    answer = world.client("resource_keeper").post("/contacts/new/", form)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert reason in html
    assert 'value="网格员"' in html
    assert not Contact.objects.filter(position="网格员").exists()


def test_a_sheet_is_changed_and_removed_by_its_keeper_only(world: World) -> None:
    contact = Contact.objects.get(name="村民1")
    path = f"/contacts/{contact.id}/"
    assert world.client("duty_officer").get(path).status_code == 403
    keeper = world.client("resource_keeper")
    assert "10000000001" in keeper.get(path).content.decode()
    form = {"name": "村民一", "area": contact.area_id, "phone": "10000000001", "risk": "5"}
    assert keeper.post(path, form).status_code == 302
    contact.refresh_from_db()
    assert (contact.name, contact.risk) == ("村民一", 5)
    assert keeper.post(path, {"do": "remove"}).status_code == 302
    assert keeper.get(path).status_code == 404


def test_groups_are_made_ruled_renamed_and_removed(world: World) -> None:
    keeper = world.client("resource_keeper")
    assert keeper.post("/groups/", {"name": "村级责任人"}).status_code == 422
    answer = keeper.post("/groups/", {"name": "网格员"})
    path = answer.headers["Location"]
    assert keeper.post(path, {"do": "rule", "rule-area": "", "rule-position": "", "rule-tag": ""}).status_code == 422
    assert keeper.post(path, {"do": "rule", "rule-position": "村级责任人"}).status_code == 302
    group = Group.objects.get(name="网格员")
    assert keeper.get(path).context["preview"].people == 67
    assert keeper.post(path, {"do": "remove_rule", "rule": str(group.rules.get().pk)}).status_code == 302
    assert keeper.post(path, {"do": "rename", "rename-name": "网格"}).status_code == 302
    assert world.client("duty_officer").post(path, {"do": "remove"}).status_code == 403
    assert keeper.post(path, {"do": "remove"}).status_code == 302
    assert keeper.get(path).status_code == 404


def test_another_towns_contacts_and_groups_do_not_exist_here(world: World) -> None:
    stranger = make(name="邻镇", numbers_from=5000)
    theirs = Contact.objects.filter(organisation=stranger.organisation).first()
    assert theirs is not None
    keeper = world.client("resource_keeper")
    assert keeper.get(f"/contacts/{theirs.id}/").status_code == 404
    assert keeper.get(f"/groups/{stranger.group.id}/").status_code == 404
    assert keeper.get(f"/contacts/?group={stranger.group.id}").status_code == 404
