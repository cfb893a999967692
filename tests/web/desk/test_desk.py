"""The desk: each post sees what waits for it, everyone how sending goes."""

import pytest

from tests.web.world import World

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


def test_each_post_sees_its_own_work(world: World) -> None:
    draft, submitted, reviewed = world.draft(), world.submitted(), world.reviewed()
    approved = world.approved()

    def waiting(post: str) -> dict[str, str]:
        return {one.alert.id: one.verb for one in world.client(post).get("/").context["waiting"]}

    assert waiting("entry") == {draft.id: "submit"}
    assert waiting("reviewer") == {submitted.id: "review"}
    assert waiting("leader") == {submitted.id: "review", reviewed.id: "approve"}
    assert waiting("signer") == {submitted.id: "review", approved.id: "sign"}
    assert waiting("duty_officer") == {reviewed.id: "record_approval"}
    assert waiting("auditor") == {}


def test_what_is_running_links_to_its_progress_and_the_part_moves_by_itself(world: World) -> None:
    alert = world.signed()
    html = world.client("duty_officer").get("/").content.decode()
    assert f'href="/alerts/{alert.id}/progress/"' in html
    assert 'hx-trigger="every 5s"' in html
    part = world.client("duty_officer").get("/?part").content.decode()
    assert part.lstrip().startswith('<div id="desk"')


def test_without_a_gateway_the_desk_says_that_nothing_can_be_sent(world: World) -> None:
    assert "尚未配置短信网关" in world.client("entry").get("/").content.decode()


def test_administrators_see_the_desk_without_alerts(world: World) -> None:
    alert = world.signed()
    html = world.client("system_admin").get("/").content.decode()
    assert alert.headline not in html
    assert "短信网关" in html


def test_a_stranger_is_asked_to_sign_in(client, db) -> None:
    answer = client.get("/alerts/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in/")
