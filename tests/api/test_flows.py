"""The flows through real processes: a leader's reply by SMS approves, the urgent release, the replies that came in."""

import re
import time
from urllib.parse import quote

import pytest

from fenghuo.ops.rehearsal.client import Declined
from tests.makers.instance import Instance

LEADER = "10099000004"
FLOODS = f"/api/v1/templates?text={quote('山洪')}"
BLANKS = {"地点": "下仓镇沟河沿线", "转移路线": "镇西路", "安置点": "镇中心小学"}


def reviewed(instance: Instance) -> dict:
    alert = instance.api("entry").post("/api/v1/alerts", instance.content())
    path = f"/api/v1/alerts/{alert['id']}"
    alert = instance.api("entry").post(f"{path}/submit", {"version": alert["version"]})
    return dict(instance.api("reviewer").post(f"{path}/review", {"digest": alert["digest"]}))


def ask(instance: Instance, alert: dict) -> str:
    """The code that the leader's phone shows."""
    before = len(texts_to(instance))
    leader = instance.people["leader"].username
    body = {"digest": alert["digest"], "leader": leader}
    instance.api("reviewer").post(f"/api/v1/alerts/{alert['id']}/ask-approval", body)
    text = until(lambda: texts_to(instance)[before:])[0]
    found = re.search(r"同意 ([0-9]{6})", text)
    assert found
    return found[1]


def texts_to(instance: Instance, number: str = LEADER) -> list[str]:
    """Whole texts that reached a number, in order."""
    rows = [row for row in instance.smsc.rows() if row["number"] == number]
    whole, gathered = [], ""
    for row in rows:
        gathered += row["text"]
        if gathered.endswith("【蓟州区下仓镇】"):
            whole.append(gathered)
            gathered = ""
    return whole


def until(found, seconds: float = 20.0):
    deadline = time.monotonic() + seconds
    while not (answer := found()):
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.1)
    return answer


def state(instance: Instance, alert: dict) -> str:
    return instance.api("entry").get(f"/api/v1/alerts/{alert['id']}")["state"]


@pytest.mark.parametrize("msg_fmt", [8, 15])
def test_a_leaders_reply_approves_and_the_signature_releases(instance: Instance, msg_fmt: int):
    alert = reviewed(instance)
    code = ask(instance, alert)
    said = f"同意 {code}"
    instance.smsc.message(LEADER, "12379", said, msg_fmt=msg_fmt)
    until(lambda: state(instance, alert) == "approved")
    body = {"digest": alert["digest"], "people": alert["audience_count"], **instance.people["signer"].factor()}
    signed = instance.api("signer").post(f"/api/v1/alerts/{alert['id']}/sign", body)
    assert signed["state"] == "signed"
    instance.settled(alert["id"])
    found = instance.api("duty_officer").get("/api/v1/replies")["items"][0]
    assert (found["text"], found["outcome"], found["alert"]) == (said, "approved", alert["id"])
    assert LEADER not in str(found)
    assert found["sender"] == instance.people["leader"].name


def test_a_long_refusal_in_parts_returns_it_with_the_whole_reason(instance: Instance):
    alert = reviewed(instance)
    reason = "影响范围写得太大，" * 20 + "请改为沟河沿线各村后重报"
    instance.smsc.message(LEADER, "12379", f"不同意 {ask(instance, alert)} {reason}")
    until(lambda: state(instance, alert) == "draft")
    found = instance.api("duty_officer").get("/api/v1/replies")["items"][0]
    assert found["text"].endswith("请改为沟河沿线各村后重报")


@pytest.mark.slow
def test_a_worker_killed_around_the_reply_approves_exactly_once(instance: Instance):
    alert = reviewed(instance)
    code = ask(instance, alert)
    for _ in range(3):
        instance.smsc.message(LEADER, "12379", f"同意 {code}")
        instance.kill("worker")
    until(lambda: state(instance, alert) == "approved", 60)
    until(
        lambda: (
            sum(one["alert"] == alert["id"] for one in instance.api("duty_officer").get("/api/v1/replies")["items"])
            == 3
        )
    )
    replies = instance.api("duty_officer").get("/api/v1/replies")["items"]
    outcomes = sorted((one["outcome"], one["why"]) for one in replies if one["alert"] == alert["id"])
    assert outcomes == [("approved", ""), ("rejected", "answered"), ("rejected", "answered")]


def test_whoever_is_not_asked_approves_nothing(instance: Instance):
    alert = reviewed(instance)
    code = ask(instance, alert)
    instance.smsc.message("10000000007", "12379", f"同意 {code}")
    found = until(
        lambda: [
            one
            for one in instance.api("duty_officer").get("/api/v1/replies")["items"]
            if one["alert"] == alert["id"] and one["outcome"] == "rejected"
        ]
    )
    assert found[0]["why"] == "other_number"
    assert state(instance, alert) == "reviewed"
    until(lambda: [text for text in texts_to(instance) if "来自其他号码" in text])
    with pytest.raises(Declined):
        instance.api("entry").get("/api/v1/replies")


def evacuation(instance: Instance) -> dict:
    """The red instruction to leave for a flood, adopted by this town once for all tests of the instance."""
    known = instance.api("leader").get(FLOODS)["items"]
    found = next(one for one in known if "转移指令" in one["name"] and one["level"] == 1)
    if not found["shipped"]:
        return found
    return instance.api("leader").post(f"/api/v1/templates/{found['id']}/approve", {})


def test_an_urgent_release_leaves_at_once_and_others_confirm_and_review_it(instance: Instance):
    own = evacuation(instance)
    signer, asked = instance.api("signer"), {"template": own["id"], "areas": [instance.area]}
    with pytest.raises(Declined) as declined:
        signer.post("/api/v1/alerts/urgent", {**asked, "blanks": {"地点": "沟河"}})
    assert "blanks" in str(declined.value)
    released = signer.post("/api/v1/alerts/urgent", {**asked, "blanks": BLANKS, **instance.people["signer"].factor()})
    assert (released["state"], released["flow"]) == ("signed", "urgent")
    assert released["urgent"]["unverified"] is False
    until(lambda: [text for text in texts_to(instance) if "紧急发布" in text])
    instance.settled(released["id"])
    path, told = f"/api/v1/alerts/{released['id']}", {"digest": released["digest"]}
    with pytest.raises(Declined):
        signer.post(f"{path}/confirm", told)
    confirmed = instance.api("duty_officer").post(f"{path}/confirm", {**told, "note": "已通话"})
    assert confirmed["urgent"]["confirmed_by"] == instance.people["duty_officer"].name
    closed = instance.api("reviewer").post(f"{path}/review-urgent", {**told, "reason": "山洪属实"})
    assert closed["urgent"]["reviewed_by"] == instance.people["reviewer"].name


def test_an_urgent_release_may_be_prepared_first_and_read(instance: Instance):
    own, signer = evacuation(instance), instance.api("signer")
    body = {"template": own["id"], "areas": [instance.area], "blanks": BLANKS}
    prepared = signer.post("/api/v1/alerts/urgent", body)
    assert (prepared["state"], prepared["urgent"]) == ("submitted", None)
    path, told = f"/api/v1/alerts/{prepared['id']}", {"digest": prepared["digest"]}
    with pytest.raises(Declined):
        instance.api("reviewer").post(f"{path}/review", told)
    with pytest.raises(Declined):
        signer.post(f"{path}/release-urgent", {**told, "people": 1, **instance.people["signer"].factor()})
    done = signer.post(
        f"{path}/release-urgent",
        {**told, "people": prepared["audience_count"], **instance.people["signer"].factor()},
    )
    assert done["state"] == "signed"


def test_the_author_takes_back_what_is_not_signed(instance: Instance):
    alert = reviewed(instance)
    found = instance.api("entry").post(f"/api/v1/alerts/{alert['id']}/withdraw", {"version": alert["version"]})
    assert (found["state"], found["digest"]) == ("draft", "")
