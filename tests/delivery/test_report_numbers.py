"""Reports that bear one Msg_Id for many numbers: whom each is of is read from the number, however it is written."""

from collections.abc import Callable

import pytest

from fenghuo.delivery.ledger import actions, queries
from tests.delivery.hostile import BEAT, CONNECT, SUBMIT, Seen, answered, beaten, hostile, let_in, reported
from tests.delivery.makers import freeze, gateway
from tests.delivery.running import send_until

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
VERSIONS = {"cmpp3": 0x30, "cmpp2": 0x20}
NUMBERS = [10012300000 + i for i in range(12)]
MSG_ID = 0x5000_0000_0000_0000
WAYS: list[Callable[[int], bytes]] = [
    lambda number: b"%d" % number,
    lambda number: b"86%d" % number,
    lambda number: b"+86%d" % number,
    lambda number: b"0086%d" % number,
    lambda number: b"%d   " % number,
    lambda number: b"  %d" % number,
    lambda number: b"0%d" % number,
    lambda number: b"%d\0x" % number,
]


@pytest.mark.parametrize("protocol", VERSIONS)
def test_every_way_of_writing_a_number_reaches_its_recipient_and_what_names_nobody_is_shown(protocol):
    frozen = freeze(NUMBERS)
    actions.order(kind="release", broadcast=frozen.broadcast, by={"system": True})
    version = VERSIONS[protocol]
    written = [WAYS[at % len(WAYS)](number) for at, number in enumerate(NUMBERS[:-2])]
    unreadable = [b"100****0010", b"a number", b"12379"]

    def answer(command: int, sequence: int, body: bytes, seen: Seen) -> bytes:
        if command == CONNECT:
            return let_in(sequence, version=version)
        if command == SUBMIT:
            said = [reported(100 + at, MSG_ID, one, version) for at, one in enumerate([*written, *unreadable])]
            return answered(sequence, id=MSG_ID, version=version) + b"".join(said)
        return beaten(sequence) if command == BEAT else b""

    with hostile(answer, version) as seen:
        gate = gateway(port=seen.port, batch=50, protocol=protocol)

        def condition():
            return len(seen.answers) == 13 and queries.progress([frozen.broadcast])[frozen.broadcast].delivered == 10

        send_until(gate, condition, seconds=30)
    assert len(seen.submits) == 1
    states = {row.address: row.state for row in queries.export(frozen.broadcast)}
    assert states == {number: "delivered" if number < NUMBERS[10] else "accepted" for number in NUMBERS}
    kept = queries.unmatched()
    assert {(one.kind, one.address.encode(), one.carrier_id) for one in kept} == {
        ("orphan", one, str(MSG_ID)) for one in unreadable
    }
    assert {int.from_bytes(one[8:], "big") for one in seen.answers} == {0}


@pytest.mark.parametrize("protocol", VERSIONS)
def test_a_report_whose_own_number_is_empty_is_of_whom_its_deliver_names(protocol):
    frozen = freeze(NUMBERS[:3])
    actions.order(kind="release", broadcast=frozen.broadcast, by={"system": True})
    version = VERSIONS[protocol]

    def answer(command: int, sequence: int, body: bytes, seen: Seen) -> bytes:
        if command == CONNECT:
            return let_in(sequence, version=version)
        if command == SUBMIT:
            named = [reported(9, MSG_ID, b"", version, source=b"86%d" % NUMBERS[1])]
            named += [reported(10, MSG_ID, b"", version, source=b"12379")]
            return answered(sequence, id=MSG_ID, version=version) + b"".join(named)
        return beaten(sequence) if command == BEAT else b""

    with hostile(answer, version) as seen:
        gate = gateway(port=seen.port, batch=50, protocol=protocol)
        send_until(gate, lambda: len(seen.answers) == 2, seconds=30)
    states = [row.state for row in queries.export(frozen.broadcast)]
    assert states == ["accepted", "delivered", "accepted"]
    assert [one.kind for one in queries.unmatched()] == ["orphan"]
