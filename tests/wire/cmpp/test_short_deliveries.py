"""A DELIVER cut short, at any byte and in either version, is handed up unread and answered; the session goes on."""

import pytest

from fenghuo.wire import cmpp
from fenghuo.wire.cmpp.layout import DELIVER, HEADER, HEADER_SIZE, Layout
from tests.wire.cmpp.makers import Pair, report

versions = pytest.mark.parametrize("layout", [cmpp.V20, cmpp.V30], ids=["2.0", "3.0"])
BODY = bytes(range(1, 200))


def cut(sequence: int, size: int) -> bytes:
    """A DELIVER whose header is right and whose body has so many bytes."""
    return HEADER.pack(HEADER_SIZE + size, DELIVER, sequence) + BODY[:size]


def unread(pair: Pair, raw: bytes) -> cmpp.Unreadable:
    (event,) = pair.client.receive(raw, pair.now)
    assert isinstance(event, cmpp.Unreadable)
    return event


@versions
def test_any_body_shorter_than_its_fixed_part_is_answered_with_as_much_of_its_id_as_there_was(layout: Layout):
    pair = Pair(layout=layout).bound()
    for size in range(layout.deliver_size(0) - HEADER_SIZE):
        event = unread(pair, cut(size, size))
        assert event.error.code == "structure"
        pair.client.acknowledge(event.run, 1)
        named = int.from_bytes(BODY[: min(size, 8)].ljust(8, b"\0"), "big")
        assert cmpp.decode(pair.client.outgoing(), layout) == cmpp.DeliverResp(size, named, 1)
    assert pair.client.state == "bound"
    assert [type(event) for event in pair.client.receive(report(1, layout), pair.now)] == [cmpp.Reports]


@versions
def test_many_cut_short_at_once_are_answered_one_by_one(layout: Layout):
    pair = Pair(layout=layout).bound()
    for size in (0, 3, 8):
        event = unread(pair, b"".join(cut(k, size) for k in range(50)))
        pair.client.acknowledge(event.run, 1)
        answers = pair.client.outgoing()
        frames = [answers[at : at + layout.response_size] for at in range(0, len(answers), layout.response_size)]
        named = int.from_bytes(BODY[:size].ljust(8, b"\0"), "big")
        assert [cmpp.decode(frame, layout) for frame in frames] == [cmpp.DeliverResp(k, named, 1) for k in range(50)]


@versions
def test_a_report_of_any_other_length_is_unread_and_the_next_is_not(layout: Layout):
    pair = Pair(layout=layout).bound()
    for size in {*range(80), 140, 255} - {60, 71}:
        deliver = cmpp.Deliver(size, 5, "12379", "10000000001", BODY[:1] * size, registered_delivery=1)
        event, good = pair.client.receive(cmpp.encode(deliver, layout) + report(1, layout), pair.now)
        assert isinstance(event, cmpp.Unreadable)
        assert isinstance(good, cmpp.Reports)
        assert event.error.code == "length"


@versions
@pytest.mark.parametrize("total", [0, 1, 11, 20_000, 0x7FFF_FFFF, 0xFFFF_FFFF])
def test_a_length_that_no_frame_can_have_ends_the_session_with_a_reason(layout: Layout, total: int):
    pair = Pair(layout=layout).bound()
    (closed,) = pair.client.receive(HEADER.pack(total, DELIVER, 1) + BODY, pair.now)
    assert isinstance(closed, cmpp.Closed)
    assert closed.reason == "protocol"
    assert str(total) in closed.reason_en
    assert str(total) in closed.reason_zh


@versions
def test_a_frame_that_never_comes_whole_is_the_end_when_the_connection_is(layout: Layout):
    pair = Pair(layout=layout).bound()
    assert pair.client.receive(report(1, layout)[:-1], pair.now) == []
    (closed,) = pair.client.lost()
    assert closed == cmpp.Closed("lost")
