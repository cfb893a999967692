"""Follow-ups through the public API of a real installation: a warning lifted, and what every phone got in which order."""

import pytest

from fenghuo.ops.rehearsal.client import Declined
from fenghuo.wire import cap
from tests.makers.instance import Instance


def follow(instance: Instance, alert: dict, relation: str, post: str = "entry") -> dict:
    return instance.api(post).post(f"/api/v1/alerts/{alert['id']}/follow-up", {"relation": relation})


def released(instance: Instance, draft: dict) -> dict:
    path = f"/api/v1/alerts/{draft['id']}"
    alert = instance.api("entry").post(f"{path}/submit", {"version": draft["version"]})
    instance.api("reviewer").post(f"{path}/review", {"digest": alert["digest"]})
    instance.api("leader").post(f"{path}/approve", {"digest": alert["digest"]})
    body = {"digest": alert["digest"], "people": alert["audience_count"], **instance.people["signer"].factor()}
    return instance.api("signer").post(f"{path}/sign", body)


def test_a_warning_is_lifted_and_every_phone_that_got_it_gets_the_lift_after_it(instance: Instance) -> None:
    before = len(instance.smsc.rows())
    first = instance.signed(headline="要解除的预警")
    instance.settled(first["id"])
    draft = follow(instance, first, "lift")
    assert (draft["state"], draft["relation"], draft["follows"]) == ("draft", "lift", first["id"])
    assert [(one["id"], one["fate"]) for one in draft["chain"]] == [(first["id"], "live"), (draft["id"], "")]
    assert [one for one in draft["problems"] if one["severity"] == "error"] == []
    lifted = released(instance, draft)
    assert (lifted["state"], lifted["audience_count"]) == ("signed", first["audience_count"])
    progress = instance.settled(lifted["id"])
    assert (progress["delivered"], progress["stopped"]) == (120, 0)
    rows = instance.smsc.rows()[before:]
    numbers = [row["number"] for row in rows if row["segment"] == 1]
    assert sorted(numbers[:120]) == sorted(numbers[120:])
    document = cap.parse(instance.api().raw(f"/feeds/cap/{lifted['releases'][0]['cap_identifier']}.xml"))
    assert document.msg_type == cap.MsgType.CANCEL
    assert [one.identifier for one in cap.read_references(document.references or "")] == [
        first["releases"][0]["cap_identifier"]
    ]
    now = instance.api("entry").get(f"/api/v1/alerts/{first['id']}")
    assert now["fate"] == "lifted"
    assert now["may"]["lift"]["code"] == "not_live"
    live = instance.api("entry").get("/api/v1/alerts?live=true&size=500")["items"]
    assert {first["id"], lifted["id"]}.isdisjoint(one["id"] for one in live)


def test_what_cannot_follow_is_refused_with_its_reason(instance: Instance) -> None:
    draft = instance.api("entry").post("/api/v1/alerts", instance.content())
    for body, status in (({"relation": "lift"}, 409), ({"relation": "cancel"}, 422), ({}, 422), ({"relation": 1}, 422)):
        with pytest.raises(Declined) as caught:
            instance.api("entry").post(f"/api/v1/alerts/{draft['id']}/follow-up", body)
        assert caught.value.status == status
        assert caught.value.answer["reason_zh"]
    alert = instance.signed(headline="两个人同时解除")
    begun = follow(instance, alert, "lift")
    with pytest.raises(Declined) as caught:
        follow(instance, alert, "lift")
    assert caught.value.answer["details"]["follow_up"] == begun["id"]
