"""Typing an area: found in the own organisation, put into forms that list only a part."""

import pytest
from django.test import Client

from fenghuo.ground.accounts import actions as accounts
from fenghuo.web import areas
from fenghuo.web.alerts.forms import ContentForm
from fenghuo.web.contacts.forms import ContactForm
from tests.web.world import TOWN, World

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


def found(world: World, query: str) -> list[str]:
    answer = world.client("entry").get(f"/areas/?{query}", headers={"Accept": "application/json"})
    assert answer.status_code == 200
    return [one["code"] for one in answer.json()["areas"]]


def test_the_own_area_first_and_the_whole_tree_when_asked(world: World) -> None:
    assert found(world, "text=xcz")[0] == TOWN
    assert found(world, "text=太仓市") == []
    assert found(world, "text=太仓市&everywhere=1") == ["320585"]
    assert found(world, "text=dyg")[0] == "120119111201"
    assert found(world, "text=%00") == found(world, "text=") == found(world, "") == []


def test_without_javascript_it_is_a_page(world: World) -> None:
    html = world.client("entry").get("/areas/?text=下仓").content.decode()
    assert TOWN in html
    assert "天津市 蓟州区 下仓镇" in html
    assert Client().get("/areas/?text=下仓").status_code == 302
    hostile = world.client("entry").get("/areas/?text=<script>alert(1)</script>").content.decode()
    assert "<script>alert" not in hostile


def test_a_form_takes_an_area_that_it_does_not_list_but_none_outside(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(areas, "DEEPEST", 10)
    county = accounts.create_organisation(area_code="120119", name="蓟州区", profile="xiacang", by=None)
    village = "120119111201"
    assert village not in dict(areas.area_choices(county))
    data = {"name": "某人", "area": village}
    assert "area" not in ContactForm(data, organisation=county).errors
    for outside in ("320585", "120119999", "x", "120119\x00"):
        assert "area" in ContactForm({"name": "某人", "area": outside}, organisation=county).errors
    again = ContactForm(initial={"area": village}, organisation=county)
    assert village in dict(again.fields["area"].choices)  # type: ignore[attr-defined]
    form = ContentForm({"areas": [village], "audience_areas": [village]}, organisation=county)
    assert not {"areas", "audience_areas"} & set(form.errors)


@pytest.mark.parametrize("path", ["/contacts/new/", "/alerts/new/"])
def test_the_finder_stands_in_the_forms(world: World, path: str) -> None:
    post = "resource_keeper" if "contacts" in path else "entry"
    html = world.client(post).get(path).content.decode()
    assert "data-areas=" in html
    assert "js/areas." in html


def test_by_the_api_in_the_callers_own_area(world: World) -> None:
    token = accounts.issue_token(account=world.people["entry"], by=None, name="test")
    given = {"Authorization": f"Bearer {token}"}
    body = Client().get("/api/v1/areas?text=xcz&limit=1", headers=given).json()
    assert body["items"] == [{"code": TOWN, "name": "下仓镇", "level": "town", "path": "天津市 蓟州区 下仓镇"}]
    everywhere = Client().get("/api/v1/areas?text=太仓市&within=32", headers=given).json()
    assert [one["code"] for one in everywhere["items"]] == ["320585"]
    assert Client().get("/api/v1/areas?text=xcz").status_code == 401
    for wrong in ("", "text=x&limit=0", "text=x&within=a", "text=x&limit=51", "text=%07"):
        assert Client().get(f"/api/v1/areas?{wrong}", headers=given).status_code == 422, wrong
