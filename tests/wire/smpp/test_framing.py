"""Frames come out the same, however the stream was cut; frames of one run lie alike."""

from hypothesis import given
from hypothesis import strategies as st

from fenghuo.wire import smpp
from fenghuo.wire.smpp import layout as at
from fenghuo.wire.smpp.layout import HEADER
from tests.wire.smpp.makers import pdus, receipt, submit


@given(st.lists(pdus(), max_size=8), st.data())
def test_the_cuts_of_the_stream_change_nothing(values, data):
    sent = [smpp.encode(pdu) for pdu in values]
    stream = b"".join(sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    framer, came = smpp.Framer(), []
    for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        for run in framer.feed(stream[start:stop]):
            came += [run.frame(k) for k in range(run.frames)]
    assert (came, framer.pending, framer.fault) == (sent, 0, None)


def runs(*frames: bytes) -> list[int]:
    return [run.frames for run in smpp.Framer().feed(b"".join(frames))]


def test_frames_of_one_length_and_different_places_are_different_runs():
    assert runs(receipt(1), receipt(2), receipt(3)) == [3]
    one = smpp.encode(submit(source="12379", destination="10012345678"))
    other = smpp.encode(submit(source="123790", destination="1001234567"))
    assert len(one) == len(other)
    assert runs(one, one, other, other, one) == [2, 2, 1]
    shorter = smpp.encode(submit(destination="1001234567", content=submit().content + b"x"))
    assert len(one) == len(shorter)
    assert runs(one, shorter) == [1, 1]


def test_a_zero_byte_inside_a_text_of_a_later_frame_ends_the_run():
    frames = [bytearray(receipt(k)) for k in range(4)]
    at_ = smpp.shape_of(bytes(frames[0]), 0, len(frames[0]), at.DELIVER_SM).source[0]
    frames[2][at_ + 4] = 0
    assert runs(*map(bytes, frames)) == [2, 1, 1]


def test_a_receipt_and_a_message_of_the_same_length_are_two_runs():
    assert runs(receipt(1), receipt(2, esm_class=0), receipt(3, esm_class=0, data_coding=8)) == [1, 1, 1]


def test_no_frame_is_awaited_that_its_command_cannot_have():
    for total, command in [
        (15, at.ENQUIRE_LINK),
        (17, at.ENQUIRE_LINK),
        (at.MAX_FRAME + 1, at.SUBMIT_SM),
        (0xFFFFFFFF, at.DELIVER_SM),
        (155, at.BIND_TRANSCEIVER),
        (22, at.BIND_TRANSCEIVER),
        (0x10000000, 0x7777),
    ]:
        framer = smpp.Framer()
        assert framer.feed(HEADER.pack(total, command, 0, 5)) == []
        assert framer.fault is not None
        assert framer.fault_sequence == 5
        assert framer.feed(b"more") == []
        assert framer.pending == 0


def test_a_command_nobody_knows_is_skipped_whole():
    odd = HEADER.pack(20, 0x0000_0777, 0, 4) + b"what"
    (first, second) = smpp.Framer().feed(odd + smpp.encode(smpp.Bare(9, at.ENQUIRE_LINK)))
    assert (first.command, first.stride, second.command) == (0x777, 20, at.ENQUIRE_LINK)
