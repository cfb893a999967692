"""Frames come out the same, however the stream was cut; runs say what their frames say."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from fenghuo.wire import cmpp
from fenghuo.wire.cmpp.layout import HEADER
from fenghuo.wire.stream import repeats, sequence_column
from tests.wire.cmpp.makers import pdus, report, submitted

V30 = cmpp.V30


def flat(runs: list[cmpp.Run]) -> list[bytes]:
    return [run.frame(k) for run in runs for k in range(run.frames)]


@given(st.lists(st.tuples(pdus(V30), st.integers(1, 40)), max_size=6), st.data())
def test_any_cut_gives_the_same_frames_in_the_same_order(made, data):
    sent = [cmpp.encode(pdu, V30) for pdu, times in made for _ in range(times)]
    stream = b"".join(sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    framer = cmpp.Framer(V30)
    runs = []
    for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        runs += framer.feed(stream[start:stop])
    assert flat(runs) == sent
    assert framer.fault is None
    assert framer.pending == 0


def test_byte_by_byte_and_all_at_once_agree():
    stream = b"".join([report(k) for k in range(20)] + [report(k, width=21) for k in range(5)])
    whole, crumbs = cmpp.Framer(V30), cmpp.Framer(V30)
    at_once = whole.feed(stream)
    apart = [run for k in range(len(stream)) for run in crumbs.feed(stream[k : k + 1])]
    assert flat(at_once) == flat(apart)
    assert [run.frames for run in at_once] == [20, 5]


@given(st.lists(st.sampled_from([0, 1, 2, 3]), min_size=1, max_size=300))
def test_a_run_never_mixes_shapes(kinds):
    bodies = [(1, 71), (1, 60), (0, 71), (0, 60)]
    sent = [
        cmpp.encode(cmpp.Deliver(k, 0, "", "", bytes(bodies[kind][1]), registered_delivery=bodies[kind][0]), V30)
        for k, kind in enumerate(kinds)
    ]
    runs = cmpp.Framer(V30).feed(b"".join(sent))
    assert flat(runs) == sent
    for run in runs:
        assert len({(run.frame(k)[87], run.frame(k)[88]) for k in range(run.frames)}) == 1
    changes = sum(a != b for a, b in itertools.pairwise(kinds))
    assert len(runs) == changes + 1


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 96)), min_size=1, max_size=60))
def test_submits_of_one_run_agree_in_numbers_and_length(shapes):
    sent = []
    for destinations, shorter in shapes:
        # 32 bytes of content make the same frame as one number more: only Msg_Length and DestUsr_tl tell them apart.
        numbers = tuple(str(k) for k in range(destinations))
        sent.append(cmpp.encode(cmpp.Submit(1, numbers, bytes(128 - 32 * destinations + shorter), "", ""), V30))
    for run in cmpp.Framer(V30).feed(b"".join(sent)):
        lengths = {len(submitted(run.frame(k)).content) for k in range(run.frames)}
        assert len(lengths) == 1


def test_what_came_before_a_fault_is_handed_over():
    framer = cmpp.Framer(V30)
    resp = cmpp.encode(cmpp.SubmitResp(1, 5, 0), V30)
    (run,) = framer.feed(resp * 3 + HEADER.pack(7, 4, 1) + resp)
    assert run.frames == 3
    assert framer.fault is not None
    assert framer.fault.code == "length"


@given(st.integers(0, 0xFFFF_FFFF), st.integers(1, 300))
def test_sequences_step_by_one_and_wrap(first, count):
    run = cmpp.Run(8, 12, count, b"".join(HEADER.pack(12, 8, (first + k) & 0xFFFF_FFFF) for k in range(count)))
    assert list(run.sequences()) == [(first + k) & 0xFFFF_FFFF for k in range(count)]
    assert run.column(8, 4) == sequence_column(first, count)


@given(st.integers(1, 40), st.integers(1, 9), st.data())
def test_columns_go_out_and_come_back(count, width, data):
    stride = data.draw(st.integers(width, 30))
    at = data.draw(st.integers(0, stride - width))
    packed = data.draw(st.binary(min_size=count * width, max_size=count * width))
    block = bytearray(data.draw(st.binary(min_size=count * stride, max_size=count * stride)))
    before = bytes(block)
    cmpp.scatter(block, stride, at, packed, width)
    assert cmpp.gather(bytes(block), stride, at, width) == packed
    untouched = [k for k in range(len(block)) if not at <= k % stride < at + width]
    assert all(block[k] == before[k] for k in untouched)


@given(st.lists(st.integers(0, 1), min_size=1, max_size=200))
def test_repeats_counts_the_leading_equals(kinds):
    frames = [HEADER.pack(13, 0x80000008, k) + bytes((kind,)) for k, kind in enumerate(kinds)]
    leading = next((k for k, kind in enumerate(kinds) if kind != kinds[0]), len(kinds))
    assert repeats(b"".join(frames), 0, 13, (12,)) == leading
    assert repeats(b"".join(frames), 0, 13, ()) == len(kinds)


def test_a_request_and_its_response_of_the_same_length_are_two_runs():
    sent = [cmpp.encode(pdu, V30) for pdu in (cmpp.Terminate(1), cmpp.Terminate(2), cmpp.TerminateResp(3))]
    runs = cmpp.Framer(V30).feed(b"".join(sent))
    assert [(run.command, run.frames) for run in runs] == [(2, 2), (0x80000002, 1)]
