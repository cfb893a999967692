"""Attachments by the API: in as a form, listed, out for saving; hostile files, other towns, calls made twice."""

import io
from typing import Any

import pytest
from django.test import Client

from fenghuo.ground.accounts import actions as accounts
from fenghuo.ground.files.models import Attachment
from tests.ground.files import corpus
from tests.web.world import World, make

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


@pytest.fixture
def world(db: None) -> World:
    return make()


def headers(world: World, post: str, key: str = "k1") -> dict[str, str]:
    token = accounts.issue_token(account=world.people[post], by=None, name="test")
    return {"Authorization": f"Bearer {token}", "Idempotency-Key": key}


def send(path: str, data: bytes, given: dict[str, str], name: str = "scan.pdf", **fields: Any) -> Any:
    file = io.BytesIO(data)
    file.name = name
    return Client().post(path, {"file": file, **fields}, headers=given)


def test_a_scan_goes_in_and_comes_out_the_same(world: World) -> None:
    alert, data = world.signed(), corpus.pdf()
    path, entry = f"/api/v1/alerts/{alert.id}/attachments", headers(world, "entry")
    made = send(path, data, entry, "审批表.pdf", purpose="approval_evidence")
    assert made.status_code == 200, made.content
    body = made.json()
    assert (body["name"], body["purpose"], body["by"]) == ("审批表.pdf", "approval_evidence", "下仓镇录入员")
    again = send(path, data, entry, "审批表.pdf", purpose="approval_evidence")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == body
    listed = Client().get(path, headers=entry).json()
    assert listed["total"] == 1
    assert listed["items"][0] | {"at": ""} == body | {"at": ""}
    got = Client().get(f"{path}/{body['id']}", headers=entry)
    assert got.content == data
    assert got.headers["Content-Disposition"].startswith("attachment;")
    assert (got.headers["X-Content-Type-Options"], got.headers["Cache-Control"]) == ("nosniff", "no-store")
    assert got.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    twice = send(path, data, headers(world, "entry", "k2"))
    assert (twice.status_code, twice.json()["code"]) == (409, "already_attached")


@pytest.mark.parametrize("case", ["svg", "html after pdf", "exe", "pixel bomb", "pdf with a script", "empty", "zip"])
def test_hostile_files_are_refused_with_a_reason(world: World, case: str) -> None:
    name, data = corpus.hostile()[case]
    answer = send(f"/api/v1/alerts/{world.draft().id}/attachments", data, headers(world, "entry"), name)
    assert answer.status_code == 422
    assert answer.json()["field"] == "file"
    assert answer.json()["kept"] == "nothing"
    assert not Attachment.objects.exists()


def test_what_is_no_form_or_too_large_is_refused_before_it_is_read(world: World) -> None:
    path, given = f"/api/v1/alerts/{world.draft().id}/attachments", headers(world, "entry")
    assert Client().post(path, b"{}", content_type="application/json", headers=given).status_code == 415
    assert Client().post(path, {"purpose": "other"}, headers=given).status_code == 422
    large = Client().generic("POST", path, b"x" * (22 * 1024 * 1024), "multipart/form-data; boundary=x", headers=given)
    assert large.status_code == 413


def test_rights_and_other_towns(world: World) -> None:
    alert = world.signed()
    path = f"/api/v1/alerts/{alert.id}/attachments"
    made = send(path, corpus.pdf(), headers(world, "duty_officer")).json()
    assert send(path, corpus.pdf(), headers(world, "auditor")).status_code == 403
    neighbour = make(name="邻镇", numbers_from=500)
    theirs = headers(neighbour, "entry")
    assert send(path, corpus.pdf(), theirs).status_code == 404
    assert Client().get(path, headers=theirs).status_code == 404
    own = f"/api/v1/alerts/{neighbour.draft().id}/attachments/{made['id']}"
    assert Client().get(own, headers=theirs).status_code == 404
    assert Client().get(f"{path}/%00", headers=headers(world, "entry")).status_code == 404
