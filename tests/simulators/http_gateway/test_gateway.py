"""The simulated HTTP gateway is strict about who posts, true about what it took, and calls until it is heard."""

import hashlib
import hmac
import http.client
import http.server
import json
import threading
import time
from collections.abc import Iterator

import pytest

from simulators.http_gateway import Plan, launched, running
from simulators.http_gateway.record import ROW

BODY = json.dumps({"to": ["10012300001", "10012300002"], "text": "字"}).encode()


def signed(body: bytes, secret: str = "exercise", nonce: str = "n" * 32, at: int | None = None) -> dict[str, str]:
    stamp = str(int(time.time()) if at is None else at)
    right = hmac.new(secret.encode(), f"{stamp}\n{nonce}\n".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Account": "900001", "X-Timestamp": stamp, "X-Nonce": nonce, "X-Signature": right}


def post(port: int, body: bytes, headers: dict[str, str], path: str = "/messages") -> tuple[int, bytes]:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        line.request("POST", path, body, headers)
        answer = line.getresponse()
        return answer.status, answer.read()
    finally:
        line.close()


def test_what_is_taken_is_written_down_once_for_each_number() -> None:
    with launched({"failing": {"10012300002": "UNDELIV"}}) as gateway:
        status, said = post(gateway.port, BODY, signed(BODY))
        rows = gateway.rows()
        packed = gateway.packed_rows()
        models = json.loads(gateway.ask("GET", "/models"))
        assert gateway.summary()["accepted"] == 2
    assert (status, json.loads(said)["ids"]) == (200, ["h000000001x", "h000000002x"])
    assert [(row["number"], row["stat"], row["text"]) for row in rows] == [
        ("10012300001", "DELIVRD", "字"),
        ("10012300002", "UNDELIV", "字"),
    ]
    assert [row[1].rstrip(b"\0") for row in ROW.iter_unpack(packed)] == [b"10012300001", b"10012300002"]
    assert bytes.fromhex(models[0]["content"]).decode("utf-16-be") == "字"


@pytest.mark.parametrize(
    "headers",
    [{}, signed(BODY, secret="x"), signed(b""), signed(BODY, at=1), signed(BODY) | {"X-Account": "1"}],
)
def test_nobody_else_is_heard(headers: dict[str, str]) -> None:
    with running() as gateway:
        assert post(gateway.port, BODY, headers)[0] == 401
        assert gateway.call(lambda one: one.record.rows) == []


def test_a_request_is_heard_once() -> None:
    with running() as gateway:
        assert [post(gateway.port, BODY, signed(BODY))[0] for _ in range(2)] == [200, 401]
        assert gateway.call(lambda one: one.summary())["accepted"] == 2


@pytest.mark.parametrize(
    ("settings", "body", "status"),
    [
        ({"rate": 1}, BODY, 429),
        ({"bad_numbers": ["10012300002"]}, BODY, 422),
        ({"most": 1}, BODY, 400),
        ({}, b"{", 400),
        ({}, json.dumps({"to": ["1"], "text": "x"}).encode(), 422),
        ({"statuses": {"1": 503}}, BODY, 503),
        ({"codes": {"1": "busy"}}, BODY, 200),
    ],
)
def test_what_is_refused_is_not_taken(settings: dict[str, object], body: bytes, status: int) -> None:
    with running(Plan.of(settings)) as gateway:
        assert post(gateway.port, body, signed(body))[0] == status
        assert gateway.call(lambda one: one.record.rows) == []


@pytest.fixture
def customer() -> Iterator[tuple[int, list[tuple[dict[str, str], bytes]]]]:
    """Someone who is called: refuses the first call."""
    calls: list[tuple[dict[str, str], bytes]] = []

    class Door(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            calls.append((dict(self.headers), body))
            self.send_response(503 if len(calls) == 1 else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server.server_port, calls
    server.shutdown()
    thread.join()
    server.server_close()


def test_receipts_and_replies_are_posted_signed_until_they_are_taken(customer) -> None:
    port, calls = customer
    with launched({"callback": f"http://127.0.0.1:{port}/back", "duplicate_reports": 1.0}) as gateway:
        post(gateway.port, BODY, signed(BODY))
        gateway.ask("POST", "/mo", {"from": "10012300001", "to": "12379", "text": "收到"})
        deadline = time.monotonic() + 20
        while gateway.summary()["callbacks_waiting"] or len(calls) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    receipts, replies, nonces = [], [], set()
    for headers, body in calls[1:]:
        told = signed(body, nonce=headers["X-Nonce"], at=int(headers["X-Timestamp"]))
        assert headers["X-Signature"] == told["X-Signature"]
        said = json.loads(body)
        receipts += said["receipts"]
        replies += said["replies"]
        nonces.add(headers["X-Nonce"])
    assert sorted(one["number"] for one in receipts) == ["10012300001"] * 2 + ["10012300002"] * 2
    assert [one["text"] for one in replies] == ["收到"]
    assert len(nonces) == len(calls) - 1


def test_a_plan_names_what_it_does_not_know() -> None:
    with pytest.raises(ValueError, match="no such setting: rat"):
        Plan.of({"rat": 1})
    with launched() as gateway, pytest.raises(ValueError, match="no such setting"):
        gateway.change(rat=1)
