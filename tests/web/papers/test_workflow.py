"""The workflow diagram says what the rules in force say, for every government that ships."""

import pytest

from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.profile import queries as profiles
from fenghuo.web.papers import workflow
from tests.web.papers.reading import read
from tests.web.world import World

SHIPPED = ("xiacang", "wuqing", "taicang", "bizhai")


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_profile_draws_on_one_sheet(name: str) -> None:
    profile = profiles.profile(name)
    paper = read(workflow.paper(Organisation(name="制图单位", profile=name)))
    assert paper.sizes == [(595, 842)]
    drawn = workflow.chart(profile)
    for box in [*drawn.general, *drawn.urgent]:
        assert box.title in paper.pressed, box.title
        for note in box.notes:
            assert "".join(note.split()) in paper.pressed, note
    assert bool(drawn.urgent) == bool(profile.urgent.levels.value)
    assert f"{profile.deadlines.relay_seconds.value}秒内" in paper.pressed
    approval = "领导批准" in [one.title for one in drawn.general]
    assert approval == bool(profile.flow.approval_for.value)


def test_another_rule_draws_another_diagram() -> None:
    profile = profiles.profile("xiacang")
    nobody = profile.flow.model_copy(
        update={"approval_for": profile.flow.approval_for.model_copy(update={"value": []})}
    )
    titles = [one.title for one in workflow.chart(profile.model_copy(update={"flow": nobody})).general]
    assert "领导批准" not in titles


@pytest.mark.django_db(databases=["default", "ledger"])
def test_the_page_says_the_same_in_words(world: World) -> None:
    html = world.client("entry").get("/workflow/").content.decode()
    for text in ("录入（制作）", "领导批准", "签发人不得是录入人", "第五条"):
        assert text in html, text
