"""A stranger's opinion: tshark reads our frames as we meant them (Debian package tshark)."""

import subprocess
from pathlib import Path

import pytest

from fenghuo.wire import smpp
from tests.wire.smpp.test_vectors import GOLDEN

pytestmark = pytest.mark.peer
FIELDS = {
    "smpp.command_id": "command",
    "smpp.sequence_number": "sequence",
    "smpp.system_id": "system_id",
    "smpp.destination_addr": "destination",
    "smpp.source_addr": "source",
    "smpp.data_coding": "coding",
    "smpp.message_id": "message_id",
    "smpp.message_state": "state",
    "smpp.receipted_message_id": "receipted",
}


def dissect(folder: Path, frames: list[bytes]) -> list[dict[str, str]]:
    dump = "".join(
        "".join(f"{at:06x} {raw[at : at + 16].hex(' ')}\n" for at in range(0, len(raw), 16)) + "\n" for raw in frames
    )
    (folder / "h.txt").write_text(dump)
    capture = str(folder / "h.pcap")
    subprocess.run(["text2pcap", "-q", "-T", "40000,2775", str(folder / "h.txt"), capture], check=True, timeout=60)
    asked = [part for field in FIELDS for part in ("-e", field)]
    options = ["-d", "tcp.port==2775,smpp", "-o", "tcp.analyze_sequence_numbers:FALSE"]
    command = ["tshark", *options, "-r", capture, "-T", "fields", "-E", "separator=|", *asked]
    told = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    return [dict(zip(FIELDS.values(), line.split("|"), strict=True)) for line in told.splitlines()]


def test_every_frame_is_read_as_it_was_meant(tmp_path: Path) -> None:
    values = [pdu for pdu, _ in GOLDEN.values()]
    seen = dissect(tmp_path, [smpp.encode(pdu) for pdu in values])
    assert len(seen) == len(values)
    for pdu, told in zip(values, seen, strict=True):
        assert int(told["command"], 16) == pdu.command
        assert int(told["sequence"], 0) == pdu.sequence
        if isinstance(pdu, smpp.Message):
            assert (told["source"], told["destination"]) == (pdu.source, pdu.destination)
            assert int(told["coding"], 16) == pdu.data_coding
        if isinstance(pdu, smpp.Bind):
            assert told["system_id"] == pdu.system_id
        if isinstance(pdu, smpp.MessageResp) and pdu.message_id:
            assert told["message_id"] == pdu.message_id
    (receipt,) = (told for told in seen if told["receipted"])
    assert (receipt["receipted"], int(receipt["state"])) == ("0A1B2C", 5)
