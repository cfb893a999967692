"""The HTTP line without sockets: what leaves, what answers mean, and that no bytes whatever bring anything but values."""

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenghuo.delivery.gateways.config import HttpGateway
from fenghuo.delivery.gateways.config.http import Answer
from fenghuo.delivery.gateways.http import Http, callback
from fenghuo.delivery.gateways.http.answer import judged, numbers_of
from fenghuo.delivery.gateways.http.later import asked_for
from fenghuo.delivery.gateways.http.request import Letter, Stamp
from fenghuo.delivery.gateways.line import REFUSED, RETRY, TAKEN, Alive, Answers, Ended, Pause, Ready, Unanswered, Value
from fenghuo.delivery.gateways.timers import Timers

NUMBERS = np.array([10012300001, 10012300002, 10012300003], dtype=np.uint64)
STAMP = Stamp(1_751_328_000, "n" * 32)
TEXT = '【下仓镇】"引号" \\ {numbers} & = + % 🌧\n第二行'


def account(**changes: Any) -> HttpGateway:
    values: dict[str, Any] = {
        "name": "web", "protocol": "http", "mode": "exercise", "host": "sms.example", "port": 443, "tls": True,
        "source_addr": "900001", "secret_file": "secret", "window": 2, "batch": 3,
    } | changes  # fmt: skip
    return HttpGateway(**values)


class Wire:
    """The other side of a line."""

    def __init__(self, **changes: Any) -> None:
        self.line = Http(account(**changes), b"exercise", Timers(idle=1000), 0.0, lambda: 1_751_328_000.0)

    def asked(self, pipe: int = 0) -> tuple[str, dict[str, str], bytes]:
        head, _, body = self.line.outgoing(pipe).partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        return first, {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in lines)}, body

    def send(self, text: str = "字", numbers: Any = NUMBERS) -> Any:
        tickets = self.line.reserve(len(numbers))
        message = self.line.message(text, reference=1, src_id="")
        self.line.send(message, tickets, numbers, 1, None, 1.0)
        return tickets

    def hear(self, status: int, body: bytes | Any, pipe: int = 0, more: str = "") -> list[Value]:
        said = body if isinstance(body, bytes) else json.dumps(body).encode()
        head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(said)}\r\n{more}\r\n".encode()
        return self.line.receive(head + said, 2.0, pipe)


def test_a_request_is_signed_over_time_nonce_and_body() -> None:
    wire = Wire()
    wire.send()
    first, headers, body = wire.asked()
    assert first == "POST /messages HTTP/1.1"
    signed = f"{headers['x-timestamp']}\n{headers['x-nonce']}\n".encode() + body
    assert headers["x-signature"] == hmac.new(b"exercise", signed, hashlib.sha256).hexdigest()
    assert (headers["host"], headers["x-account"], len(headers["x-nonce"])) == ("sms.example", "900001", 32)
    assert json.loads(body) == {
        "account": "900001",
        "to": [str(number) for number in NUMBERS.tolist()],
        "text": "字",
        "from": "12379",
        "reference": headers["x-nonce"],
    }


FIELDS = {
    "outer": {"app": "{account}", "phones": "{numbers}", "n": 7, "ok": True, "list": ["{text}", "{nonce}"]},
    "{x": "{text}!",
}


@pytest.mark.parametrize(
    ("changes", "phones"),
    [
        ({}, ["10012300001", "10012300002", "10012300003"]),
        ({"country_code": "+86"}, ["+8610012300001", "+8610012300002", "+8610012300003"]),
        ({"numbers": "comma"}, "10012300001,10012300002,10012300003"),
        ({"numbers": "comma", "country_code": "86"}, "8610012300001,8610012300002,8610012300003"),
    ],
)
def test_a_json_body_says_what_the_template_says_whatever_the_text_holds(changes: dict[str, Any], phones: Any) -> None:
    gateway = account(request={"fields": FIELDS, **changes})
    said = json.loads(Letter(gateway, TEXT, "12379").body(NUMBERS, STAMP))
    inner = {"app": "900001", "phones": phones, "n": 7, "ok": True, "list": [TEXT, STAMP.nonce]}
    assert said == {"outer": inner, "{x": TEXT + "!"}


@pytest.mark.parametrize("code", ["", "+86"])
def test_a_form_says_what_the_template_says_whatever_the_text_holds(code: str) -> None:
    fields = {"to": "{numbers}", "c&d": "<{text}>", "t": "{timestamp}", "n": 5, "b": True}
    gateway = account(request={"body": "form", "fields": fields, "country_code": code})
    said = dict(parse_qsl(Letter(gateway, TEXT, "12379").body(NUMBERS, STAMP).decode(), strict_parsing=True))
    phones = ",".join(f"{code}{number}" for number in NUMBERS.tolist())
    assert said == {"to": phones, "c&d": f"<{TEXT}>", "t": "1751328000", "n": "5", "b": "true"}


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_out_as_it_went_in(text: str) -> None:
    for kind in ("json", "form"):
        fields = {"to": "{numbers}", "text": "{text}"}
        body = Letter(account(request={"body": kind, "fields": fields}), text, "1").body(NUMBERS, STAMP).decode()
        said = json.loads(body) if kind == "json" else dict(parse_qsl(body, keep_blank_values=True))
        assert said["text"] == text


@pytest.mark.parametrize(
    ("status", "body", "verdict", "ended"),
    [
        (200, {"code": "0", "ids": ["1", "2", "3"]}, TAKEN, ""),
        (202, {"code": 0}, TAKEN, ""),
        (200, {"code": "7"}, REFUSED, ""),
        (200, {"code": "slow"}, RETRY, ""),
        (200, {"code": "who"}, RETRY, "login_who"),
        (200, {}, None, ""),
        (200, {"code": True}, None, ""),
        (200, b"", None, ""),
        (200, b"[" * 100_000, None, ""),
        (200, b"\xff", None, ""),
        (200, {"code": 10**50}, None, ""),
        (400, {"code": "7"}, REFUSED, ""),
        (413, b"x", REFUSED, ""),
        (422, b"", REFUSED, ""),
        (408, b"", RETRY, ""),
        (429, b"", RETRY, ""),
        (503, b"", RETRY, ""),
        (401, b"", RETRY, "login_401"),
        (403, b"", RETRY, "login_403"),
        (404, b"", RETRY, "http_404"),
        (302, b"", RETRY, "http_302"),
        (410, b"", RETRY, "http_410"),
        (500, {"code": "0"}, None, ""),
        (502, b"", None, ""),
        (504, b"", None, ""),
    ],
)
def test_what_an_answer_means(status: int, body: Any, verdict: int | None, ended: str) -> None:
    said = body if isinstance(body, bytes) else json.dumps(body).encode()
    found = judged(Answer(retry=["slow"], login=["who"]), status, said, NUMBERS)
    assert (found.verdict, found.ended) == (verdict, ended)


@pytest.mark.parametrize(
    ("ids", "wanted"),
    [
        (["a", "b", "c"], ["a", "b", "c"]),
        ([5, 6, 7], ["5", "6", "7"]),
        (["a", "b"], [None] * 3),
        ("batch", ["batch"] * 3),
        ({"10012300002": "b", "8610012300001": "a"}, ["a", "b", None]),
        ([{"number": "10012300003", "id": "c"}, {"number": "10012300001", "id": "a"}], ["a", None, "c"]),
        (None, [None] * 3),
        ([None, {}, []], [None] * 3),
        (1.5, [None] * 3),
    ],
)
def test_ids_are_read_however_the_gateway_lists_them(ids: Any, wanted: list[str | None]) -> None:
    found = judged(Answer(), 200, json.dumps({"code": "0", "ids": ids}).encode(), NUMBERS)
    assert found.verdict == TAKEN
    assert found.ids.tolist() == numbers_of(wanted, "text").tolist()


def test_each_number_has_an_answer_and_places_are_free_only_when_told() -> None:
    wire = Wire()
    assert wire.line.room == 6
    tickets = wire.send()
    assert wire.line.room == 3
    wire.asked()
    [answers] = wire.hear(200, {"code": "0", "ids": ["1", "2", "3"]})
    assert isinstance(answers, Answers)
    assert (answers.tickets.tolist(), answers.verdicts.tolist()) == (tickets.tolist(), [TAKEN] * 3)
    assert wire.line.room == 3
    wire.line.free(tickets)
    assert wire.line.room == 6


def test_a_request_refused_whole_is_tried_in_halves_and_asks_nobody_to_slow_down() -> None:
    wire = Wire()
    wire.send()
    wire.asked()
    [first] = wire.hear(422, b"")
    assert isinstance(first, Answers)
    assert (first.verdicts.tolist(), first.slower) == ([RETRY] * 3, False)
    wire.line.free(first.tickets)
    wire.send()
    assert [len(json.loads(wire.asked(pipe)[2])["to"]) for pipe in (0, 1)] == [1, 1]
    [alone] = wire.hear(422, {"code": "bad"}, 1)
    assert isinstance(alone, Answers)
    assert (alone.verdicts.tolist(), alone.word) == ([REFUSED], b"bad")


def test_a_request_without_an_answer_leaves_only_its_own_numbers_in_doubt() -> None:
    wire = Wire(answer={"within": 5})
    lost, kept = wire.send(), wire.send("另一")
    assert wire.asked(0)[2] != wire.asked(1)[2]
    assert wire.line.tick(5.0) == []
    wire.hear(200, {"code": "0"}, 1)
    [silent] = wire.line.tick(7.0)
    assert isinstance(silent, Unanswered)
    assert silent.tickets.tolist() == lost.tolist()
    assert 0 in wire.line.finished()
    assert len(kept) == 3


def test_a_refused_account_is_said_when_the_other_requests_are_answered_so_that_nobody_is_in_doubt_for_it() -> None:
    wire = Wire()
    first, second = wire.send(), wire.send("另一")
    assert wire.asked(0)[2] != wire.asked(1)[2]
    [refused] = wire.hear(401, b"", 0)
    assert isinstance(refused, Answers)
    assert (refused.tickets.tolist(), refused.verdicts.tolist()) == (first.tolist(), [RETRY] * 3)
    wire.line.free(first)
    assert wire.line.room == 0
    taken, ended = wire.hear(200, {"code": "0"}, 1)
    assert isinstance(taken, Answers)
    assert (taken.tickets.tolist(), taken.verdicts.tolist()) == (second.tolist(), [TAKEN] * 3)
    assert ended == Ended("login_401", True)


def test_who_waits_behind_requests_that_a_refused_account_answers_has_not_left_and_is_not_in_doubt() -> None:
    wire = Wire(window=1, batch=3)
    first = wire.line.reserve(2)
    later = wire.line.reserve(1)
    wire.line.send(wire.line.message("一", reference=1, src_id=""), first, NUMBERS[:2], 1, None, 1.0)
    wire.line.send(wire.line.message("二", reference=2, src_id=""), later, NUMBERS[2:], 1, None, 1.0)
    wire.asked()
    *answers, ended = wire.hear(401, b"")
    told = [(one.tickets.tolist(), set(one.verdicts.tolist())) for one in answers if isinstance(one, Answers)]
    assert sorted(told) == [(first.tolist(), {RETRY}), (later.tolist(), {RETRY})]
    assert ended == Ended("login_401", True)


def test_a_refused_account_whose_other_request_is_never_answered_is_said_within_the_time_of_an_answer() -> None:
    wire = Wire(answer={"within": 5})
    wire.send()
    second = wire.send("另一")
    wire.asked(0)
    wire.asked(1)
    wire.hear(403, b"", 0)
    assert wire.line.tick(5.0) == []
    silent, ended = wire.line.tick(7.0)
    assert isinstance(silent, Unanswered)
    assert (silent.tickets.tolist(), ended) == (second.tolist(), Ended("login_403", True))


def test_the_end_is_said_once() -> None:
    wire = Wire()
    wire.send()
    wire.asked()
    assert wire.hear(401, b"")[-1] == Ended("login_401", True)
    assert wire.line.tick(3.0) == wire.line.lost(0) == wire.line.lost(1) == []


@pytest.mark.parametrize(
    ("status", "header", "seconds"),
    [
        (429, "Retry-After: 7", [7.0]),
        (503, "retry-after:  0120 ", [120.0]),
        (408, "Retry-After: 1", [1.0]),
        (429, "Retry-After: Tue, 01 Jul 2025 00:00:30 GMT", [30.0]),
        (429, "Retry-After: Tuesday, 01-Jul-25 00:00:30 GMT", [30.0]),
        (429, "Retry-After: Tue Jul  1 00:00:30 2025", [30.0]),
        (
            429,
            "Date: Tue, 01 Jul 2025 05:00:00 GMT\r\nRetry-After: Tue, 01 Jul 2025 05:00:09 GMT",
            [9.0],
        ),  # by its own clock
        (429, "Date: nonsense\r\nRetry-After: Tue, 01 Jul 2025 00:00:30 GMT", [30.0]),
        (429, "Retry-After: Tue, 01 Jul 2025 00:00:00 GMT", []),
        (429, "Retry-After: Mon, 30 Jun 2025 00:00:30 GMT", []),
        (429, "", []),
        (429, "Retry-After: 0", []),
        (429, "Retry-After: -5", []),
        (429, "Retry-After: 1.5", []),
        (429, "Retry-After: soon", []),
        (429, "Retry-After: \u0663".encode().decode("latin-1"), []),
        (200, "Retry-After: 7", []),
        (422, "Retry-After: 7", []),
        (500, "Retry-After: 7", []),
        (401, "Retry-After: 7", []),
    ],
)
def test_how_long_a_gateway_wants_nothing_is_what_it_says(status: int, header: str, seconds: list[float]) -> None:
    wire = Wire(batch=1)
    wire.send(numbers=NUMBERS[:1])
    wire.asked()
    values = wire.hear(status, {"code": "0"}, more=f"{header}\r\n" if header else "")
    assert [one.seconds for one in values if isinstance(one, Pause)] == seconds
    assert [one for one in values if isinstance(one, Answers | Unanswered)] != []


def test_a_date_and_a_number_beyond_all_bounds_are_no_more_than_a_long_time() -> None:
    for header in ("9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT"):
        wire = Wire(batch=1)
        wire.send(numbers=NUMBERS[:1])
        wire.asked()
        [pause] = [one for one in wire.hear(429, b"", more=f"Retry-After: {header}\r\n") if isinstance(one, Pause)]
        assert pause.seconds >= 86400


@given(
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40),
    st.text(st.sampled_from("0123456789 :,-+GMTJanFri"), max_size=40),
)
def test_no_retry_after_brings_anything_but_a_time(said: str, date: str) -> None:
    for one in (said, date):
        assert asked_for(one, date, 1_751_328_000.0) >= 0.0


def test_what_never_left_is_not_in_doubt() -> None:
    wire = Wire()
    tickets = wire.send()
    answers, ended = wire.line.lost(0, left=False, error="connect_refused")
    assert isinstance(answers, Answers)
    assert (answers.tickets.tolist(), answers.verdicts.tolist()) == (tickets.tolist(), [RETRY] * 3)
    assert ended == Ended("connect_refused", False)


@pytest.mark.parametrize(
    ("status", "wanted"),
    [
        (200, [Ready(False), Alive()]),
        (204, [Ready(False), Alive()]),
        (401, [Ended("login_401", True)]),
        (404, [Ended("http_404", True)]),
        (429, [Ready(False), Alive(), Pause(0.0)]),
        (500, [Ended("http_500", False)]),
        (503, [Ended("http_503", False)]),
    ],
)
def test_a_login_is_a_signed_question(status: int, wanted: list[Value]) -> None:
    wire = Wire(request={"check_path": "/balance?x=1"})
    wire.line.login("0701080000", 0.0)
    first, headers, body = wire.asked()
    assert (first, body) == ("GET /balance?x=1 HTTP/1.1", b"")
    assert (
        headers["x-signature"]
        == hmac.new(b"exercise", f"1751328000\n{headers['x-nonce']}\n".encode(), hashlib.sha256).hexdigest()
    )
    assert wire.hear(status, b"{}" if status != 204 else b"") == wanted


WHOLE = (
    b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1f\r\n{"code":"0","ids":["1","2","3"]\r\n1\r\n}\r\n0\r\n\r\n'
)


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_an_answer_may_come_in_pieces(size: int) -> None:
    wire = Wire()
    wire.send()
    wire.asked()
    values = [one for at in range(0, len(WHOLE), size) for one in wire.line.receive(WHOLE[at : at + size], 2.0)]
    [answers] = values
    assert isinstance(answers, Answers)
    assert answers.verdicts.tolist() == [TAKEN] * 3


@given(st.binary(max_size=300) | st.binary(max_size=100).map(lambda tail: WHOLE[:60] + tail))
def test_no_bytes_bring_anything_but_values_and_nobody_is_forgotten(data: bytes) -> None:
    wire = Wire()
    tickets = wire.send()
    wire.asked()
    values = [*wire.line.receive(data, 2.0), *wire.line.tick(100.0), *wire.line.lost(0)]
    settled = [one for one in values if isinstance(one, Answers | Unanswered)]
    assert [one.tickets.tolist() for one in settled] == [tickets.tolist()]


@given(st.binary(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["receipts", "replies", "id", "number", "status", "time", "text", "to"]), inner, max_size=4),
    max_leaves=12).map(lambda value: json.dumps(value).encode()))  # fmt: skip
def test_no_callback_brings_anything_but_values_or_a_reason(body: bytes) -> None:
    try:
        found = callback.called(account(), body)
    except callback.Malformed as wrong:
        assert str(wrong)
    else:
        assert found.count >= 0
        assert all("\0" not in one.text + one.address + one.to for one in found.replies)
