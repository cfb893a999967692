"""Fault H6: any bytes give a PDU or a ProtocolError, at any cut, in linear time."""

import random
from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fenghuo.wire import cmpp
from fenghuo.wire.cmpp.layout import COMMANDS, HEADER, MAX_FRAME
from tests.wire.cmpp.makers import STAMP, Pair, octets, pdus, report

BOTH = pytest.mark.parametrize("layout", [cmpp.V30, cmpp.V20], ids=["3.0", "2.0"])
EITHER = st.sampled_from([cmpp.V30, cmpp.V20])


def frames() -> st.SearchStrategy[bytes]:
    """Noise with a header that is right as far as it goes."""
    head = st.tuples(st.sampled_from([*COMMANDS, 3, 9, 0x80000003]), st.binary(max_size=400), st.integers(-3, 3))
    return head.map(lambda made: HEADER.pack(max(0, 12 + len(made[1]) + made[2]), made[0], 1) + made[1])


@BOTH
def test_what_is_encoded_decodes_to_itself(layout):
    @given(pdus(layout))
    def check(pdu):
        assert cmpp.decode(cmpp.encode(pdu, layout), layout) == pdu

    check()


@given(st.binary(max_size=600) | frames(), EITHER)
@example(b"", cmpp.V30)
def test_any_bytes_decode_or_are_a_protocol_error(raw, layout):
    try:
        pdu = cmpp.decode(raw, layout)
    except cmpp.ProtocolError as wrong:
        assert wrong.code
        assert wrong.reason_en
        assert wrong.reason_zh
    else:
        assert cmpp.decode(cmpp.encode(pdu, layout), layout) == pdu


@BOTH
def test_a_damaged_frame_decodes_or_is_a_protocol_error(layout):
    @given(pdus(layout), st.data())
    def check(pdu, data):
        raw = bytearray(cmpp.encode(pdu, layout))
        for _ in range(data.draw(st.integers(1, 4))):
            raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
        cut = data.draw(st.integers(0, len(raw)))
        for damaged in (bytes(raw), bytes(raw[:cut]), bytes(raw) + b"\0"):
            try:
                cmpp.decode(damaged, layout)
            except cmpp.ProtocolError:
                continue

    check()


@given(st.binary(max_size=120))
def test_any_report_body_is_read_or_refused(body):
    try:
        assert len(cmpp.Report.decode(body).stat) <= 7
    except cmpp.ProtocolError:
        assert len(body) not in (60, 71)


@given(st.lists(st.binary(max_size=300) | frames(), max_size=8), st.booleans())
def test_a_session_survives_any_stream(chunks, at_client):
    pair = Pair().bound()
    session: cmpp.ClientSession | cmpp.ServerSession = pair.client if at_client else pair.server
    closed = 0
    for chunk in chunks:
        events = session.receive(chunk, pair.now)
        closed += sum(isinstance(event, cmpp.Closed) for event in events)
        session.tick(pair.now)
    assert closed <= 1
    assert (session.state == "closed") == (closed == 1)


@given(st.text(max_size=12), octets(6), st.integers())
def test_values_that_do_not_fit_are_a_protocol_error_too(said, sp_id, number):
    for pdu in (
        cmpp.Connect(number, sp_id, said.encode(), number, number),
        cmpp.Submit(1, (said,), b"", said, said, msg_id=number, service_id=said),
        cmpp.Deliver(1, number, said, said, b"x" * 300, said),
        cmpp.ConnectResp(1, number, bytes(16), 0x30, number % 6),
        cmpp.CancelResp(1, number, number % 6),
        cmpp.Query(1, said, number, said),
        cmpp.Submit(1, (), b"", sp_id, ""),
    ):
        try:
            cmpp.decode(cmpp.encode(pdu, cmpp.V30), cmpp.V30)
        except cmpp.ProtocolError:
            continue


def hostile_streams() -> dict[str, bytes]:
    draw = random.Random(7)
    tests = HEADER.pack(12, 8, 1), HEADER.pack(13, 0x80000008, 1) + b"\0"
    resp = cmpp.encode(cmpp.SubmitResp(9, 9, 0), cmpp.V30)
    mo = cmpp.encode(cmpp.Deliver(1, 1, "12379", "1", b"x"), cmpp.V30)
    broken = bytearray(report(1))
    broken[87] = 7
    return {
        "alternating tests": b"".join(tests) * 2600,
        "pairs": (tests[0] * 2 + tests[1]) * 1800,
        "runs of nine": (tests[0] * 9 + tests[1]) * 550,
        "one test": tests[0] * 5400,
        "strays": resp * 2700,
        "strays between tests": (resp + tests[0]) * 1800,
        "messages": mo * 600,
        "broken reports, then whole": (bytes(broken) + report(2)) * 180,
        "reports of two lengths": (report(1) + report(1, width=21)) * 190,
        "noise": draw.randbytes(65536),
        "a longest frame": HEADER.pack(MAX_FRAME, 4, 1) + draw.randbytes(MAX_FRAME - 12),
    }


@pytest.mark.parametrize("name", hostile_streams())
@pytest.mark.parametrize("chunk", [1 << 20, 1460, 16])
def test_no_stream_costs_more_than_a_millisecond_a_kilobyte(name, chunk):
    data = hostile_streams()[name]
    best = float("inf")
    for _ in range(3):
        session = Pair().bound().client
        began = process_time()
        for at in range(0, len(data), chunk):
            session.receive(data[at : at + chunk], 0.0)
            session.outgoing()
        best = min(best, process_time() - began)
    assert best * 1000 / (len(data) / 1024) <= 1.0


def test_no_frame_is_awaited_that_its_command_cannot_have():
    for total, command in [
        (11, 8),
        (14, 8),
        (MAX_FRAME + 1, 4),
        (0xFFFFFFFF, 4),
        (0x7FFFFFFF, 0x80000004),
        (40, 1),
        (12, 3),
    ]:
        framer = cmpp.Framer(cmpp.V30)
        assert framer.feed(HEADER.pack(total, command, 1)) == []
        assert framer.fault is not None
        assert framer.feed(b"more") == []
        assert framer.pending == 0


def test_a_secret_never_shows():
    assert "exercise" not in repr(Pair().client.login)
    assert STAMP not in repr(cmpp.Login("900001", STAMP.encode()))
