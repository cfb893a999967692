"""What no form of ours sends is still answered in words that people read."""

import pytest
from django.test import Client

from tests.web.world import World

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


def test_a_wrong_host_name_is_explained_in_both_languages() -> None:
    answer = Client().get("/current/", headers={"host": "evil.example"})
    html = answer.content.decode()
    assert answer.status_code == 400
    assert "请求无法识别" in html
    assert "cannot be read" in html
    assert "evil.example" not in html


def test_a_null_character_is_named(world: World) -> None:
    answer = world.client("entry").post("/alerts/new/", {"kind": "notice", "headline": "a\x00b"})
    assert answer.status_code == 422
    assert "不得含有空字符（NUL）" in answer.content.decode()


def test_an_act_that_a_group_does_not_know_is_not_called_saved(world: World) -> None:
    answer = world.client("resource_keeper").post(f"/groups/{world.group.id}/", {"do": "explode"})
    assert answer.status_code == 422
