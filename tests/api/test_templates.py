"""Templates for machines: an alert from a template and its blanks, and a wording from proposal to use."""

import pytest

from fenghuo.ops.rehearsal.client import Declined
from tests.makers.instance import Instance

WORDS = {"headline": "{地点}凌汛黄色预警", "body": "预计{时间}{地点}可能发生凌汛，请远离河道。", "hours": 12}
PURPOSE = {"name": "凌汛黄色预警", "kind": "warning", "event": "11A05", "level": 3}


def yellow_rain(instance: Instance) -> dict:
    found = instance.api("entry").get("/api/v1/templates?event=11B03&level=3&kind=warning")
    assert found["total"] == 1
    return found["items"][0]


def test_a_template_and_its_blanks_make_a_warning_that_is_complete(instance: Instance) -> None:
    template = yellow_rain(instance)
    assert [(one["name"], one["kind"]) for one in template["blanks"]] == [
        ("地点", "place"), ("时间", "period"), ("雨量", "number"),
    ]  # fmt: skip
    whole = instance.content()
    given = {name: whole[name] for name in ("kind", "areas", "audience", "origin")}
    api = instance.api("entry")
    alert = api.post("/api/v1/alerts", given | {"template": template["id"], "blanks": {"雨量": "50"}})
    assert [one["reason_zh"] for one in alert["problems"] if one["severity"] == "error"] == []
    assert "将出现50毫米以上降雨" in alert["content"]["body"]
    assert (alert["event"], alert["level"], alert["category"]) == ("11B03", 3, "natural")
    submitted = api.post(f"/api/v1/alerts/{alert['id']}/submit", {"version": alert["version"]})
    assert submitted["state"] == "submitted"


def test_an_open_blank_is_named_and_stops_the_submission(instance: Instance) -> None:
    whole = instance.content()
    given = {name: whole[name] for name in ("kind", "areas", "audience", "origin")}
    alert = instance.api("entry").post("/api/v1/alerts", given | {"template": yellow_rain(instance)["id"]})
    assert "雨量" in next(one["reason_zh"] for one in alert["problems"] if one["code"] == "blank_unfilled")
    with pytest.raises(Declined) as caught:
        instance.api("entry").post(f"/api/v1/alerts/{alert['id']}/submit", {"version": alert["version"]})
    assert caught.value.status == 422


@pytest.mark.parametrize(
    "given",
    [
        {"template": "01ARZ3NDEKTSV4RRFFQ69G5FAV"},
        {"template": "x" * 41},
        {"blanks": {"雨量": 50}},
        {"blanks": {"": "50"}},
        {"blanks": {"雨量": "长" * 201}},
        {"blanks": [["雨量", "50"]]},
        {"blanks": {str(number): "x" for number in range(61)}},
    ],
)
def test_what_is_no_template_or_no_blank_is_refused(instance: Instance, given: dict) -> None:
    with pytest.raises(Declined) as caught:
        instance.api("entry").post("/api/v1/alerts", instance.content(**given))
    assert caught.value.status == 422
    assert caught.value.answer["field"].startswith(("template", "blanks"))


def test_a_wording_from_proposal_to_use_and_out_of_it(instance: Instance) -> None:
    entry, leader = instance.api("entry"), instance.api("leader")
    made = entry.post("/api/v1/templates", {"purpose": PURPOSE, "words": WORDS})
    assert (made["state"], made["number"], made["shipped"]) == ("draft", 1, False)
    path = f"/api/v1/templates/{made['id']}"
    entry.post(f"{path}/propose", {})
    for wrong in (entry, instance.api("reviewer")):
        with pytest.raises(Declined) as caught:
            wrong.post(f"{path}/approve", {})
        assert caught.value.status == 403
    assert leader.post(f"{path}/approve", {})["state"] == "approved"
    further = entry.post("/api/v1/templates", {"based_on": made["id"], "words": WORDS | {"hours": 6}})
    assert further["number"] == 2
    assert leader.post(f"{path}/retire", {"reason": "不再使用"})["end_reason"] == "不再使用"
    with pytest.raises(Declined) as caught:
        instance.api("stranger").get(path)
    assert caught.value.status == 404


def test_approving_a_shipped_text_adopts_it(instance: Instance) -> None:
    listed = instance.api("leader").get("/api/v1/templates?limit=100")["items"]
    found = next(one for one in listed if one["shipped"] and one["level"] == 4)  # no other test takes one of these over
    own = instance.api("leader").post(f"/api/v1/templates/{found['id']}/approve", {})
    assert (own["shipped"], own["approver"] is not None, own["body"]) == (False, True, found["body"])
    assert own["id"] != found["id"]


@pytest.mark.parametrize("body", [{"words": WORDS}, {"purpose": PURPOSE, "based_on": "x", "words": WORDS}])
def test_words_without_a_place_are_refused(instance: Instance, body: dict) -> None:
    with pytest.raises(Declined) as caught:
        instance.api("entry").post("/api/v1/templates", body)
    assert caught.value.status == 422
