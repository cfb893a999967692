"""The same words twice from one phone are two messages; what the gateway delivers twice is one."""

from dataclasses import replace

import pytest

from fenghuo.delivery.gateways.line import Said
from fenghuo.delivery.ledger import actions, queries
from fenghuo.delivery.ledger.models import Account
from fenghuo.delivery.sender.desk.replies import AGAIN_MS, RETRY_MS, UNSURE_MS, Replies
from simulators.smsc import Account as Known
from simulators.smsc import Plan, running
from tests.delivery.desks import closed, opened
from tests.delivery.makers import freeze, gateway, smpp_gateway
from tests.delivery.running import QUICK, send_until, settled
from tests.delivery.several import order

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
YES = Said(0, "10012300001", "同意", None, "12379")
NOON = 1_790_000_000_000


def kinds(*rows):
    return [one.kind for one in rows]


def test_the_same_words_on_one_connection_are_two_messages_however_close():
    replies = Replies("one")
    replies.begin(NOON)
    rows = [replies.said(replace(YES, sequence=7 + at), NOON + at) for at in range(3)]
    assert kinds(*rows) == ["message"] * 3
    assert len({row.message_id for row in rows}) == 3
    assert all(len(row.message_id) <= 20 for row in rows)


def test_what_comes_again_after_the_connection_broke_is_a_repetition_once():
    replies = Replies("one")
    replies.begin(NOON)
    replies.said(replace(YES, sequence=7), NOON)
    replies.end(NOON + 2_000)
    replies.begin(NOON + 60_000)
    again = [replies.said(replace(YES, sequence=at), NOON + 61_000 + at) for at in range(2)]
    assert kinds(*again) == ["repeat", "message"]


@pytest.mark.parametrize(
    ("ended", "begins", "comes"),
    [
        (NOON + UNSURE_MS + 1, NOON + UNSURE_MS + 2, NOON + UNSURE_MS + 3),  # it was acknowledged long before the end
        (NOON + 1, NOON + 2, NOON + 3 + AGAIN_MS),  # a gateway that had kept it would have delivered it long ago
    ],
)
def test_the_same_words_later_are_a_message_of_their_own(ended, begins, comes):
    replies = Replies("one")
    replies.begin(NOON)
    replies.said(YES, NOON)
    replies.end(ended)
    replies.begin(begins)
    assert replies.said(YES, comes).kind == "message"


def test_words_that_differ_in_anything_are_no_repetition():
    replies = Replies("one")
    replies.begin(NOON)
    replies.said(YES, NOON)
    replies.end(NOON)
    replies.begin(NOON + 1)
    others = [
        replace(YES, text="同意。"), replace(YES, address="10012300002"), replace(YES, to="1237901"), replace(YES, part="1/2/1")
    ]  # fmt: skip
    assert kinds(*(replies.said(one, NOON + 2) for one in others)) == ["message"] * 4


def test_a_callback_looked_at_again_is_the_same_another_soon_a_repetition_one_later_a_message():
    replies = Replies("web")
    first = replies.called(YES, NOON, "c1-0")
    same = replies.called(YES, NOON + 50, "c1-0")
    assert (first.kind, same.kind, same.message_id) == ("message", "message", first.message_id)
    assert replies.called(YES, NOON + RETRY_MS, "c2-0").kind == "repeat"
    assert replies.called(YES, NOON + RETRY_MS + 1, "c3-0").kind == "message"
    assert kinds(*(replies.called(replace(YES, id=5), NOON + at, f"c{at}-0") for at in (1, 2))) == ["message"] * 2


def test_what_was_kept_when_the_sender_was_killed_is_known_to_the_next_one():
    one = gateway("one")
    desk = opened(one)
    now = desk.now_ms()
    desk.replies.begin(now)
    desk.book.inbound += [
        desk.replies.said(YES, now - 10_000),
        desk.replies.said(replace(YES, text="收到"), now - 400_000),
    ]
    desk.commit()
    Account.objects.filter(name="one").update(heard_at=now)
    closed(desk)
    later = opened(one)
    later.replies.begin(now + 1_000)
    later.book.inbound += [later.replies.said(replace(YES, sequence=1), now + 2_000)]
    later.book.inbound += [later.replies.said(replace(YES, sequence=2, text="收到"), now + 2_000)]
    later.commit()
    assert [(row.kind, row.text) for row in reversed(queries.inbound())] == [
        ("message", "同意"), ("message", "收到"), ("repeat", "同意"), ("message", "收到"),
    ]  # fmt: skip
    assert [row.text for row in actions.lately_written("one", within_ms=UNSURE_MS)] == ["同意", "收到"]


def test_two_replies_by_smpp_in_the_same_words_are_both_kept():
    with running(Plan.of({"protocol": "smpp", "accounts": [Known("fenghuo", "exercise")]})) as centre:
        frozen = freeze([10012300001])
        order("release", frozen)
        gate = smpp_gateway(port=centre.port, source_addr="fenghuo")
        send_until(gate, settled(frozen.broadcast))
        for _ in range(2):
            centre.call(lambda one: one.receive_message("10012300001", "12379", "同意"))
        send_until(gate, lambda: len(queries.inbound(kind="message")) == 2, timing=QUICK)
    assert [row.text for row in queries.inbound(kind="message")] == ["同意", "同意"]
