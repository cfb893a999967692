"""The fast encoder against the plain one, byte by byte."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fenghuo.wire import cmpp, text
from tests.wire.cmpp.makers import block, digits, report, submits, submitted, template

LAYOUTS = pytest.mark.parametrize("layout", [cmpp.V30, cmpp.V20], ids=["3.0", "2.0"])


def plain(model: cmpp.Submit, layout: cmpp.Layout, first: int, numbers: list[str], batch: int) -> bytes:
    return b"".join(
        cmpp.encode(
            replace(model, sequence=(first + k) & 0xFFFF_FFFF, destinations=tuple(numbers[at : at + batch])), layout
        )
        for k, at in enumerate(range(0, len(numbers), batch))
    )


@LAYOUTS
def test_a_template_writes_what_the_encoder_writes(layout):
    @settings(max_examples=60)
    @given(
        submits(layout).filter(lambda made: len(made.content) <= 140),
        st.integers(0, 0xFFFF_FFFF),
        st.lists(digits(layout.terminal), min_size=1, max_size=120),
        st.integers(1, 99),
    )
    def check(model, first, numbers, batch):
        made = cmpp.SubmitTemplate(model, layout).encode(first, cmpp.destinations(numbers, layout.terminal), batch)
        assert made == plain(model, layout, first, numbers, batch)

    check()


@LAYOUTS
def test_a_long_text_leaves_as_whole_messages_batch_by_batch(layout):
    said = "险" * 150
    parts = text.split(said, 42)
    templates = cmpp.compile_submits(cmpp.Envelope("900001", "12379"), parts, layout)
    raw = cmpp.encode_segments(templates, 0xFFFF_FFFE, block(7, layout), 3)
    frames = [run.frame(k) for run in cmpp.Framer(layout).feed(raw) for k in range(run.frames)]
    got = [submitted(frame, layout) for frame in frames]
    assert [one.sequence for one in got] == [(0xFFFF_FFFE + k) & 0xFFFF_FFFF for k in range(9)]
    assert [one.pk_number for one in got] == [1, 2, 3] * 3
    assert {one.pk_total for one in got} == {3}
    assert {one.tp_udhi for one in got} == {1}
    assert {one.registered_delivery for one in got} == {1}
    assert {one.fee_user_type for one in got} == {2}
    for start, people in [(0, 3), (3, 3), (6, 1)]:
        group = got[start : start + 3]
        assert len({one.destinations for one in group}) == 1
        assert len(group[0].destinations) == people
        assert "".join(one.content[6:].decode("utf-16-be") for one in group) == said
        assert [one.content[:6].hex() for one in group] == ["0500032a0301", "0500032a0302", "0500032a0303"]


@pytest.mark.parametrize(("count", "batch"), [(0, 50), (5, 0), (5, 100), (5, -1)])
def test_batches_that_cannot_be_are_refused(count, batch):
    with pytest.raises(cmpp.ProtocolError):
        template().encode(1, block(count), batch)


def test_half_a_number_is_refused():
    with pytest.raises(cmpp.ProtocolError):
        template().encode(1, block(3)[:-1], 50)


def test_content_over_140_bytes_is_refused():
    with pytest.raises(cmpp.ProtocolError, match="141"):
        cmpp.SubmitTemplate(cmpp.Submit(1, (), bytes(141), "900001", "12379"), cmpp.V30)


@pytest.mark.parametrize("number", ["", "1" * 33, "１００", "+86" + "1" * 30])
def test_numbers_that_do_not_fit_are_refused(number):
    with pytest.raises(cmpp.ProtocolError):
        cmpp.destinations([number], 32)


@LAYOUTS
@given(st.integers(0, 0xFFFF_FF00), st.integers(1, 60), st.integers(0, 255))
def test_responses_to_a_run_are_the_single_ones(layout, first, count, result):
    run = cmpp.Framer(layout).feed(b"".join(report(first + k, layout, layout.terminal) for k in range(count)))[0]
    expected = b"".join(cmpp.encode(cmpp.DeliverResp(first + k, 5, result), layout) for k in range(count))
    assert cmpp.encode_deliver_resps(run, layout, result) == expected


@LAYOUTS
def test_submit_responses_carry_their_own_ids(layout):
    (run,) = cmpp.Framer(layout).feed(template(layout).encode(9, block(5, layout), 1))
    made = cmpp.encode_submit_resps(run, layout, cmpp.packed([3, 1, 4, 1, 5], "Q"), 0)
    expected = [cmpp.SubmitResp(9 + k, value, 0) for k, value in enumerate([3, 1, 4, 1, 5])]
    assert made == b"".join(cmpp.encode(one, layout) for one in expected)


@given(st.integers(0, (1 << 64) - 1))
def test_every_msg_id_unpacks_and_packs(value):
    assert cmpp.MsgId.unpack(value).pack() == value


@given(st.integers(0, (1 << 64) - 1), st.integers(1, 99))
def test_the_ids_of_one_submit_wrap_in_their_last_sixteen_bits(base, count):
    ids = [cmpp.nth(base, k) for k in range(count)]
    assert ids[0] == base
    assert len(set(ids)) == count
    assert {value >> 16 for value in ids} == {base >> 16}
    assert all(cmpp.in_range(value, base, count) for value in ids)
    assert not cmpp.in_range(cmpp.nth(base, count), base, count)
    assert not cmpp.in_range(base ^ 1 << 16, base, count)


def test_absolute_time_is_in_china_s_quarter_hours():
    moment = datetime(2024, 11, 5, 6, 29, 42, 370_000, UTC)
    assert cmpp.absolute_time(moment) == "241105142942" + "3" + "32" + "+"
    assert cmpp.absolute_time(moment.astimezone(timezone(timedelta(hours=-5)))) == cmpp.absolute_time(moment)
    with pytest.raises(cmpp.ProtocolError):
        cmpp.absolute_time(datetime(2024, 11, 5, 6, 29, 42))  # noqa: DTZ001


@LAYOUTS
@pytest.mark.parametrize("batch", [1, 2, 50])
def test_sequence_numbers_wrap_inside_a_batch(layout, batch):
    raw = template(layout).encode(0xFFFF_FFFE, block(batch * 5, layout), batch)
    sequences = [one for run in cmpp.Framer(layout).feed(raw) for one in run.sequences()]
    assert sequences == [0xFFFF_FFFE, 0xFFFF_FFFF, 0, 1, 2]
