"""The main job through the public API of a real installation, against a simulated gateway."""

import sqlite3
from datetime import UTC, datetime

import pytest

from fenghuo.ops.rehearsal.client import Declined
from fenghuo.wire import cap
from tests.makers.instance import Instance

FIELDS = {"code", "field", "reason_zh", "reason_en", "kept", "errors", "details"}


def declined(call, *arguments, **options):
    """The status and body of a call that is refused; every refusal has the same shape."""
    with pytest.raises(Declined) as caught:
        call(*arguments, **options)
    assert set(caught.value.answer) == FIELDS, caught.value.answer
    return caught.value.status, caught.value.answer


def test_a_warning_goes_from_draft_to_every_phone(instance: Instance) -> None:
    before = len(instance.smsc.rows())
    alert = instance.signed(headline="从录入到回执")
    assert alert["state"] == "signed"
    progress = instance.settled(alert["id"])
    assert (progress["count"], progress["delivered"]) == (120, 120)
    rows = instance.smsc.rows()[before:]
    segments = rows[0]["segments"]
    assert len({row["number"] for row in rows}) == 120
    assert len(rows) == 120 * segments
    texts = {row["segment"]: row["text"] for row in rows}
    assert "".join(texts[part] for part in sorted(texts)) == alert["sms"]
    document = instance.api().raw(f"/feeds/cap/{alert['releases'][0]['cap_identifier']}.xml")
    assert cap.validate(document) == []
    assert cap.parse(document).status == cap.Status.EXERCISE


def test_recipients_are_listed_by_state_with_masked_numbers(instance: Instance) -> None:
    alert = instance.signed(headline="看接收人")
    instance.settled(alert["id"])
    found = instance.api("entry").get(f"/api/v1/alerts/{alert['id']}/recipients?state=delivered&size=20")
    assert (found["total"], len(found["items"])) == (120, 20)
    assert all("****" in one["number"] and one["state"] == "delivered" for one in found["items"])
    none = instance.api("entry").get(f"/api/v1/alerts/{alert['id']}/recipients?state=failed")
    assert (none["total"], none["items"]) == (0, [])


def test_the_author_may_not_review_and_is_told_why_in_both_languages(instance: Instance) -> None:
    alert = instance.api("entry").post("/api/v1/alerts", instance.content())
    submitted = instance.api("entry").post(f"/api/v1/alerts/{alert['id']}/submit", {"version": alert["version"]})
    assert submitted["may"]["review"] is not None
    status, answer = declined(
        instance.api("entry").post, f"/api/v1/alerts/{alert['id']}/review", {"digest": submitted["digest"]}
    )
    assert status == 403
    assert answer["reason_en"]
    assert answer["reason_zh"]


def test_signing_needs_a_fresh_second_factor_and_the_right_number_of_people(instance: Instance) -> None:
    alert = instance.approved(headline="签发要动态口令")
    path, signer = f"/api/v1/alerts/{alert['id']}/sign", instance.api("signer")
    status, answer = declined(signer.post, path, {"digest": alert["digest"]})
    assert (status, answer["code"], answer["field"]) == (422, "factor_missing", "totp")
    status, answer = declined(signer.post, path, {"digest": alert["digest"], "totp": "000000", "people": 120})
    assert (status, answer["code"], answer["field"]) == (422, "code_wrong", "totp")
    body = {"digest": alert["digest"], "totp": instance.people["signer"].totp(), "people": 119}
    status, answer = declined(signer.post, path, body)
    assert (status, answer["code"]) == (422, "people_differ")
    assert len(answer["errors"]) == 1
    status, answer = declined(signer.post, path, {**body, "totp": "000000"})
    told = [(one["code"], one["field"]) for one in answer["errors"]]
    assert told == [("people_differ", "people"), ("code_wrong", "totp")], "both mistakes in one round"
    signed = signer.post(path, {**body, "people": 120})
    assert signed["state"] == "signed", "another mistake costs no code"
    other = instance.approved(headline="一码一次")
    used = {"digest": other["digest"], "totp": body["totp"]}
    status, answer = declined(signer.post, f"/api/v1/alerts/{other['id']}/sign", used)
    assert (status, answer["code"]) == (409, "factor_used"), "a code is good for one signature"


def test_signing_twice_releases_once(instance: Instance) -> None:
    alert = instance.approved(headline="只发一次")
    path, signer = f"/api/v1/alerts/{alert['id']}/sign", instance.api("signer")
    body = {"digest": alert["digest"], "people": 120, **instance.people["signer"].factor()}
    first = signer.post(path, body, key="sign-once-only")
    second = signer.post(path, body, key="sign-once-only")
    assert first == second
    status, answer = declined(signer.post, path, body)
    assert (status, answer["code"]) == (409, "already_signed")
    assert len(instance.api("entry").get(f"/api/v1/alerts/{alert['id']}")["releases"]) == 1


def test_a_changed_alert_is_a_conflict_with_both_texts(instance: Instance) -> None:
    entry = instance.api("entry")
    alert = entry.post("/api/v1/alerts", instance.content(headline="甲"))
    path = f"/api/v1/alerts/{alert['id']}"
    entry.put(path, {"version": alert["version"], "content": instance.content(headline="乙")})
    status, answer = declined(
        entry.put, path, {"version": alert["version"], "content": instance.content(headline="丙")}
    )
    assert status == 409
    assert answer["details"]["difference"]["headline"] == ["乙", "丙"]
    assert entry.get(path)["headline"] == "乙"


def test_an_incomplete_draft_says_what_is_missing_and_is_not_submitted(instance: Instance) -> None:
    entry = instance.api("entry")
    alert = entry.post("/api/v1/alerts", {"kind": "warning", "headline": "只有标题"})
    missing = {one["field"] for one in alert["problems"] if one["severity"] == "error"}
    assert {"category", "level", "areas"} <= missing
    path = f"/api/v1/alerts/{alert['id']}"
    status, answer = declined(entry.post, f"{path}/submit", {"version": alert["version"]})
    assert status == 422
    assert {one["field"] for one in answer["errors"]} >= {"category", "level", "areas"}
    assert entry.get(path)["headline"] == "只有标题"


def test_recall_stops_and_corrects(instance: Instance) -> None:
    alert = instance.signed(headline="要撤回的")
    instance.settled(alert["id"])
    path = f"/api/v1/alerts/{alert['id']}"
    recalled = instance.api("signer").post(f"{path}/recall", {"reason": "地点写错", "correct": True})
    assert [one["kind"] for one in recalled["releases"]] == ["release", "recall", "correct"]
    corrected = instance.settled(alert["id"], of="correction")
    assert (corrected["count"], corrected["delivered"]) == (120, 120)
    assert instance.settled(alert["id"])["delivered"] == 120


def test_the_duty_officer_recalls_with_one_who_agreed_and_corrects_afterwards(instance: Instance) -> None:
    alert = instance.signed(headline="值班员撤回")
    instance.settled(alert["id"])
    path, duty = f"/api/v1/alerts/{alert['id']}", instance.api("duty_officer")
    assert declined(duty.post, f"{path}/recall", {"reason": "地点写错"})[0] == 403
    status, answer = declined(duty.post, f"{path}/recall", {"reason": "地点写错", "confirmed_by": "nobody"})
    assert (status, answer["field"]) == (422, "confirmed_by")
    signer = instance.people["signer"].username
    duty.post(f"{path}/recall", {"reason": "地点写错", "confirmed_by": signer})
    duty.post(f"{path}/correct", {"reason": "地点写错", "confirmed_by": signer})
    assert instance.settled(alert["id"], of="correction")["delivered"] == 120


def test_another_organisations_alert_is_missing_like_one_that_never_was(instance: Instance) -> None:
    alert = instance.api("entry").post("/api/v1/alerts", instance.content())
    stranger = instance.api("stranger")
    never = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
    for what in ("", "/progress", "/recipients", "/in-doubt"):
        theirs = declined(stranger.get, f"/api/v1/alerts/{alert['id']}{what}")
        nobodys = declined(stranger.get, f"/api/v1/alerts/{never}{what}")
        assert theirs == nobodys
        assert theirs[0] == 404
    for verb, body in (("submit", {"version": 1}), ("recall", {"reason": "x"}), ("review", {"digest": "0" * 64})):
        theirs = declined(stranger.post, f"/api/v1/alerts/{alert['id']}/{verb}", body)
        nobodys = declined(stranger.post, f"/api/v1/alerts/{never}/{verb}", body)
        assert theirs == nobodys
        assert theirs[0] == 404


def test_counter_counts_before_anybody_signs(instance: Instance) -> None:
    found = instance.api("entry").get(f"/api/v1/counter?body=test&area={instance.area}")
    assert (found["recipients"], found["problem"]) == (120, None)
    assert found["text"].startswith("【天津预警发布中心】（演练）")
    nobody = instance.api("entry").get("/api/v1/counter?body=test")
    assert nobody["recipients"] == 0
    assert nobody["problem"]["code"] == "audience_empty"


def test_the_duty_officer_records_an_approval_by_telephone(instance: Instance) -> None:
    alert = instance.api("entry").post("/api/v1/alerts", instance.content(headline="电话批准"))
    path = f"/api/v1/alerts/{alert['id']}"
    alert = instance.api("entry").post(f"{path}/submit", {"version": alert["version"]})
    instance.api("reviewer").post(f"{path}/review", {"digest": alert["digest"]})
    at = datetime.now(UTC).isoformat()
    body = {
        "digest": alert["digest"],
        "how": "phone",
        "leader": "nobody.01",
        "note": "值班电话 8 时 5 分同意",
        "at": at,
    }
    status, answer = declined(instance.api("duty_officer").post, f"{path}/record-approval", body)
    assert (status, answer["field"]) == (422, "leader")
    body["leader"] = instance.people["leader"].username
    status, _answer = declined(instance.api("entry").post, f"{path}/record-approval", body)
    assert status == 403
    assert instance.api("duty_officer").post(f"{path}/record-approval", body)["state"] == "approved"


def test_a_busy_database_is_a_clear_503_and_the_retry_succeeds(instance: Instance) -> None:
    """Fault B2: another writer holds the database longer than the five seconds that a request waits."""
    entry, body = instance.api("entry"), {"kind": "notice", "headline": "等一等"}
    other = sqlite3.connect(instance.data / "main.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        status, answer = declined(entry.post, "/api/v1/alerts", body, key="busy-then-free")
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert (status, answer["code"], answer["kept"]) == (503, "unavailable", "nothing")
    assert entry.post("/api/v1/alerts", body, key="busy-then-free")["headline"] == "等一等"
