"""Composing from a template, without any script: what it fills, what it leaves alone, what is still to fill."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from fenghuo.ground import clock
from fenghuo.warning.alerts.models import Alert
from fenghuo.warning.templates import queries
from fenghuo.warning.templates.models import TemplateVersion
from tests.web.world import TOWN, World

pytestmark = [
    pytest.mark.usefixtures("shipped_templates"),
    pytest.mark.django_db(databases=["default", "ledger"]),
]


def version(world: World, key: str = "rainstorm.yellow") -> TemplateVersion:
    return next(one for one in queries.usable(world.organisation) if one.template.key == key)


def posted(form: Any, **changed: Any) -> dict[str, Any]:
    """What a browser without scripts sends back from a page that was rendered."""
    fields = {name: form[name].value() for name in form.fields}
    plain = {
        name: value.strftime("%Y-%m-%dT%H:%M") if hasattr(value, "strftime") else value
        for name, value in fields.items()
        if value not in (None, "", [])
    }
    return plain | {"do": "save"} | changed


def origin(world: World) -> dict[str, Any]:
    minute = timezone.localtime(clock.now() - timedelta(minutes=10)).strftime("%Y-%m-%dT%H:%M")
    return {
        "origin_issuer": "蓟州区气象台",
        "origin_how": "phone",
        "origin_issued_at": minute,
        "origin_text": "暴雨黄色预警。",
        "audience_areas": [TOWN],
    }


def test_the_page_offers_every_template_as_one_press(world: World) -> None:
    html = world.client("entry").get("/alerts/new/").content.decode()
    for one in queries.usable(world.organisation):
        assert f'value="template:{one.pk}"' in html


def test_a_choice_fills_everything_but_the_amount_and_saves_nothing(world: World) -> None:
    client = world.client("entry")
    form = client.get("/alerts/new/").context["form"]
    answer = client.post("/alerts/new/", posted(form, do=f"template:{version(world).pk}"))
    assert answer.status_code == 200
    chosen = answer.context["form"]
    assert [one.label for one in chosen.small_fields()] == ["地点", "时间", "雨量"]
    assert chosen["blank_0"].value() == "下仓镇"
    assert "时至" in chosen["blank_1"].value()
    assert (chosen["event"].value(), chosen["level"].value(), chosen["category"].value()) == ("11B03", "3", "natural")
    assert chosen["headline"].value() == "下仓镇暴雨黄色预警"
    assert "{雨量}" in chosen["body"].value()
    assert chosen["caution"].value()
    assert chosen["expires_at"].value() > chosen["starts_at"].value()
    assert not Alert.objects.exists()


def test_two_posts_make_a_relayed_warning_that_is_submitted(world: World) -> None:
    client = world.client("entry")
    form = client.get(f"/alerts/new/?template={version(world).pk}").context["form"]
    answer = client.post("/alerts/new/", posted(form, blank_2="50", do="submit", **origin(world)))
    assert answer.status_code == 302, answer.context["form"].errors
    alert = Alert.objects.get()
    assert alert.state == "submitted"
    assert "将出现50毫米以上降雨" in alert.body
    assert alert.template_id == version(world).pk
    assert alert.blanks["雨量"] == "50"
    assert "{" not in alert.headline + alert.body + alert.caution + alert.measures


def test_what_is_still_to_fill_is_said_by_name_and_the_field_is_linked(world: World) -> None:
    client = world.client("entry")
    form = client.get(f"/alerts/new/?template={version(world).pk}").context["form"]
    checked = client.post("/alerts/check/", posted(form, **origin(world)))
    wrong = [one for one in checked.context["errors_found"] if "雨量" in one["text"]]
    assert [one["target"] for one in wrong] == ["id_blank_2"]
    answer = client.post("/alerts/new/", posted(form, do="submit", **origin(world)))
    assert answer.status_code == 422
    assert "雨量" in answer.context["form"].errors["body"][0]
    assert Alert.objects.get().state == "draft"


def test_words_changed_by_hand_stay_while_the_others_follow_the_blanks(world: World) -> None:
    client = world.client("entry")
    form = client.get(f"/alerts/new/?template={version(world).pk}").context["form"]
    own = "我们自己写的内容，不跟随模板。"
    client.post("/alerts/new/", posted(form, body=own, blank_0="北河村", blank_2="80"))
    alert = Alert.objects.get()
    assert (alert.body, alert.headline) == (own, "北河村暴雨黄色预警")
    page = client.get(f"/alerts/{alert.id}/edit/").context["form"]
    assert page["blank_2"].value() == "80"
    client.post(f"/alerts/{alert.id}/edit/", posted(page, blank_0="南河村"))
    alert.refresh_from_db()
    assert (alert.body, alert.headline, alert.blanks["地点"]) == (own, "南河村暴雨黄色预警", "南河村")


def test_another_template_takes_the_place_of_the_first_but_not_of_typed_words(world: World) -> None:
    client = world.client("entry")
    form = client.get(f"/alerts/new/?template={version(world).pk}").context["form"]
    typed = posted(form, measures="按村里安排行动。", blank_0="北河村", blank_2="80")
    answer = client.post("/alerts/new/", typed | {"do": f"template:{version(world, 'gale.red').pk}"})
    chosen = answer.context["form"]
    assert chosen["body"].value().startswith("大风红色预警")
    assert "北河村" in chosen["body"].value()
    assert chosen["measures"].value() == "按村里安排行动。"
    assert "应当采取的措施" in answer.context["kept_words"]
    assert chosen["level"].value() == "1"


def test_a_notice_from_a_template_has_no_level(world: World) -> None:
    form = world.client("entry").get(f"/alerts/new/?template={version(world, 'meeting.general').pk}").context["form"]
    assert (form["kind"].value(), form["level"].value()) == ("meeting", "")


@pytest.mark.parametrize("id", ["", "x", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "长" * 50, "a\x00b"])
def test_a_template_that_is_none_is_told_and_nothing_is_lost(world: World, id: str) -> None:
    client = world.client("entry")
    assert client.get("/alerts/new/", {"template": id}).status_code == 200
    form = client.get("/alerts/new/").context["form"]
    answer = client.post("/alerts/new/", posted(form, headline="写好的标题", template=id))
    if id:
        assert answer.status_code == 422
        assert "写好的标题" in answer.content.decode()
    else:
        assert answer.status_code == 302


@pytest.mark.parametrize("filled", ["[]", "{", "null", '{"雨量": 5}', "[" * 9000, '{"a": {}}', "x" * 30_000])
def test_nonsense_in_the_carried_blanks_breaks_nothing(world: World, filled: str) -> None:
    client = world.client("entry")
    form = client.get(f"/alerts/new/?template={version(world).pk}").context["form"]
    answer = client.post("/alerts/new/", posted(form, filled=filled, blank_2="50"))
    assert answer.status_code in (302, 422)


def test_a_conflict_shows_both_peoples_blanks(world: World) -> None:
    client = world.client("entry")
    form = client.get(f"/alerts/new/?template={version(world).pk}").context["form"]
    made = client.post("/alerts/new/", posted(form, blank_2="50"), headers={"X-Autosave": "1"}).json()
    page = client.get(made["edit"]).context["form"]
    assert client.post(made["autosave"], posted(page, blank_2="60")).status_code == 200
    late = client.post(made["autosave"], posted(page, blank_2="70"))
    assert late.status_code == 409
    line = next(one for one in late.json()["difference"] if one["field"] == "blanks")
    assert "雨量：60" in line["theirs"]
    assert "雨量：70" in line["yours"]


def test_doubtful_words_are_shown_to_the_reviewer_and_do_not_stop(world: World) -> None:
    alert = world.submitted(body="据说今天夜间有雨。")
    html = world.client("reviewer").get(f"/alerts/{alert.id}/review/").content.decode()
    assert "据说" in html
    assert "未经核实的消息不得发布" in html
