"""Every refusal of the API has one shape, whatever refused: HTTP itself, the key, the body, the address."""

import http.client
import json
from typing import Any

import pytest

from tests.makers.instance import Instance

FIELDS = {"code", "field", "reason_zh", "reason_en", "kept", "errors", "details"}


def ask(
    instance: Instance, method: str, path: str, body: bytes | None = None, /, **headers: str
) -> tuple[int, Any, Any]:
    """Status, body as JSON, headers."""
    line = http.client.HTTPConnection("127.0.0.1", instance.port, timeout=30)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    line.request(method, path, body, {"Host": f"localhost:{instance.port}", **given})
    answer = line.getresponse()
    said = json.loads(answer.read())
    line.close()
    return answer.status, said, answer.headers


def bearer(instance: Instance, post: str = "entry") -> dict[str, str]:
    return {"Authorization": f"Bearer {instance.people[post].token}"}


JSON = {"Content_Type": "application/json"}


def check(answer: tuple[int, Any, Any], status: int, code: str) -> Any:
    assert answer[0] == status, answer[1]
    assert set(answer[1]) == FIELDS, answer[1]
    assert answer[1]["code"] == code, answer[1]
    assert answer[2]["Content-Type"] == "application/json"
    assert (answer[2]["Cache-Control"], answer[2]["X-Content-Type-Options"]) == ("no-store", "nosniff")
    return answer[1]


@pytest.mark.parametrize("key", ["", "Bearer", "Bearer fh_x_y", "Bearer ", "Basic dXNlcjpwYXNz", "Bearer \xff"])
def test_without_a_valid_token_nothing_opens(instance: Instance, key: str) -> None:
    answer = ask(instance, "GET", "/api/v1/alerts", **({"Authorization": key} if key else {}))
    check(answer, 401, "not_signed_in")
    assert answer[2]["WWW-Authenticate"].startswith("Bearer")


def test_a_page_session_does_not_open_the_api(instance: Instance) -> None:
    line = http.client.HTTPConnection("127.0.0.1", instance.port, timeout=30)
    line.request("GET", f"/enter/{instance.people['village_contact'].enter}/", headers={"Host": "localhost"})
    answer = line.getresponse()
    answer.read()
    line.close()
    cookies = "; ".join(one.split(";")[0] for one in answer.headers.get_all("Set-Cookie") or [])
    check(ask(instance, "GET", "/api/v1/alerts", Cookie=cookies), 401, "not_signed_in")


def test_unknown_addresses_and_methods(instance: Instance) -> None:
    for path in (
        "/api/",
        "/api/v1",
        "/api/v1/",
        "/api/v2/alerts",
        "/api/v1/alerts/x/y/z",
        "/api/v1/%00",
        "/api/v1/alerts/",
    ):
        check(ask(instance, "GET", path, **bearer(instance)), 404, "not_found")
    answer = ask(instance, "DELETE", "/api/v1/alerts", **bearer(instance))
    check(answer, 405, "method_not_allowed")
    assert set(answer[2]["Allow"].replace(" ", "").split(",")) == {"GET", "POST"}


@pytest.mark.parametrize(
    "id", ["x", "0", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "01arz3ndektsv4rrffq69g5fav", "%F0%9F%94%A5", "a%00b"]
)
def test_an_id_that_is_none_is_missing(instance: Instance, id: str) -> None:
    check(ask(instance, "GET", f"/api/v1/alerts/{id}", **bearer(instance)), 404, "alert_unknown")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "malformed_json"),
        (b"\xff\xfe", 400, "malformed_json"),
        (b'{"kind": NaN}', 400, "malformed_json"),
        (b'{"kind": "notice", "kind": "tip"}', 400, "malformed_json"),
        (b"[" * 100_000, 400, "malformed_json"),
        (b"[]", 422, "model_type"),
        (b"null", 422, "model_type"),
        (b"{}", 422, "missing"),
        (b"", 422, "missing"),
        (b'{"kind": "notice", "level": true}', 422, "int_type"),
        (b'{"kind": "notice", "level": 1e400}', 422, "int_type"),
        (b'{"kind": "notice", "nonsense": 1}', 422, "extra_forbidden"),
        (b'{"kind": "notice", "headline": "\\ud800"}', 422, "string_unicode"),
        (b'{"kind": "notice", "headline": "a\\u0000b"}', 422, "not_text"),
        (b'{"kind": "notice", "expires_at": "2026-02-30T00:00:00+08:00"}', 422, "datetime_parsing"),
        (b'{"kind": "notice", "expires_at": "2026-07-01T08:00:00"}', 422, "datetime_parsing"),
        (b'{"kind": "notice", "expires_at": ""}', 422, "datetime_parsing"),
        (b'{"kind": "notice", "level": "3"}', 422, "int_type"),
        (b'{"kind": "notice", "expires_at": "0001-01-01T00:00:00+23:59"}', 422, "datetime_parsing"),
        (b'{"kind": "notice", "areas": ["' + b"1" * 3_300_000 + b'"]}', 413, "too_large"),
    ],
)
def test_a_wrong_body_is_refused_with_what_and_where(instance: Instance, body: bytes, status: int, code: str) -> None:
    headers = {**bearer(instance), **JSON, "Idempotency_Key": "wrong-body"}
    check(ask(instance, "POST", "/api/v1/alerts", body, **headers), status, code)


@pytest.mark.parametrize(
    ("body", "field", "zh", "en"),
    [
        (b"{", None, "请求体不是 JSON：第 1 行第 2 个字符处有语法错误", "line 1 column 2"),
        (b"\xff", None, "请求体不是 JSON：编码不是 UTF-8", "not encoded in UTF-8"),
        (b'{"kind": NaN}', None, "请求体不是 JSON：NaN 不是 JSON 的值", "NaN is no value of JSON"),
        (b'{"kind": "tip", "kind": "tip"}', None, "请求体不是 JSON：同一对象中有重复的键", "names a key twice"),
        (b"[" * 100_000, None, "请求体不是 JSON：嵌套层次过深", "nested too deeply"),
        (b'{"level": ' + b"9" * 5000 + b"}", None, "请求体不是 JSON：其中有无法读取的值", "digits"),
        (b'{"kind": "tip", "body": "\\ud800"}', "body", "含有不是文字的内容", "not text"),
        (b'{"kind": "tip", "body": "\\u0000"}', "body", "含有不是文字的内容", "not text"),
        (
            b'{"kind": "alarm"}',
            "kind",
            "取值未知，可用：'warning', 'notice', 'meeting', 'tip', 'handling'",
            "'tip', 'handling'",
        ),
    ],
)
def test_reasons_are_sentences_of_one_language_each(
    instance: Instance, body: bytes, field: str | None, zh: str, en: str
) -> None:
    headers = {**bearer(instance), **JSON, "Idempotency_Key": "two-languages"}
    answer = ask(instance, "POST", "/api/v1/alerts", body, **headers)[1]
    assert (answer["field"], answer["reason_zh"]) == (field, zh)
    assert en in answer["reason_en"]
    assert answer["kept"] == "nothing", "a draft that cannot be read is not stored"


def test_a_list_of_recipients_is_named_as_it_was_sent(instance: Instance) -> None:
    headers = {**bearer(instance), **JSON, "Idempotency_Key": "settle-nobody"}
    path = "/api/v1/alerts/01ARZ3NDEKTSV4RRFFQ69G5FAV/settle"
    answer = ask(instance, "POST", path, b'{"recipients": [], "decision": "resend"}', **headers)
    assert {one["field"] for one in answer[1]["errors"]} == {"recipients"}


def test_what_is_not_json_is_refused(instance: Instance) -> None:
    headers = {**bearer(instance), "Idempotency_Key": "form"}
    form = "application/x-www-form-urlencoded"
    check(ask(instance, "POST", "/api/v1/alerts", b"kind=notice", Content_Type=form, **headers), 415, "not_json")


def test_every_post_needs_an_idempotency_key(instance: Instance) -> None:
    schema = ask(instance, "GET", "/api/v1/openapi.json")[1]
    posts = [path for path, methods in schema["paths"].items() if "post" in methods]
    assert len(posts) >= 9
    posts.remove("/api/v1/audience")  # it only asks: nothing is written that could be written twice
    for path in posts:
        named = {one["name"]: one["required"] for one in schema["paths"][path]["post"]["parameters"]}
        assert named["Idempotency-Key"] is True, path
    for key in ("", "with space", "x" * 201, "é"):
        given = {"Idempotency_Key": key.encode().decode("latin-1")} if key else {}
        answer = ask(instance, "POST", "/api/v1/alerts", b'{"kind": "notice"}', **bearer(instance), **JSON, **given)
        assert check(answer, 422, answer[1]["code"])["field"] == "Idempotency-Key"


def test_the_same_key_and_body_get_the_same_answer_and_one_draft(instance: Instance) -> None:
    headers = {**bearer(instance), **JSON, "Idempotency_Key": "one-draft-please"}
    body = '{"kind": "notice", "headline": "只此一份"}'.encode()
    first = ask(instance, "POST", "/api/v1/alerts", body, **headers)
    second = ask(instance, "POST", "/api/v1/alerts", body, **headers)
    assert first[0] == 200
    assert (first[1], second[2]["Idempotency-Replayed"]) == (second[1], "true")
    found = ask(instance, "GET", "/api/v1/alerts?text=%E5%8F%AA%E6%AD%A4%E4%B8%80%E4%BB%BD", **bearer(instance))[1]
    assert found["total"] == 1
    other = ask(instance, "POST", "/api/v1/alerts", b'{"kind": "notice", "headline": "x"}', **headers)
    assert check(other, 422, "idempotency_key_reused")["field"] == "Idempotency-Key"
    neighbour = {**headers, **bearer(instance, "stranger")}
    assert ask(instance, "POST", "/api/v1/alerts", body, **neighbour)[1]["id"] != first[1]["id"]


def test_a_refusal_too_is_remembered(instance: Instance) -> None:
    headers = {**bearer(instance), **JSON, "Idempotency_Key": "refused-once"}
    path = "/api/v1/alerts/01ARZ3NDEKTSV4RRFFQ69G5FAV/submit"
    first = ask(instance, "POST", path, b'{"version": 1}', **headers)
    second = ask(instance, "POST", path, b'{"version": 1}', **headers)
    assert check(first, 404, "alert_unknown") == check(second, 404, "alert_unknown")
    assert second[2]["Idempotency-Replayed"] == "true"


def test_a_post_without_the_right_is_refused_by_name_of_the_right(instance: Instance) -> None:
    headers = {**bearer(instance, "auditor"), **JSON, "Idempotency_Key": "auditor-drafts"}
    answer = ask(instance, "POST", "/api/v1/alerts", b'{"kind": "notice"}', **headers)
    assert answer[0] == 403
    assert set(answer[1]) == FIELDS


def test_health_names_every_part(instance: Instance) -> None:
    status, said, _headers = ask(instance, "GET", "/healthz")
    assert (status, said["status"]) == (200, "ok"), said
    assert said["worker"]["seconds_since_tick"] < 30
    assert said["sender"]["gateways"] == {"simulator": "bound"}
    assert said["database"] == {"ok": True, "default": "ok", "ledger": "ok"}


def test_metrics_count_and_hold_no_secret(instance: Instance) -> None:
    line = http.client.HTTPConnection("127.0.0.1", instance.port, timeout=30)
    line.request("GET", "/metrics", headers={"Host": "localhost"})
    text = line.getresponse().read().decode()
    line.close()
    assert 'fenghuo_gateway_state{gateway="simulator",state="bound"} 1.0' in text
    assert "fenghuo_database_up 1.0" in text
    assert 'fenghuo_http_requests_total{method="GET",route="healthz"' in text
    assert (instance.data / "simulator.secret").read_text().strip() not in text


def test_no_secret_reaches_the_log(instance: Instance) -> None:
    """FAULTS X18: whatever was used so far in this session is a canary."""
    ask(instance, "GET", "/api/v1/alerts", **bearer(instance))
    ask(instance, "GET", "/api/v1/alerts/" + instance.people["leader"].token, **bearer(instance))
    log = (instance.data / "running.log").read_text()
    assert '"event"' in log
    secrets = [(instance.data / name).read_text().strip() for name in ("secret.key", "simulator.secret")]
    for person in instance.people.values():
        secrets += [person.token, person.totp_secret, person.enter]
    assert [one for one in secrets if one in log] == []
