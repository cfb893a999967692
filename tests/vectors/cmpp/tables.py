"""Frames assembled field by field from the tables of QB-GF-028-2003, knowing nothing of our codec.

Every frame is a list of (field, width in bytes, value): numbers are written big-endian, texts left-justified and padded with
zero bytes, bytes as they are. Lengths are summed up, never taken from the code under test. `golden.json` holds the result;
`python -m tests.vectors.cmpp.tables` writes it again, and a test compares.
"""

import hashlib
import json
from pathlib import Path

GOLDEN = Path(__file__).parent / "golden.json"

SECRET = b"fenghuo"
STAMP = "0105142942"  # the leading zero is lost on the wire and has to come back in the hash
SOURCE = hashlib.md5(b"900001" + b"\0" * 9 + SECRET + STAMP.encode()).digest()
ISMG_30 = hashlib.md5(b"\0\0\0\0" + SOURCE + SECRET).digest()
ISMG_20 = hashlib.md5(b"\0" + SOURCE + SECRET).digest()
MSG_ID = 0xB2B9DA8000010000  # 11-05 14:29:42, gateway 1, number 0
TEXT = "【下仓镇】暴雨红色预警".encode("utf-16-be")
UDH = bytes((5, 0, 3, 0x2A, 2, 1))

COMMANDS = {
    "connect": 0x00000001,
    "connect_resp": 0x80000001,
    "terminate": 0x00000002,
    "terminate_resp": 0x80000002,
    "submit": 0x00000004,
    "submit_resp": 0x80000004,
    "deliver": 0x00000005,
    "deliver_resp": 0x80000005,
    "query": 0x00000006,
    "query_resp": 0x80000006,
    "cancel": 0x00000007,
    "cancel_resp": 0x80000007,
    "active_test": 0x00000008,
    "active_test_resp": 0x80000008,
}

Field = tuple[str, int, int | str | bytes]


def submit(version: int, numbers: list[str], content: bytes, udhi: int, total: int, number: int) -> list[Field]:
    wide = version == 30
    terminal = 32 if wide else 21
    return [
        ("Msg_Id", 8, 0),
        ("Pk_total", 1, total),
        ("Pk_number", 1, number),
        ("Registered_Delivery", 1, 1),
        ("Msg_level", 1, 3),
        ("Service_Id", 10, "YJGB"),
        ("Fee_UserType", 1, 2),
        ("Fee_terminal_Id", terminal, ""),
        *([("Fee_terminal_type", 1, 0)] if wide else []),
        ("TP_pId", 1, 0),
        ("TP_udhi", 1, udhi),
        ("Msg_Fmt", 1, 8),
        ("Msg_src", 6, "900001"),
        ("FeeType", 2, "01"),
        ("FeeCode", 6, "000000"),
        ("ValId_Time", 17, "241106142942032+"),
        ("At_Time", 17, ""),
        ("Src_Id", 21, "12379"),
        ("DestUsr_tl", 1, len(numbers)),
        *[("Dest_terminal_Id", terminal, one) for one in numbers],
        *([("Dest_terminal_type", 1, 0)] if wide else []),
        ("Msg_Length", 1, len(content)),
        ("Msg_Content", len(content), content),
        ("LinkID", 20, "") if wide else ("Reserve", 8, ""),
    ]


def deliver(version: int, content: bytes, registered: int, fmt: int) -> list[Field]:
    wide = version == 30
    return [
        ("Msg_Id", 8, MSG_ID + 7),
        ("Dest_Id", 21, "12379"),
        ("Service_Id", 10, "YJGB"),
        ("TP_pid", 1, 0),
        ("TP_udhi", 1, 0),
        ("Msg_Fmt", 1, fmt),
        ("Src_terminal_Id", 32 if wide else 21, "10000000001"),
        *([("Src_terminal_type", 1, 0)] if wide else []),
        ("Registered_Delivery", 1, registered),
        ("Msg_Length", 1, len(content)),
        ("Msg_Content", len(content), content),
        ("LinkID", 20, "") if wide else ("Reserved", 8, ""),
    ]


def report(width: int) -> bytes:
    return join(
        [
            ("Msg_Id", 8, MSG_ID),
            ("Stat", 7, "DELIVRD"),
            ("Submit_time", 10, "2411051429"),
            ("Done_time", 10, "2411051430"),
            ("Dest_terminal_Id", width, "10000000001"),
            ("SMSC_sequence", 4, 99),
        ]
    )


def join(fields: list[Field]) -> bytes:
    written = b""
    for name, width, value in fields:
        if isinstance(value, int):
            piece = value.to_bytes(width, "big")
        else:
            raw = value.encode("ascii") if isinstance(value, str) else value
            piece = raw + b"\0" * (width - len(raw))
        assert len(piece) == width, name
        written += piece
    return written


def frame(command: str, sequence: int, fields: list[Field]) -> bytes:
    body = join(fields)
    return (
        join([("Total_Length", 4, 12 + len(body)), ("Command_Id", 4, COMMANDS[command]), ("Sequence_Id", 4, sequence)])
        + body
    )


def connect(version: int) -> list[Field]:
    return [("Source_Addr", 6, "900001"), ("Auth", 16, SOURCE), ("Version", 1, version), ("Timestamp", 4, 105142942)]


COUNTED = ("TLMsg", "Tlusr", "Scs", "WT", "FL", "MO_Scs", "MO_WT", "MO_FL")
COUNTS: list[Field] = [(name, 4, value) for value, name in enumerate(COUNTED, 1)]


def all_frames() -> dict[str, bytes]:
    """Every PDU of both versions, by name."""
    one, two = ["10000000001"], ["10000000001", "8610000000002"]
    return {
        "connect": frame("connect", 1, connect(0x30)),
        "connect.20": frame("connect", 1, connect(0x20)),
        "connect_resp": frame("connect_resp", 1, [("Status", 4, 0), ("Auth", 16, ISMG_30), ("Version", 1, 0x30)]),
        "connect_resp.20": frame("connect_resp", 1, [("Status", 1, 0), ("Auth", 16, ISMG_20), ("Version", 1, 0x20)]),
        "terminate": frame("terminate", 2, []),
        "terminate_resp": frame("terminate_resp", 2, []),
        "active_test": frame("active_test", 0xFFFFFFFF, []),
        "active_test_resp": frame("active_test_resp", 0xFFFFFFFF, [("Reserved", 1, 0)]),
        "submit": frame("submit", 3, submit(30, two, TEXT, 0, 1, 1)),
        "submit.20": frame("submit", 3, submit(20, two, TEXT, 0, 1, 1)),
        "submit.long": frame("submit", 4, submit(30, one, UDH + TEXT, 1, 2, 1)),
        "submit_resp": frame("submit_resp", 3, [("Msg_Id", 8, MSG_ID), ("Result", 4, 8)]),
        "submit_resp.20": frame("submit_resp", 3, [("Msg_Id", 8, MSG_ID), ("Result", 1, 8)]),
        "deliver": frame("deliver", 5, deliver(30, "同意".encode("utf-16-be"), 0, 8)),
        "deliver.20": frame("deliver", 5, deliver(20, "同意".encode("utf-16-be"), 0, 8)),
        "report": frame("deliver", 6, deliver(30, report(32), 1, 0)),
        "report.60": frame("deliver", 6, deliver(30, report(21), 1, 0)),
        "report.20": frame("deliver", 6, deliver(20, report(21), 1, 0)),
        "report.20.71": frame("deliver", 6, deliver(20, report(32), 1, 0)),
        "deliver_resp": frame("deliver_resp", 5, [("Msg_Id", 8, MSG_ID + 7), ("Result", 4, 0)]),
        "deliver_resp.20": frame("deliver_resp", 5, [("Msg_Id", 8, MSG_ID + 7), ("Result", 1, 0)]),
        "query": frame(
            "query", 7, [("Time", 8, "20241105"), ("Query_Type", 1, 1), ("Query_Code", 10, "YJGB"), ("Reserve", 8, "")]
        ),
        "query_resp": frame(
            "query_resp", 7, [("Time", 8, "20241105"), ("Query_Type", 1, 1), ("Query_Code", 10, "YJGB"), *COUNTS]
        ),
        "cancel": frame("cancel", 8, [("Msg_Id", 8, MSG_ID)]),
        "cancel_resp": frame("cancel_resp", 8, [("Success_Id", 4, 1)]),
        "cancel_resp.20": frame("cancel_resp", 8, [("Success_Id", 1, 1)]),
    }


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps({name: raw.hex() for name, raw in all_frames().items()}, indent=1) + "\n", "utf-8")
