"""A stranger's opinion: tshark reads our frames as we meant them (CMPP 3.0; Debian packages tshark)."""

import shutil
import subprocess
from pathlib import Path

import pytest

from fenghuo.wire import cmpp, text
from tests.wire.cmpp.test_vectors import GOLDEN, LONG, SUBMIT

pytestmark = pytest.mark.peer


def dissect(folder: Path, frames: list[bytes], *fields: str) -> list[dict[str, str]]:
    """What tshark says of each frame, one row a packet; only fields it knows."""
    dump = "".join(
        "".join(f"{at:06x} {raw[at : at + 16].hex(' ')}\n" for at in range(0, len(raw), 16)) + "\n" for raw in frames
    )
    (folder / "h.txt").write_text(dump)
    capture = folder / "h.pcap"
    _run("text2pcap", "-q", "-T", "40000,7890", str(folder / "h.txt"), str(capture))
    asked = [part for field in fields for part in ("-e", field)]
    told = _run(
        *(
            "tshark",
            "--disable-protocol",
            "smpp",
            "-d",
            "tcp.port==7890,cmpp",
            "-o",
            "tcp.analyze_sequence_numbers:FALSE",
        ),
        *("-r", str(capture), "-T", "fields", "-E", "separator=|", *asked),
    )
    return [dict(zip(fields, line.split("|"), strict=True)) for line in told.splitlines()]


def _run(*command: str) -> str:
    assert shutil.which(command[0]), f"{command[0]} is missing: apt-get install tshark"
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_golden_frame_of_3_0_is_cmpp_to_it(tmp_path):
    names = [name for name in GOLDEN if ".20" not in name]
    rows = dissect(
        tmp_path,
        [GOLDEN[name] for name in names],
        "_ws.col.Protocol",
        "cmpp.Command_Id",
        "cmpp.Sequence_Id",
        "_ws.malformed",
    )
    assert len(rows) == len(names)
    for name, row in zip(names, rows, strict=True):
        raw = GOLDEN[name]
        assert row["_ws.col.Protocol"] == "CMPP", name
        assert int(row["cmpp.Command_Id"], 0) == int.from_bytes(raw[4:8], "big"), name
        assert int(row["cmpp.Sequence_Id"], 0) == int.from_bytes(raw[8:12], "big"), name
        assert row["_ws.malformed"] == "", name


def test_it_reads_the_fields_of_a_submit(tmp_path):
    expected = {
        "cmpp.submit.DestUsr_tl": "2",
        "cmpp.Dest_terminal_Id": "10000000001,8610000000002",
        "cmpp.Msg_Length": str(len(SUBMIT.content)),
        "cmpp.submit.Registered_Delivery": "True",
        "cmpp.submit.Pk_total": "1",
        "cmpp.submit.Pk_number": "1",
        "cmpp.submit.Msg_level": "3",
        "cmpp.Servicd_Id": "YJGB",
        "cmpp.submit.Fee_UserType": "2",
        "cmpp.submit.Msg_src": "900001",
        "cmpp.submit.FeeType": "01",
        "cmpp.submit.FeeCode": "000000",
        "cmpp.submit.Valld_Time": "241106142942032+",
        "cmpp.submit.Src_Id": "12379",
        "cmpp.Msg_Fmt": "8",
        "cmpp.TP_udhi": "0",
    }
    (row,) = dissect(tmp_path, [cmpp.encode(SUBMIT, cmpp.V30)], *expected)
    row["cmpp.submit.Registered_Delivery"] = row["cmpp.submit.Registered_Delivery"].replace("1", "True")
    row["cmpp.Msg_Fmt"] = str(int(row["cmpp.Msg_Fmt"], 0))
    assert row == expected


def test_it_reads_a_long_message_and_every_batched_frame(tmp_path):
    said = "【下仓镇】" + "险" * 150
    templates = cmpp.compile_submits(cmpp.Envelope("900001", "12379", "YJGB"), text.split(said, 7))
    numbers = cmpp.destinations((f"100{k:08d}" for k in range(30)), 32)
    raw = cmpp.encode_segments(templates, 1, numbers, 15)
    frames = [run.frame(k) for run in cmpp.Framer(cmpp.V30).feed(raw) for k in range(run.frames)]
    fields = (
        "cmpp.submit.Pk_total",
        "cmpp.submit.Pk_number",
        "cmpp.submit.DestUsr_tl",
        "cmpp.Msg_Length",
        "cmpp.TP_udhi",
    )
    rows = dissect(tmp_path, [*frames, cmpp.encode(LONG, cmpp.V30)], *fields)
    assert [row["cmpp.submit.Pk_number"] for row in rows] == ["1", "2", "3", "1", "2", "3", "1"]
    assert {row["cmpp.submit.Pk_total"] for row in rows[:6]} == {"3"}
    assert {row["cmpp.TP_udhi"] for row in rows} == {"1"}
    assert {row["cmpp.submit.DestUsr_tl"] for row in rows[:6]} == {"15"}
    assert [row["cmpp.Msg_Length"] for row in rows[:3]] == ["140", "140", str(6 + 2 * (155 - 134))]


def test_it_reads_the_status_report_and_its_ids(tmp_path):
    expected = {
        "cmpp.deliver.Report.Status": "DELIVRD",
        "cmpp.deliver.Report.Submit_time": "2411051429",
        "cmpp.deliver.Report.Done_time": "2411051430",
        "cmpp.Report.SMSC_sequence": "99",
        "cmpp.Msg_Id.timestamp": "11/05 14:29:42,11/05 14:29:42",
        # Not Msg_Id.ismg_code: tshark reads only the upper 14 of its 22 bits.
        "cmpp.Msg_Id.sequence_id": "7,0",
        "cmpp.deliver.Dest_Id": "12379",
        "cmpp.deliver.Src_terminal_Id": "10000000001",
    }
    (row,) = dissect(tmp_path, [GOLDEN["report"]], *expected)
    assert row == expected
