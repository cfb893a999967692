"""Composing: nothing typed is ever lost, every wrong field is named, and two people cannot overwrite each other unseen."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from fenghuo.ground import clock
from fenghuo.ground.areas.models import Area
from fenghuo.warning.alerts.models import Alert
from tests.web.world import TOWN, World

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


def typed(world: World, **changed: Any) -> dict[str, Any]:
    """The form as a browser posts it."""
    content = world.content()
    origin = content["origin"]

    def minute(at: Any) -> str:
        return timezone.localtime(at).strftime("%Y-%m-%dT%H:%M")

    fields = {name: content[name] for name in ("kind", "category", "level", "event", "headline", "body", "caution")}
    return (
        fields
        | {
            "measures": content["measures"],
            "issuer": content["issuer"],
            "starts_at": minute(content["starts_at"]),
            "expires_at": minute(content["expires_at"]),
            "areas": content["areas"],
            "audience_groups": content["audience"]["groups"],
            "audience_areas": content["audience"]["areas"],
            "origin_issuer": origin["issuer"],
            "origin_issued_at": minute(origin["issued_at"]),
            "origin_received_at": minute(origin["received_at"]),
            "origin_how": "fax",
            "origin_text": origin["text"],
            "do": "save",
        }
        | changed
    )


def test_a_complete_form_becomes_a_draft_and_is_submitted(world: World) -> None:
    client = world.client("entry")
    answer = client.post("/alerts/new/", typed(world, do="submit"))
    alert = Alert.objects.get()
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/alerts/{alert.id}/review/"
    assert alert.state == "submitted"
    assert alert.areas == [TOWN]
    assert alert.origin is not None
    assert alert.origin["text"] == "预计今天夜间下仓镇将出现50毫米以上降雨。"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("expires_at", "2026-02-30T08:00"),
        ("starts_at", "明天早上"),
        ("level", "9"),
        ("kind", "rumour"),
        ("event", "99Z9"),
        ("areas", ["310101001"]),
        ("audience_groups", ["01ARZ3NDEKTSV4RRFFQ69G5FAV"]),
        ("headline", "长" * 121),
    ],
)
def test_what_cannot_be_read_is_named_and_what_was_typed_stays(world: World, field: str, value: Any) -> None:
    answer = world.client("entry").post("/alerts/new/", typed(world, **{field: value}))
    html = answer.content.decode()
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    bound = answer.context["form"][field]
    target = bound.id_for_label or f"{bound.auto_id}_0"  # of several controls the first
    assert f'href="#{target}"' in html
    assert f'id="{target}"' in html
    assert "预计今天夜间我镇将出现50毫米以上降雨" in html
    assert "减少外出，远离河道，检查门窗。" in html
    assert not Alert.objects.exists()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"audience_groups": [], "audience_areas": []}, "audience"),
        ({"body": "含有【标题】的内容"}, "body"),
        ({"body": "雨" * 280}, "body"),
        ({"areas": []}, "areas"),
        ({"expires_at": "2020-01-01T00:00"}, "expires_at"),
        ({"level": ""}, "level"),
        ({"caution": ""}, "caution"),
    ],
)
def test_what_may_not_be_submitted_is_refused_but_the_draft_is_kept(
    world: World, changed: dict[str, Any], field: str
) -> None:
    answer = world.client("entry").post("/alerts/new/", typed(world, **changed, do="submit"))
    assert answer.status_code == 422
    refused = set(answer.context["form"].errors)
    assert refused & {field, "audience_groups", "__all__"}, refused
    alert = Alert.objects.get()
    assert alert.state == "draft"
    assert alert.headline == "下仓镇暴雨黄色预警"


def test_saving_over_someone_elses_save_shows_both_and_loses_neither(world: World) -> None:
    alert = world.draft()
    first, second = world.client("entry"), world.client("reviewer")
    path = f"/alerts/{alert.id}/edit/"
    assert first.post(path, typed(world, version=1, body="第一个人写的内容")).status_code == 302
    answer = second.post(path, typed(world, version=1, body="第二个人写的内容"))
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "第一个人写的内容" in html
    assert "第二个人写的内容" in html
    alert.refresh_from_db()
    assert alert.body == "第一个人写的内容"
    # The page now carries the newer version, so that saving again is a decision.
    again = answer.context["form"].data["version"]
    assert second.post(path, typed(world, version=again, body="两人合并的内容")).status_code == 302
    alert.refresh_from_db()
    assert alert.body == "两人合并的内容"


def test_what_differs_is_said_in_the_words_of_the_form_and_nothing_else(world: World) -> None:
    alert = world.draft()
    path = f"/alerts/{alert.id}/edit/"
    assert world.client("entry").post(path, typed(world, version=1, body="第一个人写的内容")).status_code == 302
    late = typed(
        world, version=1, body="第二个人写的内容", level="2", event="11B06", origin_how="phone", audience_areas=[]
    )
    lines = {one["field"]: one for one in world.client("reviewer").post(path, late).context["difference"]}
    assert set(lines) == {"body", "level", "event", "origin_how", "audience_areas"}
    told = {name: (one["theirs"], one["yours"]) for name, one in lines.items()}
    assert "橙色" in told["level"][1]
    assert told["event"][1].startswith("大风")
    assert told["origin_how"] == ("传真或公文", "电话")
    assert told["audience_areas"][1] == "（空）"
    assert not any(one.isdecimal() for one in told["audience_areas"][0])
    assert lines["audience_areas"]["label"] == "以下辖区的全部人员"


def test_autosave_makes_the_draft_then_saves_it_and_reports_a_conflict(world: World) -> None:
    client = world.client("entry")
    made = client.post("/alerts/new/", typed(world, headline="自动保存"), headers={"X-Autosave": "1"}).json()
    alert = Alert.objects.get()
    assert made == {
        "version": 1,
        "edit": f"/alerts/{alert.id}/edit/",
        "autosave": f"/alerts/{alert.id}/autosave/",
    }
    saved = client.post(made["autosave"], typed(world, version=1, headline="改过一次"))
    assert saved.json() == {"version": 2}
    late = client.post(made["autosave"], typed(world, version=1, headline="旧页面"))
    assert late.status_code == 409
    line = next(one for one in late.json()["difference"] if one["field"] == "headline")
    assert (line["label"], line["theirs"], line["yours"]) == ("标题", "改过一次", "旧页面")
    assert late.json()["version"] == 2
    assert client.post(made["autosave"], typed(world, version=2, expires_at="never")).status_code == 422
    alert.refresh_from_db()
    assert alert.headline == "改过一次"


def test_the_counter_counts_what_will_be_sent_before_anybody_signs(world: World) -> None:
    answer = world.client("entry").post("/alerts/check/", typed(world, body="雨" * 100))
    counter = answer.context["counter"]
    html = answer.content.decode()
    # 【天津预警发布中心】10 +（演练）4 + 100 +（演练结束）6 + 【蓟州区下仓镇】8
    assert counter.units == 128
    assert (counter.segments, counter.billed, counter.recipients) == (2, 2, 70)
    assert "【天津预警发布中心】（演练）" + "雨" * 100 in html
    assert "还可写 152 字" in html
    assert answer.context["errors_found"] == []
    assert not Alert.objects.exists()


def test_the_check_names_what_the_law_misses(world: World) -> None:
    answer = world.client("entry").post("/alerts/check/", typed(world, caution="", level=""))
    missing = [one.code for one in answer.context["elements"] if not one.present]
    assert missing == ["level", "caution"]
    assert "警示事项" in " ".join(one["text"] for one in answer.context["errors_found"])


def test_the_audience_shows_who_is_left_without_a_number(world: World) -> None:
    first = Area.objects.filter(parent_id=TOWN).first()
    assert first is not None
    answer = world.client("entry").post("/alerts/audience/", {"audience_areas": [first.code]})
    html = answer.content.decode()
    assert (answer.context["preview"].people, answer.context["preview"].numbers) == (3, 2)
    assert "1 人没有号码" in html
    assert "村民0" in html
    nobody = world.client("entry").post("/alerts/audience/", {})
    assert "尚未选择发布对象" in nobody.content.decode()


def test_text_stays_text_everywhere_it_is_shown(world: World) -> None:
    nasty = '<img src=x onerror=alert(1)><b hx-get="/">'
    client = world.client("entry")
    client.post(
        "/alerts/new/", typed(world, headline=nasty, body=nasty, caution=nasty, measures=nasty, origin_text=nasty)
    )
    alert = Alert.objects.get()
    for path in ("/", "/alerts/", f"/alerts/{alert.id}/edit/", f"/alerts/{alert.id}/review/", "/operation-log/"):
        html = client.get(path).content.decode()
        assert "<img" not in html.replace('<img src="/static/', ""), path
        assert "<b hx" not in html, path
    assert "&lt;img src=x" in client.get("/alerts/").content.decode()


def test_a_copy_is_a_new_draft_with_the_same_words(world: World) -> None:
    alert = world.signed()
    answer = world.client("entry").post(f"/alerts/{alert.id}/copy/")
    fresh = Alert.objects.get(state="draft")
    assert answer.headers["Location"] == f"/alerts/{fresh.id}/edit/"
    assert (fresh.body, fresh.digest, fresh.code == alert.code) == (alert.body, "", False)


def test_those_without_the_post_are_told_so(world: World) -> None:
    assert world.client("auditor").get("/alerts/new/").status_code == 403
    answer = world.client("auditor").post("/alerts/new/", typed(world))
    assert answer.status_code == 403
    assert "录入" in answer.content.decode()
    assert not Alert.objects.exists()


def test_an_expired_draft_opens_so_that_it_can_be_mended(world: World) -> None:
    alert = world.draft(expires_at=clock.now() - timedelta(days=1))
    assert world.client("entry").get(f"/alerts/{alert.id}/edit/").status_code == 200


def test_a_town_that_may_not_issue_is_told_the_law_and_shown_where_the_origin_goes(world: World) -> None:
    nothing = {f"origin_{name}": "" for name in ("issuer", "issued_at", "received_at", "how", "reference", "text")}
    answer = world.client("entry").post("/alerts/new/", typed(world, **nothing) | {"do": "submit"})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "《中华人民共和国突发事件应对法》第六十四条" in html
    assert "law 64" not in html
    assert 'href="#id_origin_issuer"' in html
    relay = html[html.index('<details class="panel" id="relay"') :]
    assert " open>" in relay[: relay.index("<summary>")]


def test_how_it_came_may_be_left_for_later_but_not_out(world: World) -> None:
    client = world.client("entry")
    assert client.post("/alerts/new/", typed(world, origin_how="")).status_code == 302
    answer = client.post("/alerts/new/", typed(world, origin_how="") | {"do": "submit"})
    assert answer.status_code == 422
    assert "请注明接收方式" in answer.context["form"].errors["origin_how"][0]


def test_a_notice_is_submitted_from_the_new_form_which_holds_a_time_of_receipt(world: World) -> None:
    client = world.client("entry")
    page = client.get("/alerts/new/")
    received = page.context["form"]["origin_received_at"].value()
    assert received
    ours = dict.fromkeys(
        ("category", "level", "event", "origin_issuer", "origin_issued_at", "origin_how", "origin_text"), ""
    )
    notice = typed(world, do="submit", kind="notice", **ours) | {"origin_received_at": f"{received:%Y-%m-%dT%H:%M}"}
    assert "法定八要素" not in client.post("/alerts/check/", notice).content.decode()
    answer = client.post("/alerts/new/", notice)
    assert answer.status_code == 302, answer.content.decode()
    assert Alert.objects.get().state == "submitted"
