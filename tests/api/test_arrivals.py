"""Warnings from above through the API: handed in as they are, refused with what and where, relayed in one call."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from fenghuo.ground.accounts import actions as accounts
from tests.warning.alerts.makers import Town, make_town
from tests.warning.relay.messages import county, national, xml

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
CAP = "application/cap+xml"


@pytest.fixture
def town() -> Town:
    return make_town()


def call(
    town: Town, path: str, body: Any = None, post: str = "duty", media: str = "application/json"
) -> tuple[int, Any]:
    token = accounts.issue_token(account=town[post], by=None)
    headers = {"authorization": f"Bearer {token}", "idempotency-key": uuid4().hex}
    if body is None:
        answer = Client().get(f"/api/v1/arrivals{path}", headers=headers)
    else:
        data = body if isinstance(body, bytes) else json.dumps(body)
        answer = Client().post(f"/api/v1/arrivals{path}", data, content_type=media, headers=headers)
    return answer.status_code, answer.json() if answer["Content-Type"].startswith(
        "application/json"
    ) else answer.content


def test_a_document_is_handed_in_reported_and_relayed(town: Town):
    raw = xml()
    status, arrival = call(town, "", raw, media=CAP)
    assert (status, arrival["how"], arrival["level"], arrival["verdict"]) == (200, "cap", 2, "unsigned")
    assert call(town, f"/{arrival['id']}/raw") == (200, raw)
    assert call(town, "", raw, media="text/xml")[1]["id"] == arrival["id"]
    status, seen = call(town, f"/{arrival['id']}/see", {})
    assert (status, seen["seen_by"]) == (200, town["duty"].person.name)
    status, told = call(town, f"/{arrival['id']}/report", {"to": "镇长", "how": "电话"})
    assert (told["reported_to"], told["reported_how"]) == ("镇长", "电话")
    status, alert = call(town, f"/{arrival['id']}/forward", {})
    assert (status, alert["state"]) == (200, "draft")
    assert alert["content"]["origin"]["arrival"] == arrival["id"]
    status, again = call(town, f"/{arrival['id']}/forward", {})
    assert (status, again["code"]) == (409, "arrival_relayed")
    status, listed = call(town, "")
    assert (listed["total"], listed["items"][0]["alert"]) == (1, alert["id"])


def test_words_and_documents_as_json(town: Town):
    status, arrival = call(town, "", {"how": "national", "text": national().decode()})
    assert (status, arrival["how"], arrival["event"]) == (200, "national", "11B03")
    words = {"how": "phone", "text": "今夜有大风。", "headline": "发布大风蓝色预警", "issuer": "天津市气象台"}
    status, arrival = call(town, "", words)
    assert (status, arrival["level"], arrival["event"]) == (200, 4, "11B06")
    status, aside = call(town, f"/{arrival['id']}/dismiss", {"reason": "已由区里发布"})
    assert aside["dismissed"] == "已由区里发布"


@pytest.mark.parametrize(
    ("body", "media", "status", "code"),
    [
        (b"<!DOCTYPE alert><alert/>", CAP, 422, "doctype"),
        (b"hello", CAP, 422, "xml"),
        (xml(county(("130000000000",))), CAP, 422, "arrival_outside"),
        ({"how": "phone", "text": "有大风。"}, "application/json", 422, "missing"),
        ({"how": "phone"}, "application/json", 422, "missing"),
        ({"how": "pigeon", "text": "x"}, "application/json", 422, "literal_error"),
        ({"how": "phone", "text": "a\x00", "issuer": "甲"}, "application/json", 422, None),
        (
            {"how": "phone", "text": "a", "issuer": "甲", "issued_at": "2026-07-01"},
            "application/json",
            422,
            "datetime_parsing",
        ),
        (b"{", "application/json", 400, "malformed_json"),
        (b"x", "text/plain", 415, None),
        (b"<" + b" " * 2_000_000, CAP, 413, "too_large"),
    ],
)
def test_bad_bodies_are_refused_with_a_reason(town: Town, body: Any, media: str, status: int, code: str | None):
    found, answer = call(town, "", body, media=media)
    assert found == status
    assert answer["reason_zh"]
    assert answer["reason_en"]
    assert code is None or answer["code"] == code


def test_a_refused_arrival_is_kept_and_named(town: Town):
    status, refused = call(town, "", xml(county(("130000000000",))), media=CAP)
    assert (status, refused["kept"]) == (422, "arrival")
    status, arrival = call(town, f"/{refused['details']['arrival']}")
    assert arrival["refusal"]["code"] == "arrival_outside"
    assert "130000000000"[:2] in refused["reason_en"]


def test_rights_and_other_organisations(town: Town):
    assert call(town, "", xml(), post="signer", media=CAP)[0] == 403
    id = call(town, "", xml(), media=CAP)[1]["id"]
    assert call(town, f"/{id}", post="signer")[0] == 200
    assert call(town, f"/{id}", post="admin")[0] == 403
    other = make_town(code="120119112", name="另一镇")
    for path, body in ((f"/{id}", None), (f"/{id}/raw", None), (f"/{id}/see", {}), (f"/{id}/forward", {})):
        assert call(other, path, body)[0] == 404
    assert call(other, "")[1]["total"] == 0
