"""Batches are byte for byte what the one-at-a-time encoder makes."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenghuo.wire import smpp, text
from fenghuo.wire.smpp import layout as at
from tests.wire.smpp.makers import message, receipt, submit

NUMBERS = [f"1001230{k:04}" for k in range(300)]


@given(st.integers(1, 60), st.integers(1, at.LAST_SEQUENCE), st.sampled_from(["", "86"]))
def test_a_batch_is_its_frames(count, first, prefix):
    own = [prefix + number for number in NUMBERS[:count]]
    template = smpp.SubmitTemplate(submit(validity_period="000000010000000R"))
    frames = template.encode(first, "".join(own).encode(), len(own[0]))
    wanted, sequence = [], first
    for number in own:
        wanted.append(smpp.encode(submit(sequence=sequence, destination=number, validity_period="000000010000000R")))
        sequence = 1 if sequence == at.LAST_SEQUENCE else sequence + 1
    assert frames == b"".join(wanted)


@given(
    st.text(st.sampled_from("雨大🌊x"), min_size=1, max_size=300), st.integers(0, 255), st.integers(1, at.LAST_SEQUENCE)
)
def test_a_long_message_goes_number_by_number_each_with_all_its_segments(said, reference, first):
    parts = text.split(said, reference)
    templates = smpp.compile_submits(smpp.Envelope("12379"), parts)
    frames = smpp.encode_segments(templates, first, b"1001234567810012345679", 11)
    framer, messages = smpp.Framer(), []
    for run in framer.feed(frames):
        messages += [message(run.frame(k)) for k in range(run.frames)]
    assert framer.pending == 0
    assert [one.destination for one in messages] == ["10012345678"] * len(parts) + ["10012345679"] * len(parts)
    for number in ("10012345678", "10012345679"):
        own = [one for one in messages if one.destination == number]
        assert [one.content for one in own] == [part.udh + part.payload for part in parts]
        assert all(len(one.content) <= at.MAX_CONTENT for one in own)
        assert {(one.esm_class, one.data_coding, one.registered_delivery) for one in own} == {
            (at.UDHI if len(parts) > 1 else 0, 8, 1)
        }
        assert "".join(smpp.words(one).text for one in own) == said
    assert messages[1].sequence == (1 if first == at.LAST_SEQUENCE else first + 1)


def test_answers_to_a_run_are_those_to_its_frames():
    (run,) = smpp.Framer().feed(b"".join(receipt(k) for k in range(5, 9)))
    wanted = b"".join(smpp.encode(smpp.MessageResp(k, at.DELIVER_SM_RESP)) for k in range(5, 9))
    assert smpp.encode_resps(run) == wanted
    (asked,) = smpp.Framer().feed(b"".join(smpp.encode(submit(sequence=k)) for k in range(1, 4)))
    wanted = b"".join(smpp.encode(smpp.MessageResp(k, at.SUBMIT_SM_RESP, 0, f"A{k}")) for k in range(1, 4))
    assert smpp.encode_submit_resps(asked, b"A1A2A3", 2) == wanted


@pytest.mark.parametrize(
    ("numbers", "width"), [(b"", 11), (b"123", 2), (b"1" * 21, 21), (b"1\x0011", 2), (b"1" * 11, 0)]
)
def test_a_block_that_is_no_numbers_is_refused(numbers, width):
    with pytest.raises(smpp.ProtocolError):
        smpp.SubmitTemplate(submit()).encode(1, numbers, width)


def test_a_template_ignores_its_models_number():
    block = b"10012345678"
    one, other = (smpp.SubmitTemplate(replace(submit(), destination=number)) for number in ("1", "13900000000"))
    assert one.encode(9, block, 11) == other.encode(9, block, 11)
