"""SMPP with programs that others wrote: the npm server, smpp34's server, and kannel and smpp34 as clients of our simulator."""

import socket
import subprocess
import sys
from collections import Counter

import pytest

from fenghuo.delivery.ledger import actions, queries
from fenghuo.delivery.ledger.models import Account
from tests.delivery.makers import TEXT, freeze, smpp_gateway
from tests.delivery.peers import node
from tests.delivery.running import send_until, settled, without_answers
from tests.makers.instance import ROOT

pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.slow, pytest.mark.peer]
LONG = "【下仓镇】（演练）" + "请转移🌊。" * 40 + "（演练结束）"

PATIENT = without_answers(20.0)  # others' programs take their time


def release(frozen):
    actions.order(kind="release", broadcast=frozen.broadcast, by={"system": True})


class TestNode:
    @pytest.mark.parametrize(
        ("bind", "ids", "receipts"),
        [
            ("trx", "text", "text"),
            ("tx_rx", "hex_to_decimal", "text"),
            ("trx", "decimal_to_hex", "tlv"),
            ("tx_rx", "hex", "tlv"),
        ],
    )
    def test_everybody_is_told_once_and_ends_as_it_says(self, bind, ids, receipts):
        numbers = [10012300000 + i for i in range(300)]
        with node.server(message_ids=ids, receipts=receipts, failing="7", throttle=70) as peer:
            gate = smpp_gateway(port=peer.port, source_addr="fenghuo", bind=bind, message_ids=ids, window=20)
            frozen = freeze(numbers)
            release(frozen)
            send_until(gate, settled(frozen.broadcast), timing=PATIENT, seconds=40)
            told = peer.told()
        assert Counter(row["number"] for row in told["accepted"]) == {str(n): 1 for n in numbers}
        assert {(row["text"], row["coding"], row["wants"]) for row in told["accepted"]} == {(TEXT, 8, 1)}
        assert told["throttled"] >= 4
        states = {row.address: (row.state, row.status) for row in queries.export(frozen.broadcast)}
        wanted = {n: ("failed", "UNDELIV") if n % 10 == 7 else ("delivered", "DELIVRD") for n in numbers}
        assert states == wanted
        assert told["acknowledged"] == 300
        assert told["binds"] == (["bind_transceiver"] if bind == "trx" else ["bind_transmitter", "bind_receiver"])

    def test_a_long_text_is_joined_by_its_header(self):
        with node.server() as peer:
            frozen = freeze([10012300001, 10012300002], text=LONG)
            release(frozen)
            send_until(
                smpp_gateway(port=peer.port, source_addr="fenghuo"),
                settled(frozen.broadcast),
                timing=PATIENT,
                seconds=30,
            )
            rows = [row for row in peer.told()["accepted"] if row["number"] == "10012300001"]
        headers = [bytes.fromhex(row["udh"][0]) for row in rows]
        assert len({header[:-1] for header in headers}) == 1, "one reference and one total"
        assert [(header[0], header[-2], header[-1]) for header in headers] == [
            (0, len(rows), n + 1) for n in range(len(rows))
        ]
        assert "".join(row["text"] for row in rows) == LONG

    def test_a_receipt_for_a_message_nobody_knows_is_kept(self):
        with node.server(stranger="10099999999") as peer:
            gate = smpp_gateway(port=peer.port, source_addr="fenghuo")
            send_until(gate, lambda: len(queries.inbound(kind="orphan")) == 1, timing=PATIENT, seconds=30)
            told = peer.told()
        (orphan,) = queries.inbound(kind="orphan")
        assert (orphan.message_id, orphan.address, orphan.text) == ("4711", "10099999999", "DELIVRD")
        assert told["acknowledged"] == 1

    def test_a_wrong_password_is_said_by_name_and_nothing_leaves(self):
        with node.server(password="other") as peer:
            frozen = freeze([10012300001])
            release(frozen)

            def refused():
                return any(error == "login_password" for error in _errors())

            send_until(smpp_gateway(port=peer.port, source_addr="fenghuo"), refused, timing=PATIENT, seconds=30)
            assert peer.told()["accepted"] == []
        assert queries.progress([frozen.broadcast])[frozen.broadcast].unsent == 1


def test_smpp34_as_a_gateway_of_ids_that_are_no_numbers():
    numbers = [10012300000 + i for i in range(50)]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "tests.delivery.peers.rust", "server", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
            frozen = freeze(numbers)
            release(frozen)
            send_until(
                smpp_gateway(port=port, source_addr="fenghuo"), settled(frozen.broadcast), timing=PATIENT, seconds=40
            )
        finally:
            process.kill()
    assert {row.address: row.state for row in queries.export(frozen.broadcast)} == dict.fromkeys(numbers, "delivered")
    assert queries.inbound(kind="orphan") == []


def _errors():
    return [account.last_error for account in Account.objects.all()]
