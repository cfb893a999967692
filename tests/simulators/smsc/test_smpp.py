"""The simulated SMS centre speaking SMPP, seen through a socket and our own session: binds, answers, receipts, messages."""

import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest

from fenghuo.wire import smpp
from fenghuo.wire.smpp import layout as at
from simulators.smsc import Account, Plan, running
from tests.wire.smpp.makers import submit

ACCOUNT = Account(sp_id="fenghuo", secret="exercise", connections=2)
PATIENCE = 10.0


def plan(**changes) -> Plan:
    return Plan.of({"protocol": "smpp", "accounts": (ACCOUNT,), **changes})


class Esme:
    """A blocking client of one connection."""

    def __init__(
        self, port: int, command: int = at.BIND_TRANSCEIVER, name: str = "fenghuo", password: str = "exercise"
    ):
        self.events: list[smpp.Event] = []
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.session = smpp.ClientSession(smpp.Login(name, password, "", command), smpp.Limits(100), now=0.0)
        self.session.connect(0.0)
        self.flush()
        self.until(lambda: bool(self.events))

    def flush(self) -> None:
        self.socket.sendall(self.session.outgoing())

    def until(self, what) -> None:
        deadline = time.monotonic() + PATIENCE
        self.socket.settimeout(0.05)
        while not what():
            assert time.monotonic() < deadline, self.events
            try:
                data = self.socket.recv(1 << 16)
            except TimeoutError:
                continue
            self.events += self.session.receive(data, 0.0) if data else self.session.lost()
            for event in self.events:
                if isinstance(event, smpp.Reports | smpp.Mo):
                    self.session.acknowledge(event.run)
            self.flush()

    def of(self, kind) -> list:
        return [event for event in self.events if isinstance(event, kind)]

    def submit(self, *messages: smpp.Message) -> None:
        first = self.session.reserve(len(messages))
        frames = b"".join(
            smpp.encode(smpp.Message(**{**{name: getattr(one, name) for name in one.__slots__}, "sequence": first + k}))
            for k, one in enumerate(messages)
        )
        self.session.send(first, len(messages), frames, 0.0)
        self.flush()

    def statuses(self, count: int) -> list[int]:
        """The statuses of so many answers, in the order of their submits."""
        self.until(lambda: sum(event.run.frames for event in self.of(smpp.SubmitResps)) >= count)
        answers = {}
        for event in self.of(smpp.SubmitResps):
            column = event.run.column(8, 4)
            for k, sequence in enumerate(event.run.sequences()):
                answers[sequence] = int.from_bytes(column[4 * k : 4 * k + 4], "big")
        return [answers[sequence] for sequence in sorted(answers)]


@pytest.fixture
def esme() -> Iterator[Callable[..., Esme]]:
    """Makes clients that are hung up at the end of the test."""
    with ExitStack() as stack:

        def made(*arguments: Any, **named: Any) -> Esme:
            client = Esme(*arguments, **named)
            stack.callback(client.socket.close)
            return client

        yield made


@pytest.mark.parametrize(
    ("name", "password", "status"),
    [("nobody", "exercise", at.INVALID_SYSTEM_ID), ("fenghuo", "other", at.INVALID_PASSWORD)],
)
def test_a_wrong_login_is_refused_by_its_name(esme, name, password, status):
    with running(plan()) as centre:
        (closed,) = esme(centre.port, name=name, password=password).of(smpp.Closed)
        assert (closed.reason, closed.status) == ("refused", status)
        assert centre.call(lambda one: one.summary())["logins_refused"] == {str(status): 1}


def test_more_connections_than_the_contract_are_already_bound(esme):
    with running(plan()) as centre:
        kept = [esme(centre.port, at.BIND_TRANSMITTER), esme(centre.port, at.BIND_RECEIVER)]
        (closed,) = esme(centre.port).of(smpp.Closed)
        assert closed.status == at.ALREADY_BOUND
        assert all(one.of(smpp.Bound) for one in kept)


def test_submits_are_judged_one_by_one_and_recorded(esme):
    udh = bytes.fromhex("050003090201")
    long = submit(esm_class=at.UDHI, content=udh + "上".encode("utf-16-be"))
    sar = submit(
        destination="10012345679",
        content=b"plain",
        data_coding=0,
        tlvs={at.SAR_MSG_REF_NUM: b"\0\1", at.SAR_TOTAL_SEGMENTS: b"\2", at.SAR_SEGMENT_SEQNUM: b"\2"},
    )
    with running(plan(bad_numbers=["10012345670"])) as centre:
        client = esme(centre.port)
        client.submit(
            long,
            sar,
            submit(destination="10012345670"),
            submit(destination="not a number"),
            submit(content=b"\0x" * 100),
            submit(content=b"x" * 400),
            submit(),
        )
        wanted = [0, 0, at.INVALID_DESTINATION, at.INVALID_DESTINATION, 1, 1, 0]
        assert client.statuses(7) == wanted
        rows = centre.call(lambda one: list(one.record.rows()))
    assert [(row.number, row.segment, row.segments) for row in rows] == [
        ("10012345678", 1, 2),
        ("10012345679", 2, 2),
        ("10012345678", 1, 1),
    ]
    assert [row.text for row in rows] == ["上", "plain", "暴雨"]


def test_a_data_sm_is_answered_as_one(esme):
    with running(plan()) as centre:
        client = esme(centre.port)
        carried = submit(command=at.DATA_SM)
        client.socket.sendall(
            b"".join(smpp.encode(replace(one, sequence=70 + k)) for k, one in enumerate([carried, submit()]))
        )
        answers: list[tuple[int, int, int]] = []
        data = b""
        while len(answers) < 2:
            data += client.socket.recv(1 << 16)
            while len(data) >= 16 and len(data) >= int.from_bytes(data[:4], "big"):
                size, command, status, sequence = struct.unpack(">IIII", data[:16])
                if command in (at.DATA_SM | at.RESPONSE, at.SUBMIT_SM | at.RESPONSE):
                    answers.append((sequence, command, status))
                data = data[size:]
    assert sorted(answers) == [(70, at.DATA_SM | at.RESPONSE, 0), (71, at.SUBMIT_SM | at.RESPONSE, 0)]


@pytest.mark.parametrize("receipts", ["text", "tlv", "both"])
@pytest.mark.parametrize("notation", ["decimal", "hex", "hex_to_decimal", "decimal_to_hex"])
def test_receipts_name_the_message_in_the_notation_of_the_plan(esme, receipts, notation):
    with running(plan(receipts=receipts, message_ids=notation, failing={"10012345671": "EXPIRED"})) as centre:
        client = esme(centre.port)
        numbers = [f"1001234567{k}" for k in range(3)]
        client.submit(*[submit(destination=number) for number in numbers])
        client.until(lambda: sum(event.run.frames for event in client.of(smpp.Reports)) == 3)
        rows = {row.number: row.msg_id for row in centre.call(lambda one: list(one.record.rows()))}
    answered = b"".join(event.run.column(16, event.run.stride - 17) for event in client.of(smpp.SubmitResps))
    first = answered[: len(answered) // 3].decode()
    assert int(first, 16 if notation.startswith("hex") else 10) == rows[numbers[0]]
    for event in client.of(smpp.Reports):
        for k in range(event.run.frames):
            message = smpp.decode(event.run.frame(k))
            assert isinstance(message, smpp.Message)
            told = smpp.Receipt.decode(message)
            assert int(told.id, 16 if notation.endswith("hex") else 10) == rows[told.destination]
            assert told.stat == ("EXPIRED" if told.destination == numbers[1] else "DELIVRD")
            assert bool(message.content) == (receipts != "tlv")


def test_a_transmitter_sends_and_the_receiver_hears_at_once_and_later(esme):
    with running(plan(report_delay=(0.0, 0.2))) as centre:
        sender, receiver = esme(centre.port, at.BIND_TRANSMITTER), esme(centre.port, at.BIND_RECEIVER)
        for k in range(4):
            sender.submit(submit(destination=f"1001234567{k}"))
        assert sender.statuses(4) == [0] * 4
        receiver.until(lambda: sum(event.run.frames for event in receiver.of(smpp.Reports)) == 4)
        assert sender.of(smpp.Reports) == []
        centre.call(lambda one: one.receive_message("10012345678", "12379", "收到"))
        receiver.until(lambda: bool(receiver.of(smpp.Mo)))
        (heard,) = receiver.of(smpp.Mo)
        assert (smpp.words(heard.message).text, heard.message.source) == ("收到", "10012345678")
        summary = centre.call(lambda one: one.summary())
    assert (summary["reports_sent"], summary["reports_waiting"]) == (5, 0)


def test_what_is_no_smpp_ends_the_connection(esme):
    with running(plan()) as centre:
        client = esme(centre.port)
        client.socket.sendall(bytes.fromhex("00000007 00000004 00000000 00000001"))
        client.until(lambda: bool(client.of(smpp.Closed)))
        assert centre.call(lambda one: one.summary())["lines"] == 0


@pytest.mark.parametrize(
    "settings",
    [
        {"protocol": "sgip"},
        {"receipts": "voice"},
        {"message_ids": "roman"},
        {"receipt_text": "id:{id} err:{err}"},
        {"receipt_text": "id:{id"},
    ],
)
def test_a_plan_that_cannot_be_is_refused(settings):
    with pytest.raises(ValueError):
        Plan.of(settings)
    with running(plan()) as centre, pytest.raises(ValueError, match="centre's life"):
        centre.call(lambda one: one.change({"protocol": "cmpp"}))
