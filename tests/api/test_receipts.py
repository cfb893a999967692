"""The door for HTTP gateways: only a right, fresh signature that never came before opens it; anything else changes nothing."""

import hashlib
import hmac
import json
import time

import pytest
from django.test import Client

from fenghuo.delivery.gateways.config import HttpGateway
from fenghuo.delivery.gateways.http import callback
from fenghuo.delivery.ledger.models import Callback

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
SECRET = b"exercise"
PATH = "/api/v1/gateways/web/receipts"
SAID = {"receipts": [{"id": "h1", "number": "10012300001", "status": "DELIVRD"}], "replies": []}


@pytest.fixture
def gateway(tmp_path, settings) -> HttpGateway:
    secret = tmp_path / "secret"
    secret.write_bytes(SECRET + b"\n")
    secret.chmod(0o600)
    made = HttpGateway(
        name="web", protocol="http", mode="exercise", host="127.0.0.1", port=1, source_addr="900001", secret_file=secret
    )
    put(settings, made)
    return made


def put(settings, *gateways) -> None:
    settings.FENGHUO = settings.FENGHUO.model_copy(update={"gateway": list(gateways)})


def signed(
    body: bytes, *, secret: bytes = SECRET, at: float | str | None = None, nonce: str = "n" * 32
) -> dict[str, str]:
    stamp = str(int(time.time())) if at is None else str(at)
    signature = hmac.new(secret, f"{stamp}\n{nonce}\n".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Timestamp": stamp, "X-Nonce": nonce, "X-Signature": signature}


def call(body, headers: dict[str, str] | None, path: str = PATH, **extra):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = signed(data) if headers is None else headers
    return Client().post(path, data, content_type="application/json", headers=given, **extra)


def test_a_signed_call_is_kept_before_it_is_answered(gateway) -> None:
    answer = call(SAID, None)
    assert (answer.status_code, answer.json()) == (200, {"receipts": 1, "replies": 0})
    [kept] = Callback.objects.all()
    assert (kept.account, json.loads(bytes(kept.body or b""))) == ("web", SAID)


BODY = json.dumps(SAID).encode()
NOW = int(time.time())


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Signature": "x"},
        signed(BODY, secret=b"another"),
        signed(BODY + b" "),
        signed(BODY) | {"X-Nonce": "m" * 32},
        signed(BODY) | {"X-Timestamp": str(NOW - 7)},
        signed(BODY, at=NOW - 301 - 60),
        signed(BODY, at=NOW + 301 + 600),
        signed(BODY, at="yesterday"),
        signed(BODY, at="9" * 30),
        signed(BODY, nonce="short"),
        signed(BODY, nonce="n" * 65),
        signed(BODY) | {"X-Signature": "é" * 64},
        signed(BODY) | {"X-Signature": ""},
    ],
)
def test_without_a_right_and_fresh_signature_nothing_changes(gateway, headers) -> None:
    answer = call(BODY, headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed")
    assert not Callback.objects.exists()


def test_what_was_heard_once_is_not_believed_twice(gateway) -> None:
    headers = signed(BODY)
    assert call(BODY, headers).status_code == 200
    assert call(BODY, headers).status_code == 401
    assert (
        call(BODY, signed(BODY, nonce="o" * 32)).status_code == 200
    )  # the gateway, again, because our answer was lost
    assert Callback.objects.count() == 2


@pytest.mark.parametrize(
    "path", ["/api/v1/gateways/other/receipts", "/api/v1/gateways/%00/receipts", PATH.replace("web", "cmpp")]
)
def test_an_account_that_is_not_there_answers_as_one_whose_signature_is_wrong(gateway, path) -> None:
    answer = call(BODY, None, path)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"{",
        b"null",
        b"\xff\xfe",
        b'{"receipts": 5}',
        b'{"receipts": [5]}',
        b'{"receipts": [{"id": "x", "number": "1"}]}',
        b'{"receipts": [{"status": true}]}',
        b'{"replies": [{"text": "x"}]}',
        b"[" * 100_000,
        json.dumps({"receipts": [{"status": "DELIVRD"}] * 5001}).encode(),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason_and_not_kept(gateway, body) -> None:
    answer = call(body, None)
    assert answer.status_code in (413, 422)
    told = answer.json()
    assert told["kept"] == "nothing"
    why = told["reason_en"].split(": ", 1)[1].split(". Nothing")[0]
    assert why not in told["reason_zh"]  # each language by itself
    assert not Callback.objects.exists()


@pytest.mark.parametrize(
    "entry",
    [
        {"id": 10**40, "number": 5, "status": "DELIVRD", "time": "never"},
        {"id": "\x00\ud800", "number": "\u202e", "status": "\x00", "time": 10**30},
        {"id": "i" * 5000, "number": "9" * 5000, "status": "s" * 5000, "time": "2026-07-01T08:00:00+08:00"},
        {"id": None, "number": None, "status": "", "time": None},
    ],
)
def test_strange_values_are_kept_as_far_as_they_go(gateway, entry) -> None:
    assert call({"receipts": [entry]}, None).status_code == 200
    assert Callback.objects.count() == 1


@pytest.mark.parametrize(
    ("stated", "odd"),
    [
        (None, None),
        (NOW, None),
        (NOW * 1000, None),
        (NOW + 60, None),  # a clock a little wrong
        ("2026-07-01T08:00:00+08:00", None),
        (NOW + 86_400 * 365, 1),
        (10**30, 1),
        (-5, 1),
        (0, 1),
        ("1970-01-02T00:00:00Z", 1),
        ("2026-13-45T99:00:00Z", 1),
        ("2026-07-01T08:00:00", 1),  # without a zone
        ("never", 1),
        (True, 1),
    ],
)
def test_a_receipt_with_an_impossible_time_is_kept_and_the_answer_says_that_our_own_counts(
    gateway, stated, odd
) -> None:
    entry = {"id": "h1", "number": "10012300001", "status": "DELIVRD", "time": stated}
    answer = call({"receipts": [entry], "replies": []}, None)
    assert answer.status_code == 200
    assert answer.json().get("own_time") == odd
    assert Callback.objects.count() == 1
    receipts = callback.called(gateway, json.dumps({"receipts": [entry]}).encode()).receipts
    assert receipts is not None
    [done] = receipts.done.tolist()
    assert done == 0 or done > 1_700_000_000


def test_only_addresses_that_the_settings_allow_may_call(gateway, settings) -> None:
    shape = gateway.callback.model_copy(update={"allow": ["10.1.0.0/16"]})
    put(settings, gateway.model_copy(update={"callback": shape}))
    assert call(BODY, None).status_code == 401
    assert call(BODY, None, REMOTE_ADDR="10.1.2.3").status_code == 200


def test_a_secret_that_others_may_read_opens_nothing(gateway) -> None:
    gateway.secret_file.chmod(0o644)
    assert call(BODY, None).status_code == 401


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_other_methods_are_not_known_here(gateway, method) -> None:
    assert getattr(Client(), method)(PATH).status_code == 405


def test_what_is_too_large_or_not_json_is_refused_as_documented_and_nothing_is_kept(gateway) -> None:
    most = 256 * 1024
    body = json.dumps({"receipts": [], "filler": ""}).encode()
    filled = body.replace(b'""', b'"' + b"x" * (most - len(body)) + b'"')
    assert call(filled, None).status_code == 200, "256 KiB are taken"
    Callback.objects.all().delete()
    answers = [
        call(filled + b" ", None),
        Client().post(PATH, BODY, content_type="application/x-www-form-urlencoded", headers=signed(BODY)),
    ]
    told = [(one.status_code, one.json()["code"], one.json()["kept"]) for one in answers]
    assert told == [(413, "too_large", "nothing"), (415, "not_json", "nothing")]
    assert Callback.objects.count() == 0
