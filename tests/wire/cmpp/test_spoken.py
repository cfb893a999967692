"""What a phone wrote, out of whatever bytes a gateway delivers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenghuo.wire import text
from fenghuo.wire.cmpp import Deliver, Spoken, spoken


def deliver(content: bytes, msg_fmt: int = 8, tp_udhi: int = 0) -> Deliver:
    return Deliver(1, 7, "12379", "10099000004", content, tp_udhi=tp_udhi, msg_fmt=msg_fmt)


@pytest.mark.parametrize(("msg_fmt", "encoding"), [(8, "utf-16-be"), (15, "gb18030")])
def test_chinese_in_either_encoding(msg_fmt, encoding):
    assert spoken(deliver("同意 123456".encode(encoding), msg_fmt)) == Spoken("同意 123456")


def test_plain_ascii():
    assert spoken(deliver(b"OK 12", 0)) == Spoken("OK 12")


@pytest.mark.parametrize("width", [8, 16])
def test_the_parts_of_a_long_message_name_their_place(width):
    said = "水位还在上涨，" * 20 + "𠮷"
    parts = text.split(said, 200, width)
    heard = [spoken(deliver(part.udh + part.payload, 8, 1)) for part in parts]
    assert [(one.reference, one.total, one.number) for one in heard] == [
        (200, len(parts), k + 1) for k in range(len(parts))
    ]
    assert "".join(one.text for one in heard) == said


@pytest.mark.parametrize(
    "header", ["", "ff", "050003070103", "0500030701", "0500030700", "050003070302", "0303", "03000102"]
)
def test_a_header_that_contradicts_itself_never_makes_a_part_out_of_range(header):
    heard = spoken(deliver(bytes.fromhex(header) + "同意".encode("utf-16-be"), 8, 1))
    assert 1 <= heard.number <= heard.total


@given(st.binary(max_size=255), st.integers(0, 255), st.integers(0, 1))
def test_any_bytes_are_read_without_an_error_and_can_be_stored(content, msg_fmt, tp_udhi):
    heard = spoken(deliver(content, msg_fmt, tp_udhi))
    assert "\0" not in heard.text
    heard.text.encode("utf-8")
    assert 1 <= heard.number <= heard.total
