"""A list of people leaves by two hands, each with a second factor, once, and can be read back in."""

import csv
import io
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from fenghuo.ground import clock
from fenghuo.ground.accounts import actions as accounts
from fenghuo.ground.journal.models import JournalEntry
from fenghuo.readiness.contacts import actions
from fenghuo.readiness.contacts.models import Contact, ContactExport, GroupMember
from tests.web.world import World, make

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


def asked(world: World, **changed: str) -> str:
    form = {"purpose": "汛前核对", "text": "", "area": "", "group": "", "format": "csv"} | changed
    answer = world.client("resource_keeper").post("/contacts/exports/", form)
    assert answer.status_code == 302, answer.content.decode()
    return str(answer.headers["Location"])


def code(world: World, post: str) -> str:
    return accounts.print_codes(account=world.people[post])[0]


def agreed(world: World, path: str, post: str = "leader") -> None:
    answer = world.client(post).post(path, {"do": "agree", "code": code(world, post)})
    assert answer.status_code == 302, answer.content.decode()


def test_it_takes_two_people_and_is_fetched_once(world: World) -> None:
    path = asked(world)
    keeper = world.client("resource_keeper")
    assert keeper.post(path, {"do": "agree", "code": code(world, "resource_keeper")}).status_code == 403
    assert keeper.post(path, {"do": "fetch", "code": code(world, "resource_keeper")}).status_code == 409
    assert world.client("leader").post(path, {"do": "agree", "code": "123456"}).status_code == 422
    agreed(world, path)
    assert world.client("leader").post(path, {"do": "fetch", "code": code(world, "leader")}).status_code == 403
    assert keeper.post(path, {"do": "fetch", "code": "000000"}).status_code == 422
    answer = keeper.post(path, {"do": "fetch", "code": code(world, "resource_keeper")})
    assert answer.headers["Content-Disposition"].startswith("attachment")
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    export = ContactExport.objects.get()
    assert len(lines) == 2 + Contact.objects.count()
    assert all(one in lines[0][0] for one in ("下仓镇资料员", "下仓镇镇长", export.id))
    assert {line[-1] for line in lines[2:]} == {export.id}
    assert keeper.post(path, {"do": "fetch", "code": code(world, "resource_keeper")}).status_code == 409
    entry = JournalEntry.objects.get(act="contacts.export.fetch")
    assert (entry.detail["count"], entry.actor["name"]) == (Contact.objects.count(), "下仓镇资料员")
    assert JournalEntry.objects.get(act="contacts.export.agree").actor["name"] == "下仓镇镇长"


def test_after_a_quarter_of_an_hour_it_must_be_asked_again(world: World) -> None:
    path = asked(world)
    agreed(world, path, "auditor")
    with clock.moved(timedelta(minutes=16)):
        answer = world.client("resource_keeper").post(path, {"do": "fetch", "code": code(world, "resource_keeper")})
        assert answer.status_code == 409


def test_a_declined_export_stays_declined(world: World) -> None:
    path = asked(world)
    assert world.client("leader").post(path, {"do": "decline"}).status_code == 302
    assert world.client("auditor").post(path, {"do": "agree", "code": code(world, "auditor")}).status_code == 409


@pytest.mark.parametrize("post", ["entry", "reviewer", "signer", "duty_officer", "system_admin"])
def test_who_has_no_part_in_it_neither_asks_nor_agrees(world: World, post: str) -> None:
    path = asked(world)
    client = world.client(post)
    assert client.get(path).status_code == 403
    assert client.post(path, {"do": "agree", "code": code(world, post)}).status_code == 403
    assert client.post("/contacts/exports/", {"purpose": "x", "format": "csv"}).status_code == 403


def test_another_towns_export_is_missing(world: World) -> None:
    path = asked(world)
    assert make(name="邻镇", numbers_from=5000).client("leader").get(path).status_code == 404


def test_the_groups_somebody_was_put_into_travel_with_them(world: World) -> None:
    one = Contact.objects.filter(organisation=world.organisation).order_by("id")[0]
    for name in ("防汛值守", "网格员（东片）"):
        group = actions.create_group(organisation=world.organisation, name=name, by=None)
        actions.add_members(group=group, contacts=[one.pk], by=None)
    path = asked(world)
    agreed(world, path)
    answer = world.client("resource_keeper").post(path, {"do": "fetch", "code": code(world, "resource_keeper")})
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig").split("\n", 1)[1])))
    assert {line["姓名"]: line["群组"] for line in lines}[one.name] == "网格员（东片）;防汛值守"
    GroupMember.objects.all().delete()
    data = answer.content
    _parent, report = actions.import_file(organisation=world.organisation, name="x.csv", data=data, by=None)
    assert (report.added, report.refused) == (0, 0)
    assert set(GroupMember.objects.values_list("contact_id", "group__name")) >= {
        (one.pk, "防汛值守"),
        (one.pk, "网格员（东片）"),
    }


@pytest.mark.parametrize("shape", ["csv", "xlsx"])
def test_nothing_in_the_file_is_computed_and_it_can_be_read_back(world: World, shape: str) -> None:
    Contact.objects.filter(name="村民2").update(position="=cmd|' /C calc'!A0", landlines="022-29840001")
    path = asked(world, format=shape)
    agreed(world, path)
    answer = world.client("resource_keeper").post(path, {"do": "fetch", "code": code(world, "resource_keeper")})
    if shape == "xlsx":
        book = load_workbook(io.BytesIO(answer.content))
        assert {one.data_type for line in book["通讯录"].iter_rows() for one in line} <= {"s", "n", "inlineStr"}
    else:
        cells = [one for line in csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))) for one in line]
        assert not [one for one in cells if one[:1] in "=+-@" and one]
    Contact.objects.filter(name="村民2").update(position="")
    before = set(Contact.objects.values_list("id", "name", "area_id", "landlines"))
    _parent, report = actions.import_file(
        organisation=world.organisation, name=f"x.{shape}", data=answer.content, by=None
    )
    assert (report.added, report.updated, report.refused) == (0, 0, 1)  # the formula is named, the others are the same
    assert set(Contact.objects.values_list("id", "name", "area_id", "landlines")) == before
