"""CMPP 2.0 and 3.0 are one gateway with another table: the same promises hold, and the wrong version is said in words."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from django.utils import translation

from fenghuo.delivery.gateways.config import LAYOUTS
from fenghuo.delivery.gateways.digits import addresses, written
from fenghuo.delivery.ledger import actions, queries
from fenghuo.ground.refusal import CHINESE
from fenghuo.web import delivery_words
from fenghuo.wire import cmpp
from simulators.smsc import Plan, running
from tests.delivery.makers import freeze, gateway
from tests.delivery.running import send_until, settled

database = pytest.mark.django_db(databases=["default", "ledger"])
VERSIONS = {"cmpp2": 0x20, "cmpp3": 0x30}
LONG = "【下仓镇】（演练）" + "请转移。" * 40 + "（演练结束）"


@database
@pytest.mark.parametrize("body", [0, 60, 71])
@pytest.mark.parametrize("protocol", VERSIONS)
def test_everybody_is_told_once_whatever_the_version_and_the_length_of_reports(protocol: str, body: int) -> None:
    numbers = [10012300000 + 7 * i for i in range(1_203)]
    plan = Plan(versions=(VERSIONS[protocol],), failing_ratio={"UNDELIV": 0.1, "MK:0001": 0.05}, report_body=body)
    with running(plan) as centre:
        frozen = freeze(numbers, text=LONG)
        actions.order(kind="release", broadcast=frozen.broadcast, by={"system": True})
        send_until(
            gateway(port=centre.port, source_addr="900001", protocol=protocol, batch=99), settled(frozen.broadcast)
        )
        record = centre.call(lambda one: list(one.record.rows()))
    assert Counter(int(row.number) for row in record) == dict.fromkeys(numbers, 3)
    assert "".join(row.text for row in record if row.number == str(numbers[5])) == LONG
    failed = {int(row.number) for row in record if row.stat != "DELIVRD"}
    states = {row.address: row.state for row in queries.export(frozen.broadcast)}
    assert states == {number: "failed" if number in failed else "delivered" for number in numbers}


@database
@pytest.mark.parametrize("protocol", VERSIONS)
def test_one_bad_number_fails_alone_in_either_version(protocol: str) -> None:
    numbers = [10012300000 + i for i in range(60)]
    plan = Plan(versions=(VERSIONS[protocol],), bad_numbers=frozenset({str(numbers[17])}))
    with running(plan) as centre:
        frozen = freeze(numbers)
        actions.order(kind="release", broadcast=frozen.broadcast, by={"system": True})
        send_until(gateway(port=centre.port, source_addr="900001", protocol=protocol), settled(frozen.broadcast))
    states = Counter(row.state for row in queries.export(frozen.broadcast))
    assert states == {"delivered": 59, "failed": 1}


@database
@pytest.mark.parametrize(("protocol", "spoken"), [("cmpp2", 0x30), ("cmpp3", 0x20)])
def test_a_gateway_of_the_other_version_is_a_refusal_that_names_the_setting(
    protocol: str, spoken: int, settings: Any
) -> None:
    with running(Plan(versions=(spoken,))) as centre:
        gate = gateway(port=centre.port, source_addr="900001", protocol=protocol)
        settings.FENGHUO.gateway.append(gate)
        seen: list[queries.GatewayHealth] = []

        def refused() -> bool:
            seen[:] = [one for one in queries.gateways() if one.state == "refused"]
            return bool(seen)

        try:
            send_until(gate, refused)
        finally:
            settings.FENGHUO.gateway.remove(gate)
    assert (seen[0].protocol, seen[0].last_error) == (protocol, "login_4")
    with translation.override("en"):
        assert "cmpp2 or cmpp3" in delivery_words.gateway_error(seen[0].last_error)


@pytest.mark.parametrize("protocol", VERSIONS)
def test_an_answer_in_the_other_width_ends_the_login_with_the_reason(protocol: str) -> None:
    layout = LAYOUTS[protocol]
    other = cmpp.V20 if layout is cmpp.V30 else cmpp.V30
    session = cmpp.ClientSession(cmpp.Login("900001", b"x"), now=0.0, layout=layout)
    session.connect("0105142942", 0.0)
    answer = cmpp.encode(cmpp.ConnectResp(1, 0, bytes(16), other.version, other.result), other)
    (closed,) = session.receive(answer, 0.0)
    assert isinstance(closed, cmpp.Closed)
    assert closed.reason == "version"
    assert "version" in closed.reason_en
    assert "版本" in closed.reason_zh
    with translation.override("en"):
        assert "another version" in delivery_words.gateway_error("version")
    with translation.override(CHINESE):
        assert delivery_words.gateway_error("version")


@pytest.mark.parametrize("protocol", VERSIONS)
def test_numbers_are_written_and_read_in_the_width_of_the_version(protocol: str) -> None:
    layout = LAYOUTS[protocol]
    numbers = np.array([10000000000, 10012345678, 19999999999], dtype=np.uint64)
    packed = written(numbers, layout.terminal)
    assert packed == b"".join(str(one).encode().ljust(layout.terminal, b"\0") for one in numbers)
    rows = np.frombuffer(packed, dtype=np.uint8).reshape(3, layout.terminal)
    assert addresses(rows).tolist() == numbers.tolist()


@pytest.mark.parametrize(
    ("protocol", "changes", "most"),
    [
        ("cmpp3", {"batch": 99}, 94),  # 3,335 bytes
        ("cmpp2", {"batch": 99}, 84),  # 2,048 bytes
        ("cmpp2", {"batch": 50}, 50),
        ("cmpp3", {"batch": 99, "most_bytes": 8192}, 99),
        ("cmpp3", {"batch": 99, "most_bytes": 1000}, 21),
        ("cmpp2", {"batch": 99, "most_bytes": 1}, 1),  # never nobody
    ],
)
def test_as_many_numbers_as_the_bytes_of_the_longest_text_allow(
    protocol: str, changes: dict[str, Any], most: int
) -> None:
    gate = gateway(protocol=protocol, window=10, **changes)
    assert gate.numbers_in_submit() == most
    assert gate.most_in_doubt == 10 * most
    layout = LAYOUTS[protocol]
    if most > 1:
        limit = gate.most_bytes or {"cmpp3": 3335, "cmpp2": 2048}[protocol]
        assert layout.submit_size(most, 140) <= limit
