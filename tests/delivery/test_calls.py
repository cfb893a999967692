"""A callback of which one receipt came too early: the rest of it is in the book once, however often it is looked at."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from fenghuo.delivery.gateways.config import HttpGateway
from fenghuo.delivery.ledger import actions
from fenghuo.delivery.ledger.models import Callback, Inbound
from fenghuo.delivery.sender.calls import Calls
from tests.delivery.desks import STEPPED, answer, doubt_all, fly, opened, progress
from tests.delivery.makers import freeze
from tests.delivery.several import order

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
NEVER = replace(STEPPED, waits={"urgent": 1e9, "patient": 1e9})
FIRST, SECOND = 13900000001, 13900000002
WEB = HttpGateway(
    name="web", protocol="http", mode="exercise", host="127.0.0.1", port=1, source_addr="900001",
    secret_file=Path("secret"), rate=1_000, window=4, batch=1,
)  # fmt: skip


def alert(number):
    frozen = freeze([number])
    order("release", frozen)
    return frozen


def test_what_is_entered_once_is_not_entered_again_while_another_receipt_waits_for_its_answer():
    doubted, desk = alert(FIRST), opened(WEB, timing=NEVER)
    doubt_all(desk)
    flying = alert(SECOND)
    pdus = fly(desk)
    receipts = [{"id": f"x{one}", "number": str(one), "status": "DELIVRD"} for one in (FIRST, SECOND, 13999999999)]
    replies = [{"id": "r1", "number": str(FIRST), "text": "收到", "to": "12379"}]
    body = json.dumps({"receipts": receipts, "replies": replies}).encode()
    actions.keep_callback(account="web", nonce="n" * 32, body=body, at_ms=desk.now_ms())
    calls = Calls(WEB)
    calls.take(desk, flying=True)
    assert (progress(doubted).delivered, progress(flying).delivered) == (1, 0)

    later = alert(FIRST)  # whose copy a repetition of the first receipt could be taken to mean
    doubt_all(desk)
    for _ in range(3):
        calls.take(desk, flying=True)
    assert progress(later).in_doubt == 1
    assert Callback.objects.filter(body__isnull=False).exists()

    answer(desk, pdus, 800)
    calls.take(desk, flying=False)
    assert progress(flying).delivered == 1
    assert progress(later).in_doubt == 1
    assert sorted(Inbound.objects.values_list("kind", "address")) == [
        ("message", str(FIRST)),
        ("orphan", "13999999999"),
    ]
    assert not Callback.objects.filter(body__isnull=False).exists()
