"""What a gateway delivers and nobody can read is answered with an error and kept as it came; the line goes on."""

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
ID = struct.pack(">Q", 77)


@pytest.mark.parametrize(
    "wrong",
    [
        delivered(5, b"ok", claims=200),
        frame(DELIVER, 5, ID + b"\1\2\3"),
        frame(DELIVER, 5, ID),
        frame(DELIVER, 5, ID + b"\xff" * 3000),
        frame(DELIVER, 5, ID + bytes(range(256))),
    ],
    ids=["length within", "truncated", "id alone", "oversized", "noise"],
)
def test_an_undecodable_deliver_ends_nothing_and_is_kept(wrong):
    frozen = freeze([10012300000 + i for i in range(60)])
    actions.order(kind="release", broadcast=frozen.broadcast, by={"system": True})

    def answer(command: int, sequence: int, body: bytes, seen: Seen) -> bytes:
        if command == CONNECT:
            return let_in(sequence) + wrong + delivered(6, "好".encode("utf-16-be"))
        if command == SUBMIT:
            return answered(sequence)
        return beaten(sequence) if command == BEAT else b""

    with hostile(answer) as seen:

        def condition():
            done = queries.progress([frozen.broadcast])[frozen.broadcast].accepted == 60
            return done and len(seen.answers) == 2

        send_until(gateway(port=seen.port, batch=1), condition, seconds=30)
    assert len(seen.logins) == 1
    assert [one[:8] for one in seen.answers] == [ID, ID]
    assert [struct.unpack(">I", one[8:])[0] for one in seen.answers] == [4, 0]
    kept = Inbound.objects.get(kind="unreadable")
    assert wrong[:1024].hex() in kept.text
    assert Inbound.objects.filter(kind="message").count() == 1
