"""Golden bytes: the codec against frames assembled from the specification's tables by independent code."""

import json

import pytest

from fenghuo.wire import cmpp
from fenghuo.wire.cmpp.authentication import authenticator_ismg, authenticator_source
from tests.vectors.cmpp import tables

GOLDEN = {name: bytes.fromhex(told) for name, told in json.loads(tables.GOLDEN.read_text("utf-8")).items()}
CONTENT = "【下仓镇】暴雨红色预警".encode("utf-16-be")
SUBMIT = cmpp.Submit(
    sequence=3,
    destinations=("10000000001", "8610000000002"),
    content=CONTENT,
    sp_id="900001",
    src_id="12379",
    msg_level=3,
    service_id="YJGB",
    valid_time="241106142942032+",
)
LONG = cmpp.Submit(
    sequence=4,
    destinations=("10000000001",),
    content=bytes.fromhex("0500032a0201") + CONTENT,
    sp_id="900001",
    src_id="12379",
    pk_total=2,
    pk_number=1,
    msg_level=3,
    service_id="YJGB",
    tp_udhi=1,
    valid_time="241106142942032+",
)
MO = cmpp.Deliver(5, 0xB2B9DA8000010007, "12379", "10000000001", "同意".encode("utf-16-be"), "YJGB")
REPORT = cmpp.Report(0xB2B9DA8000010000, "DELIVRD", "2411051429", "2411051430", "10000000001", 99)


def reporting(width: int) -> cmpp.Deliver:
    return cmpp.Deliver(
        6, 0xB2B9DA8000010007, "12379", "10000000001", REPORT.encode(width), "YJGB", msg_fmt=0, registered_delivery=1
    )


PDUS: dict[str, cmpp.Pdu] = {
    "connect": cmpp.Connect(1, "900001", tables.SOURCE, 0x30, 105142942),
    "connect.20": cmpp.Connect(1, "900001", tables.SOURCE, 0x20, 105142942),
    "connect_resp": cmpp.ConnectResp(1, 0, tables.ISMG_30, 0x30),
    "connect_resp.20": cmpp.ConnectResp(1, 0, tables.ISMG_20, 0x20, 1),
    "terminate": cmpp.Terminate(2),
    "terminate_resp": cmpp.TerminateResp(2),
    "active_test": cmpp.ActiveTest(0xFFFFFFFF),
    "active_test_resp": cmpp.ActiveTestResp(0xFFFFFFFF),
    "submit": SUBMIT,
    "submit.20": SUBMIT,
    "submit.long": LONG,
    "submit_resp": cmpp.SubmitResp(3, 0xB2B9DA8000010000, 8),
    "submit_resp.20": cmpp.SubmitResp(3, 0xB2B9DA8000010000, 8),
    "deliver": MO,
    "deliver.20": MO,
    "report": reporting(32),
    "report.60": reporting(21),
    "report.20": reporting(21),
    "report.20.71": reporting(32),
    "deliver_resp": cmpp.DeliverResp(5, 0xB2B9DA8000010007, 0),
    "deliver_resp.20": cmpp.DeliverResp(5, 0xB2B9DA8000010007, 0),
    "query": cmpp.Query(7, "20241105", 1, "YJGB"),
    "query_resp": cmpp.QueryResp(7, "20241105", 1, "YJGB", 1, 2, 3, 4, 5, 6, 7, 8),
    "cancel": cmpp.Cancel(8, 0xB2B9DA8000010000),
    "cancel_resp": cmpp.CancelResp(8, 1),
    "cancel_resp.20": cmpp.CancelResp(8, 1, 1),
}


def version(name: str) -> cmpp.Layout:
    return cmpp.V20 if ".20" in name else cmpp.V30


def test_the_golden_file_is_what_the_tables_say():
    assert tables.all_frames() == GOLDEN


def test_every_pdu_has_a_vector():
    assert {type(pdu) for pdu in PDUS.values()} == set(cmpp.Pdu.__args__)
    assert PDUS.keys() == GOLDEN.keys()


@pytest.mark.parametrize("name", GOLDEN)
def test_encoding_gives_the_golden_bytes(name):
    assert cmpp.encode(PDUS[name], version(name)).hex() == GOLDEN[name].hex()


@pytest.mark.parametrize("name", GOLDEN)
def test_decoding_the_golden_bytes_gives_the_value(name):
    assert cmpp.decode(GOLDEN[name], version(name)) == PDUS[name]


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("connect", 27),
        ("connect_resp.20", 18),
        ("connect_resp", 21),
        ("terminate", 0),
        ("active_test_resp", 1),
        ("submit.20", 126 + 21 * 2 + len(CONTENT)),
        ("submit", 151 + 32 * 2 + len(CONTENT)),
        ("submit_resp.20", 9),
        ("submit_resp", 12),
        ("deliver.20", 73 + 4),
        ("deliver", 97 + 4),
        ("report", 97 + 71),
        ("report.60", 97 + 60),
        ("query", 27),
        ("query_resp", 51),
        ("cancel", 8),
        ("cancel_resp.20", 1),
    ],
)
def test_body_lengths_are_those_of_the_specification(name, size):
    assert len(GOLDEN[name]) - 12 == size


@pytest.mark.parametrize("name", ["report", "report.60", "report.20", "report.20.71"])
def test_a_report_is_read_in_either_length_whatever_the_version(name):
    deliver = cmpp.decode(GOLDEN[name], version(name))
    assert isinstance(deliver, cmpp.Deliver)
    assert cmpp.Report.decode(deliver.content) == REPORT


@pytest.mark.parametrize("name", ["report", "report.60", "report.20", "report.20.71"])
def test_the_documented_offsets_of_a_report_hold(name):
    raw, layout = GOLDEN[name], version(name)
    deliver = cmpp.decode(raw, layout)
    assert isinstance(deliver, cmpp.Deliver)
    shape = layout.reports[len(deliver.content)]
    assert shape.stride == len(raw)
    assert raw[shape.msg_id_at :][:8].hex() == "b2b9da8000010000"
    assert raw[shape.stat_at :][:7] == b"DELIVRD"
    assert raw[shape.submit_time_at :][:10] == b"2411051429"
    assert raw[shape.done_time_at :][:10] == b"2411051430"
    assert raw[shape.dest_at :][: shape.dest_width].rstrip(b"\0") == b"10000000001"
    assert int.from_bytes(raw[shape.smsc_sequence_at :][:4], "big") == 99
    assert raw[shape.deliver_id_at :][:8].hex() == "b2b9da8000010007"


def test_the_check_value_of_a_msg_id():
    parts = cmpp.MsgId(month=11, day=5, hour=14, minute=29, second=42, gateway=1, sequence=0)
    assert parts.pack() == 0xB2B9DA8000010000
    assert cmpp.MsgId.unpack(0xB2B9DA8000010000) == parts


def test_authenticators_are_the_specification_s_hashes():
    assert authenticator_source("900001", tables.SECRET, tables.STAMP) == tables.SOURCE
    assert authenticator_ismg(0, tables.SOURCE, tables.SECRET, 4) == tables.ISMG_30
    assert authenticator_ismg(0, tables.SOURCE, tables.SECRET, 1) == tables.ISMG_20
