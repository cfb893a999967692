"""What a phone wrote, in every coding and cut that is to be expected."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenghuo.wire import smpp
from fenghuo.wire import text as wire_text
from fenghuo.wire.smpp import layout as at
from tests.wire.smpp.makers import message, submit


def heard(content: bytes, **changes) -> smpp.Words:
    return smpp.words(submit(command=at.DELIVER_SM, content=content, **changes))


@pytest.mark.parametrize(
    ("content", "coding", "said"),
    [
        ("同意 123🌊".encode("utf-16-be"), 8, "同意 123🌊"),
        (b"Yes @home_1", 0, "Yes @home_1"),
        (b"Caf\xe9", 3, "Café"),
        (b"Caf\xe9", 0, "Café"),
        (b"\x00\x11 \x1be\x02 caf\x05", 0, "@_ €$ café"),
        (b"plain", 1, "plain"),
        (b"\xd8\x00", 8, "\ufffd"),
        (b"odd", 8, "潤\ufffd"),
        (b"a\0b", 3, "ab"),
        (b"\x1b", 0, ""),
        (b"", 8, ""),
    ],
)
def test_words_in_the_codings_that_come(content, coding, said):
    assert heard(content, data_coding=coding).text == said


@pytest.mark.parametrize("width", [8, 16])
def test_parts_are_tied_by_the_user_data_header(width):
    parts = wire_text.split("请转移" * 60, 0xAB if width == 8 else 0xABCD, width)
    found = [heard(part.udh + part.payload, esm_class=at.UDHI) for part in parts]
    assert "".join(one.text for one in found) == "请转移" * 60
    assert [(one.reference, one.total, one.number) for one in found] == [
        (0xAB if width == 8 else 0xABCD, len(parts), number) for number in range(1, len(parts) + 1)
    ]


def test_parts_are_tied_by_the_sar_parameters_and_a_payload_is_the_message():
    tlvs = {at.SAR_MSG_REF_NUM: b"\x12\x34", at.SAR_TOTAL_SEGMENTS: b"\x02", at.SAR_SEGMENT_SEQNUM: b"\x01"}
    assert heard("一".encode("utf-16-be"), tlvs=tlvs) == smpp.Words("一", 0x1234, 2, 1)
    long = message(smpp.encode(submit(command=at.DELIVER_SM, content="雨".encode("utf-16-be") * 400)))
    assert smpp.words(long) == smpp.Words("雨" * 400)
    for wrong in ({at.SAR_TOTAL_SEGMENTS: b"\0"}, {at.SAR_SEGMENT_SEQNUM: b"\x03"}, {at.SAR_MSG_REF_NUM: b"\x01"}):
        assert heard(b"", tlvs={**tlvs, **wrong}) == smpp.Words("")


@given(st.binary(max_size=160), st.integers(0, 255), st.integers(0, 255))
def test_any_content_is_some_words(content, coding, esm_class):
    said = heard(content, data_coding=coding, esm_class=esm_class)
    assert "\0" not in said.text
    assert 1 <= said.number <= said.total
