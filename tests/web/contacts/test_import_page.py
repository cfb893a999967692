"""A list comes in by the page: looked at first, applied by the worker, taken back; every mistake in it named with its row."""

import io
from collections.abc import Sequence

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook

from fenghuo.ground.accounts import actions as accounts
from fenghuo.readiness.contacts import actions, tasks
from fenghuo.readiness.contacts.actions import imports, plan
from fenghuo.readiness.contacts.models import Contact, ContactImport
from tests.web.world import World, make

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])

VILLAGE = "青杨堡村村委会"


def workbook(**sheets: Sequence[Sequence[object]]) -> bytes:
    book = Workbook()
    book.remove(book["Sheet"])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def upload(world: World, data: bytes, name: str = "名单.xlsx", post: str = "resource_keeper"):
    return world.client(post).post("/contacts/imports/", {"file": SimpleUploadedFile(name, data)})


def village(world: World) -> str:
    return (
        Contact.objects.filter(organisation=world.organisation).exclude(area_id=world.organisation.area_id)[0].area.name
    )


def worked() -> None:
    """What the worker's ticks do until nothing is left."""
    while tasks.tick():
        pass


def test_a_list_is_previewed_applied_and_taken_back(world: World) -> None:
    where = village(world)
    rows: list[list[object]] = [
        ["下仓镇防汛名单"],
        ["联系电话", "备注", "姓名", "所属村", "职务"],
        ["１００５５５５０００１", "x", "新人", where, "网格员"],
        [10000000001, "", "村民1", where, "村支书"],
        ["022-29840001", "", "座机人", where, ""],
        ["12345", "", "坏号", where, ""],
    ]
    before = Contact.objects.count()
    answer = upload(world, workbook(镇=rows))
    assert answer.status_code == 302
    keeper, path = world.client("resource_keeper"), answer.headers["Location"]
    page = keeper.get(path)
    assert page.status_code == 200
    counts = page.context["counts"]
    assert (counts.new, counts.changed, counts.same, counts.refused) == (2, 1, 0, 1)
    assert "12345" in page.content.decode()
    assert Contact.objects.count() == before
    changed = keeper.get(f"{path}?kind=changed").content.decode()
    assert "村级责任人" in changed
    assert "村支书" in changed
    assert keeper.post(path, {"do": "apply"}).status_code == 302
    assert "hx-get" in keeper.get(f"{path}?part").content.decode()
    worked()
    assert keeper.get(f"{path}?part").headers["HX-Refresh"] == "true"
    assert Contact.objects.count() == before + 2
    assert Contact.objects.get(name="座机人").landlines == "022-29840001"
    assert Contact.objects.get(name="村民1").position == "村支书"
    assert keeper.post(path, {"do": "undo"}).status_code == 302
    worked()
    assert Contact.objects.count() == before
    assert Contact.objects.get(name="村民1").position == "村级责任人"


def test_refused_rows_come_back_as_a_file_with_their_reasons(world: World) -> None:
    rows: list[list[object]] = [
        ["姓名", "村", "手机", "备注"],
        ["@SUM(1+1)", village(world), "10055550001", "自己的话"],
        ["甲", "没有的村", "12", ""],
    ]
    path = upload(world, workbook(一=rows)).headers["Location"]
    keeper = world.client("resource_keeper")
    book = load_workbook(io.BytesIO(keeper.get(f"{path}refused.xlsx").content))
    lines = list(book["通讯录"].iter_rows())
    assert [one.value for one in lines[0]] == ["姓名", "村", "手机", "备注", "工作表与行", "原因"]
    assert lines[1][3].value == "自己的话"
    assert "f" not in {one.data_type for line in lines for one in line}
    text = keeper.get(f"{path}refused.csv").content.decode("utf-8-sig")
    assert "'@SUM" in text
    assert "没有的村" in text


def test_a_list_of_which_half_is_read_can_be_looked_at_by_page_and_by_machine(world: World) -> None:
    where = village(world)
    rows = [f"甲{one},{where},{10055550000 + one}" for one in range(plan.PART + 100)]
    data = "\n".join(["姓名,村,手机", f"坏号,{where},12345", *rows]).encode().ljust(imports.AT_ONCE + 1, b"\n")
    keeper = world.people["resource_keeper"]
    parent = actions.begin_import(organisation=world.organisation, name="名单.csv", data=data, by=keeper)
    assert plan.claim(parent)
    half = plan.steps(ContactImport.objects.get(pk=parent.pk))
    while not parent.parts.exists():
        next(half)
    path, machine = f"/contacts/imports/{parent.id}/", Client()
    given = {"authorization": f"Bearer {accounts.issue_token(account=keeper, by=None, name='test')}"}
    for address in (path, f"{path}?part", f"{path}refused.csv"):
        assert world.client("resource_keeper").get(address).status_code == 200, address
    seen = machine.get(f"/api/v1{path.rstrip('/')}", headers=given)
    assert (seen.status_code, seen.json()["state"], seen.json()["refused"]) == (200, "reading", 1)
    assert machine.get(f"/api/v1{path}rows", headers=given).status_code == 200
    for _pause in half:
        pass
    assert "12345" in str(machine.get(f"/api/v1{path.rstrip('/')}", headers=given).json()["refused_rows"])


def test_columns_nobody_knows_are_named_by_the_person(world: World) -> None:
    rows = [["何人", "何处", "何号"], ["甲", village(world), "10055550001"]]
    path = upload(world, workbook(表=rows)).headers["Location"]
    keeper = world.client("resource_keeper")
    page = keeper.get(path)
    assert ContactImport.objects.get().state == "read"
    names = {bound.label: bound.html_name for bound in page.context["columns"]}
    form = {names["何人"]: "name", names["何处"]: "area", names["何号"]: "phone", "do": "map"}
    assert keeper.post(path, form).status_code == 302
    assert keeper.get(path).context["counts"].new == 1


def test_a_file_that_is_none_is_refused_with_the_reason_and_nothing_is_kept(world: World) -> None:
    answer = upload(world, b"<html><table><tr><td>x</td></tr></table></html>", "名单.xlsx")
    assert answer.status_code == 422
    assert not ContactImport.objects.exists()


def test_only_the_keeper_and_only_of_the_own_town(world: World) -> None:
    path = upload(world, workbook(表=[["姓名", "村", "手机"], ["甲", village(world), "10055550001"]])).headers[
        "Location"
    ]
    for post in ("duty_officer", "entry", "leader", "auditor", "signer"):
        assert world.client(post).get(path).status_code == 403, post
        assert upload(world, b"x", post=post).status_code == 403, post
    stranger = make(name="邻镇", numbers_from=5000)
    for address in (path, f"{path}refused.xlsx"):
        assert stranger.client("resource_keeper").get(address).status_code == 404
    assert stranger.client("resource_keeper").post(path, {"do": "apply"}).status_code == 404
