"""What a gateway delivers and nobody can read is answered with an error, kept as it came and shown; the line goes on."""

import struct

import pytest

from fenghuo.delivery.ledger import actions, queries
from fenghuo.delivery.ledger.models import Inbound
from tests.delivery.hostile import (
    BEAT,
    CONNECT,
    DELIVER,
    SUBMIT,
    Seen,
    answered,
    beaten,
    delivered,
    frame,
    hostile,
    let_in,
)
from tests.delivery.makers import freeze, gateway
from tests.delivery.running import send_until

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
VERSIONS = {"cmpp3": 0x30, "cmpp2": 0x20}
ID = struct.pack(">Q", 77)


STRUCTURE, LENGTH = 1, 4  # what it is answered with


@pytest.mark.parametrize("protocol", ["cmpp3", "cmpp2"])
@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (delivered(5, b"ok", claims=200), LENGTH),
        (frame(DELIVER, 5, ID + b"\1\2\3"), STRUCTURE),
        (frame(DELIVER, 5, ID), STRUCTURE),
        (frame(DELIVER, 5, ID[:7]), STRUCTURE),
        (frame(DELIVER, 5), STRUCTURE),
        (frame(DELIVER, 5, ID + b"\xff" * 3000), LENGTH),
        (frame(DELIVER, 5, ID + bytes(range(256))), LENGTH),
    ],
    ids=["length within", "truncated", "id alone", "half an id", "nothing", "oversized", "noise"],
)
def test_an_undecodable_deliver_ends_nothing_and_is_kept(wrong, told, protocol):
    version = VERSIONS[protocol]
    frozen = freeze([10012300000 + i for i in range(60)])
    actions.order(kind="release", broadcast=frozen.broadcast, by={"system": True})

    def answer(command: int, sequence: int, body: bytes, seen: Seen) -> bytes:
        if command == CONNECT:
            return let_in(sequence, version=version) + wrong + delivered(6, "好".encode("utf-16-be"), version=version)
        if command == SUBMIT:
            return answered(sequence, version=version)
        return beaten(sequence) if command == BEAT else b""

    with hostile(answer, version) as seen:

        def condition():
            done = queries.progress([frozen.broadcast])[frozen.broadcast].accepted == 60
            return done and len(seen.answers) == 2

        send_until(gateway(port=seen.port, batch=1, protocol=protocol), condition, seconds=30)
    assert len(seen.logins) == 1
    named = wrong[12:20].ljust(8, b"\0")
    assert [one[:8] for one in seen.answers] == [named, ID]
    assert [int.from_bytes(one[8:], "big") for one in seen.answers] == [told, 0]
    (kept,) = queries.unmatched()
    assert (kept.kind, wrong[:1024].hex() in kept.text) == ("unreadable", True)
    assert Inbound.objects.filter(kind="message").count() == 1
