"""The pages of templates: found, read with their differences, worded anew, and decided on by another person."""

import pytest

from fenghuo.warning.templates import actions, queries
from fenghuo.warning.templates.models import TemplateVersion
from tests.web.world import World

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])

TYPED = {
    "name": "凌汛黄色预警", "kind": "warning", "event": "11A05", "level": "3", "relation": "", "headline": "{地点}凌汛黄色预警",
    "body": "预计{时间}{地点}可能发生凌汛。", "hours": "12",
}  # fmt: skip


@pytest.fixture(autouse=True)
def shipped(db: None) -> None:
    actions.ship()


def one(world: World, key: str) -> TemplateVersion:
    return next(one for one in queries.usable(world.organisation) if one.template.key == key)


def test_templates_are_found_by_event_level_and_words(world: World) -> None:
    client = world.client("entry")
    everything = client.get("/templates/").context["found"]
    rain = client.get("/templates/?event=11B03&level=1&kind=warning").context["found"]
    words = client.get("/templates/?text=漫水桥").context["found"]
    assert len(everything) > len(words)
    assert [found.template.key for found in rain] == ["rainstorm.red"]
    assert client.get("/templates/?level=九&state=nonsense&event=%00").status_code == 200


def test_a_template_is_written_proposed_and_approved_by_somebody_else(world: World) -> None:
    answer = world.client("entry").post("/templates/new/", TYPED | {"do": "propose"})
    assert answer.status_code == 302
    path = answer.headers["Location"]
    refused = world.client("entry").post(path, {"do": "approve"})
    assert refused.status_code == 403
    leader = world.client("leader")
    assert "凌汛黄色预警" in leader.get("/templates/").content.decode()
    assert leader.post(path, {"do": "approve"}).status_code == 302
    assert TemplateVersion.objects.get(template__name="凌汛黄色预警").state == "approved"


def test_a_wrong_brace_is_named_at_its_field_and_nothing_is_lost(world: World) -> None:
    answer = world.client("entry").post("/templates/new/", TYPED | {"body": "预计{时间有雨", "do": "save"})
    assert answer.status_code == 422
    assert "body" in answer.context["form"].errors
    assert "预计{时间有雨" in answer.content.decode()


@pytest.mark.parametrize(
    "typed", [{"hours": "0"}, {"hours": "x"}, {"level": "7"}, {"event": "zz"}, {"name": ""}, {"body": "a\x00"}]
)
def test_wrong_fields_come_back_with_reasons(world: World, typed: dict[str, str]) -> None:
    answer = world.client("entry").post("/templates/new/", TYPED | typed)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == set(typed)


def test_a_further_version_shows_what_differs_and_the_history(world: World) -> None:
    first = one(world, "rainstorm.red")
    typed = {name: getattr(first, name) for name in ("headline", "caution", "measures", "hours")}
    answer = world.client("reviewer").post(
        f"/templates/{first.pk}/edit/", typed | {"body": "暴雨红色预警：{地点}立即转移。"}
    )
    html = world.client("auditor").get(answer.headers["Location"]).content.decode()
    assert "<ins>暴雨红色预警：{地点}立即转移。</ins>" in html
    assert f"<del>{first.body}</del>" in html
    assert one(world, "rainstorm.red") == first


def test_a_template_for_something_else_begins_from_the_words_and_the_purpose_of_one(world: World) -> None:
    found = one(world, "rainstorm.yellow")
    client = world.client("entry")
    assert f"/templates/new/?from={found.pk}" in client.get(f"/templates/{found.pk}/").content.decode()
    page = client.get(f"/templates/new/?from={found.pk}")
    initial = page.context["form"].initial
    assert (initial["event"], initial["level"], initial["body"]) == ("11B03", 3, found.body)
    answer = client.post(
        f"/templates/new/?from={found.pk}", TYPED | {"do": "save", "event": "11B20", "name": "雷雨大风"}
    )
    made = TemplateVersion.objects.get(pk=answer.headers["Location"].strip("/").split("/")[-1])
    assert (made.template.event, made.template.level, made.number) == ("11B20", 3, 1)
    assert made.template.key != found.template.key
    assert TemplateVersion.objects.get(pk=found.pk).state == "approved"
    assert client.get("/templates/new/?from=01M82VNTMTVZWF5BKPF299WNA3").status_code == 404


def test_adopting_and_taking_out_of_use(world: World) -> None:
    first = one(world, "evacuation.flood.red")
    leader = world.client("leader")
    answer = leader.post(f"/templates/{first.pk}/", {"do": "adopt"})
    own = answer.headers["Location"]
    assert leader.post(own, {"do": "retire", "reason": ""}).status_code == 422
    assert leader.post(own, {"do": "retire", "reason": "路线改变"}).status_code == 302
    assert "路线改变" in leader.get(own).content.decode()
    assert leader.post(own, {"do": "approve"}).status_code == 409


@pytest.mark.parametrize("post", ["system_admin", "security_admin"])
def test_administrators_have_no_business_here(world: World, post: str) -> None:
    found = one(world, "fog.red")
    for path in ("/templates/", f"/templates/{found.pk}/", "/templates/new/", f"/templates/{found.pk}/edit/"):
        assert world.client(post).get(path).status_code == 403, path


def test_what_is_not_there_is_missing(world: World) -> None:
    for id in ("x", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "%00"):
        assert world.client("entry").get(f"/templates/{id}/").status_code == 404
