"""Fault H6: any bytes give a PDU or a ProtocolError, at any cut, in linear time."""

import random
from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fenghuo.wire import smpp
from fenghuo.wire.smpp import layout as at
from fenghuo.wire.smpp.layout import COMMANDS, HEADER, MAX_FRAME
from tests.wire.smpp.makers import Pair, message, pdus, receipt, receipt_text, submit


def frames() -> st.SearchStrategy[bytes]:
    """Noise with a header that is right as far as it goes."""
    head = st.tuples(st.sampled_from([*COMMANDS, 0x99, 0x80000099]), st.binary(max_size=300), st.integers(-3, 3))
    return head.map(lambda made: HEADER.pack(max(0, 16 + len(made[1]) + made[2]), made[0], 0, 1) + made[1])


@given(pdus())
def test_what_is_encoded_decodes_to_itself(pdu):
    assert smpp.decode(smpp.encode(pdu)) == pdu


@given(st.binary(max_size=600) | frames())
@example(b"")
def test_any_bytes_decode_or_are_a_protocol_error(raw):
    try:
        pdu = smpp.decode(raw)
    except smpp.ProtocolError as wrong:
        assert wrong.code
        assert wrong.reason_en
        assert wrong.reason_zh
    else:
        assert isinstance(pdu, smpp.Pdu)


@given(pdus(), st.data())
def test_a_damaged_frame_decodes_or_is_a_protocol_error(pdu, data):
    raw = bytearray(smpp.encode(pdu))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(raw)))
    for damaged in (bytes(raw), bytes(raw[:cut]), bytes(raw) + b"\0"):
        try:
            smpp.decode(damaged)
        except smpp.ProtocolError:
            continue


@given(st.binary(max_size=160), st.dictionaries(st.sampled_from([0x1E, 0x427, 0x423]), st.binary(max_size=8)))
def test_any_receipt_is_read_or_refused(content, tlvs):
    told_in = message(receipt(content=content, tlvs=tlvs))
    try:
        told = smpp.Receipt.decode(told_in)
    except smpp.ProtocolError:
        return
    assert told.id
    assert told.stat


@given(st.lists(st.binary(max_size=200) | frames() | pdus().map(smpp.encode), max_size=8), st.booleans())
def test_a_session_survives_any_stream(chunks, at_client):
    pair = Pair().bound()
    session: smpp.ClientSession | smpp.ServerSession = pair.client if at_client else pair.server
    closed = 0
    for chunk in chunks:
        events = session.receive(chunk, pair.now)
        closed += sum(isinstance(event, smpp.Closed) for event in events)
        session.tick(pair.now)
    assert closed <= 1
    assert (session.state == "closed") == (closed == 1)


@given(st.text(max_size=24), st.integers())
def test_values_that_do_not_fit_are_a_protocol_error_too(said, number):
    for pdu in (
        smpp.Bind(number, at.BIND_TRANSCEIVER, said, said, said, number, number, number, said),
        smpp.Bind(1, number, "", ""),
        smpp.BindResp(1, 0x80000009, number, said),
        smpp.Bare(number, number, number),
        smpp.MessageResp(1, at.SUBMIT_SM_RESP, number, said * 4),
        submit(sequence=number, source=said, destination=said, service_type=said, esm_class=number),
        submit(validity_period=said, schedule_time=said, data_coding=number, tlvs={number: b""}),
        submit(tlvs={1: bytes(70_000)}),
        submit(content=bytes(70_000)),
    ):
        try:
            smpp.decode(smpp.encode(pdu))
        except smpp.ProtocolError:
            continue


def hostile_streams() -> dict[str, bytes]:
    draw = random.Random(7)
    test, alive = smpp.encode(smpp.Bare(1, at.ENQUIRE_LINK)), smpp.encode(smpp.Bare(1, at.ENQUIRE_LINK_RESP))
    answer = smpp.encode(smpp.MessageResp(9, at.SUBMIT_SM_RESP, 0, "9"))
    message = smpp.encode(submit(command=at.DELIVER_SM, source="1", destination="2", content=b""))
    odd = HEADER.pack(16, 0x777, 0, 1)
    broken = bytearray(receipt(1))
    broken[60] = 255
    shapes = [receipt(k, receipt_text("1" * (1 + k % 9)) + b"x" * (9 - k % 9)) for k in range(300)]
    wide = [
        receipt(
            k,
            bytes([k % 120]) + bytes(k % 120) + (receipt_text("1" * (1 + k % 9)) * 2).decode().encode("utf-16-be"),
            esm_class=0x44,
        )
        for k in range(200)
    ]
    names = [receipt(k, b"id:1 " * (k % 5) + b"stat:A text:" + b"id:2 " * (5 - k % 5)) for k in range(600)]
    huge = submit(command=at.DELIVER_SM, esm_class=at.RECEIPT, content=b"id:1 stat:DELIVRD " + b"id " * 20_000)
    return {
        "alternating tests": (test + alive) * 2000,
        "one test": test * 4000,
        "strays between tests": (answer + test) * 1900,
        "strays": answer * 3600,
        "messages": message * 1700,
        "messages between tests": (message + test) * 1200,
        "unknown commands": (odd + test) * 2000,
        "broken receipts, then whole": (bytes(broken) + receipt(2)) * 200,
        "receipts of many shapes": b"".join(shapes),
        "receipts of many shapes in pairs": b"".join(wide),
        "one long receipt in pairs": receipt(1, huge.content[:32_000].decode().encode("utf-16-le"), data_coding=8) * 2,
        "names over and over": b"".join(names),
        "one long receipt": smpp.encode(huge) * 2,
        "many parameters": receipt(tlvs=dict.fromkeys(range(9000), b"")) * 2,
        "noise": draw.randbytes(65536),
        "a longest frame": HEADER.pack(MAX_FRAME, at.DELIVER_SM, 0, 1) + draw.randbytes(MAX_FRAME - 16),
    }


@pytest.mark.parametrize("name", hostile_streams())
@pytest.mark.parametrize("chunk", [1 << 20, 1460, 16])
def test_no_stream_costs_more_than_a_millisecond_a_kilobyte(name, chunk):
    data = hostile_streams()[name]
    best = float("inf")
    for _ in range(3):
        session = Pair().bound().client
        began = process_time()
        for start in range(0, len(data), chunk):
            session.receive(data[start : start + chunk], 0.0)
            session.outgoing()
        best = min(best, process_time() - began)
        if best * 1000 / (len(data) / 1024) <= 1.0:
            break
    assert best * 1000 / (len(data) / 1024) <= 1.0
