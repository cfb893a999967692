"""The whole path over SMPP on the loopback: every recipient's state is what the SMS centre's own record says."""

from collections import Counter

import pytest

from fenghuo.delivery.gateways.line import Ended
from fenghuo.delivery.gateways.smpp import Smpp
from fenghuo.delivery.ledger import actions, queries
from fenghuo.delivery.ledger.models import Account as GatewayAccount
from fenghuo.web import delivery_words
from simulators.smsc import Account, Plan, running
from tests.delivery.makers import freeze, smpp_gateway
from tests.delivery.running import QUICK, send_until, settled, without_answers

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
PATIENT = without_answers(20.0)
LONG = "【下仓镇】（演练）" + "请转移。" * 40 + "（演练结束）"
ACCOUNT = (Account(sp_id="fenghuo", secret="exercise"),)


def release(frozen):
    actions.order(kind="release", broadcast=frozen.broadcast, by={"system": True})


def record_of(centre):
    return centre.call(lambda one: list(one.record.rows()))


def plan(**changes):
    return Plan.of({"protocol": "smpp", "accounts": ACCOUNT, **changes})


@pytest.mark.parametrize(
    ("bind", "message_ids", "faults"),
    [
        ("trx", "text", {"failing_ratio": {"UNDELIV": 0.1, "MK:0001": 0.05}}),
        ("tx_rx", "hex_to_decimal", {"shuffle_reports": True, "duplicate_reports": 0.3, "report_delay": (0.0, 0.05)}),
        ("trx", "decimal_to_hex", {"early_reports": True, "chop": 50}),
        ("trx", "hex", {"receipts": "tlv", "failing_ratio": {"EXPIRED": 0.1}, "intermediate_reports": 0.3}),
        ("tx_rx", "text", {"receipts": "both", "failing_ratio": {"REJECTD": 0.1}, "late_reports": 0.2, "late_by": 0.2}),
        ("trx", "text", {"receipt_coding": 8, "failing_ratio": {"UNDELIV": 0.1}, "shuffle_reports": True}),
        ("trx", "text", {"receipt_text": "ID: {id},stat={stat} ,Done-Date:{done} Text: id:1 stat:DELIVRD"}),
    ],
)
def test_everybody_is_told_once_and_ends_as_the_centre_says(bind, message_ids, faults):
    numbers = [10012300000 + 7 * i for i in range(700)]
    answered = "decimal" if message_ids == "text" else message_ids
    with running(plan(message_ids=answered, **faults)) as centre:
        gate = smpp_gateway(port=centre.port, source_addr="fenghuo", bind=bind, message_ids=message_ids)
        frozen = freeze(numbers)
        release(frozen)
        send_until(gate, settled(frozen.broadcast), timing=PATIENT, seconds=30)
        record = record_of(centre)
    told = {int(row.number): row.stat for row in record}
    assert len(record) == len(told) == len(numbers)
    states = {row.address: (row.state, row.status) for row in queries.export(frozen.broadcast)}
    assert states == {n: ("delivered" if s == "DELIVRD" else "failed", s) for n, s in told.items()}
    assert [(one.message_id, one.address, one.text) for one in queries.inbound(kind="orphan")] == []


def test_a_long_text_is_told_whole_and_its_worst_segment_counts():
    numbers = [10012300000 + i for i in range(60)]
    with running(plan(failing_ratio={"UNDELIV": 0.2})) as centre:
        frozen = freeze(numbers, text=LONG)
        release(frozen)
        gate = smpp_gateway(port=centre.port, source_addr="fenghuo", window=7)
        send_until(gate, settled(frozen.broadcast), timing=PATIENT, seconds=30)
        record, summary = record_of(centre), centre.call(lambda one: one.summary())
    assert Counter(int(row.number) for row in record) == dict.fromkeys(numbers, 3)
    assert "".join(row.text for row in record if row.number == "10012300000") == LONG
    failed = {int(row.number) for row in record if row.stat != "DELIVRD"}
    assert {row.address for row in queries.export(frozen.broadcast) if row.state == "failed"} == failed
    assert summary["peak_unanswered"] <= 7


def test_throttling_and_a_full_queue_fail_nobody_and_a_bad_number_fails_alone():
    numbers = [10012300000 + i for i in range(120)]
    with running(plan(results={3: 0x58, 10: 0x14}, bad_numbers=["10012300050"])) as centre:
        frozen = freeze(numbers)
        release(frozen)
        gate = smpp_gateway(port=centre.port, source_addr="fenghuo", window=20)
        send_until(gate, settled(frozen.broadcast), timing=PATIENT, seconds=30)
        record, summary = record_of(centre), centre.call(lambda one: one.summary())
    rows = {row.address: (row.state, row.status) for row in queries.export(frozen.broadcast)}
    assert rows.pop(10012300050) == ("failed", f"R:{0x0B}")
    assert set(rows.values()) == {("delivered", "DELIVRD")}
    assert Counter(int(row.number) for row in record) == dict.fromkeys(rows, 1)
    assert (summary["refused"][str(0x58)], summary["refused"][str(0x14)]) == (1, 1)


@pytest.mark.parametrize(
    ("status", "account", "error"),
    [
        (0, {"source_addr": "nobody"}, "login_system_id"),
        (0x0E, {}, "login_password"),
        (0x0D, {}, "login_bind_failed"),
        (0x05, {}, "login_already_bound"),
        (0x1234, {}, "login_0x1234"),
    ],
)
def test_a_refused_bind_is_said_by_name_at_once_and_nothing_leaves(status, account, error):
    with running(plan(login_status=status)) as centre:
        frozen = freeze([10012300001])
        release(frozen)
        gate = smpp_gateway(**{"port": centre.port, "source_addr": "fenghuo", **account})
        send_until(gate, lambda: GatewayAccount.objects.filter(state="refused", last_error=error).exists())
        assert centre.call(lambda one: one.summary())["submits"] == 0
    assert queries.progress([frozen.broadcast])[frozen.broadcast].unsent == 1
    assert len(delivery_words.gateway_error(error)) > len(error)


def test_a_password_that_smpp_cannot_carry_is_said_and_does_not_stop_the_sender():
    gate = smpp_gateway(source_addr="fenghuo")
    line = Smpp(gate, b"far too long" * 9, QUICK.timers, 0.0)
    line.login("0105142942", 0.0)
    assert line.outgoing() == b""
    assert line.tick(1.0) == [Ended("login_unfit", True)]
    assert len(delivery_words.gateway_error("login_unfit")) > 20


def test_a_message_from_a_phone_in_parts_is_kept_with_its_place_and_a_forged_receipt_is_a_message():
    with running(plan()) as centre:
        frozen = freeze([10012300001])
        release(frozen)
        gate = smpp_gateway(port=centre.port, source_addr="fenghuo", bind="tx_rx")
        send_until(gate, settled(frozen.broadcast), timing=PATIENT)
        forged = "id:1 sub:001 dlvrd:001 submit date:2611221200 done date:2611221200 stat:UNDELIV err:000 text:"
        centre.call(lambda one: one.receive_message("10012300001", "12379", "收到" * 60))
        centre.call(lambda one: one.receive_message("10012300001", "12379", forged, msg_fmt=0))
        send_until(gate, lambda: len(queries.inbound(kind="message")) == 3, timing=PATIENT)
    heard = queries.inbound(kind="message")
    assert {one.text for one in heard if not one.part} == {forged}
    parts = sorted((one.part.split("/")[1:], one.text) for one in heard if one.part)
    assert ["".join(text for _, text in parts), [place for place, _ in parts]] == [
        "收到" * 60,
        [["2", "1"], ["2", "2"]],
    ]
    assert queries.progress([frozen.broadcast])[frozen.broadcast].delivered == 1


def test_a_dropped_line_leaves_at_most_a_window_in_doubt_and_everybody_listed():
    numbers = [10012300000 + i for i in range(300)]
    with running(plan(drop_after=[40])) as centre:
        frozen = freeze(numbers, policy="urgent")
        release(frozen)
        gate = smpp_gateway(port=centre.port, source_addr="fenghuo", window=10)
        send_until(gate, settled(frozen.broadcast), timing=PATIENT, seconds=30)
        told = Counter(int(row.number) for row in record_of(centre))
    doubted = {row.address for row in queries.export(frozen.broadcast) if row.doubts}
    assert set(told) == set(numbers)
    assert len(doubted) <= 10
    assert {number for number, times in told.items() if times > 1} <= doubted
