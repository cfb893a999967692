"""A group has somebody who answers for it, and everyone sees when it was last found right."""

from datetime import timedelta

import pytest

from fenghuo.ground import clock
from fenghuo.readiness.contacts.models import Contact, Group
from tests.web.world import World

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


def test_an_owner_is_reminded_until_the_group_is_checked(world: World) -> None:
    path = f"/groups/{world.group.id}/"
    keeper, owner = world.client("resource_keeper"), world.client("duty_officer")
    assert keeper.post(path, {"do": "owner", "owner-owner": "post:duty_officer"}).status_code == 302
    assert Group.objects.get().owner_post == "duty_officer"
    assert [one.group.id for one in owner.get("/").context["stale"]] == [world.group.id]
    assert not world.client("entry").get("/").context["stale"]
    assert world.client("entry").post(path, {"do": "check"}).status_code == 403
    assert owner.post(path, {"do": "check"}).status_code == 302
    assert not owner.get("/").context["stale"]
    row = keeper.get("/groups/").context["groups"][0]
    assert (row["upkeep"].stale, row["upkeep"].days, row["counted"].people) == (False, 0, 67)
    with clock.moved(timedelta(days=181)):
        assert world.client("resource_keeper").get("/groups/").context["groups"][0]["upkeep"].stale


def test_whoever_writes_to_a_stale_group_is_told(world: World) -> None:
    typed = {"audience_groups": [world.group.id]}
    assert [one.group.id for one in world.client("entry").post("/alerts/audience/", typed).context["stale"]] == [
        world.group.id
    ]
    world.client("resource_keeper").post(f"/groups/{world.group.id}/", {"do": "check"})
    assert not world.client("entry").post("/alerts/audience/", typed).context["stale"]


def test_an_owner_is_somebody_of_this_town(world: World) -> None:
    path = f"/groups/{world.group.id}/"
    keeper = world.client("resource_keeper")
    person = world.people["leader"].person_id
    assert keeper.post(path, {"do": "owner", "owner-owner": f"person:{person}"}).status_code == 302
    assert Group.objects.get().owner_id == person
    for wrong in ("person:01ARZ3NDEKTSV4RRFFQ69G5FAV", "post:king", "\x00", "person"):
        assert keeper.post(path, {"do": "owner", "owner-owner": wrong}).status_code == 422, wrong
    assert world.client("duty_officer").post(path, {"do": "owner", "owner-owner": ""}).status_code == 403


def test_a_persons_entry_is_checked(world: World) -> None:
    contact = Contact.objects.get(name="村民1")
    assert world.client("resource_keeper").post(f"/contacts/{contact.id}/", {"do": "check"}).status_code == 302
    contact.refresh_from_db()
    assert contact.checked_by == world.people["resource_keeper"].person
